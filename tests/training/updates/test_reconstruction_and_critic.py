"""Reconstruction and critic in one step: its losses by hand, a run that resumes, refusals."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.common.errors import ConfigError
from drumsmith.model.critic import draw_shifts
from drumsmith.training.config.presets import preset
from drumsmith.training.run.checkpoints import list_checkpoints
from drumsmith.training.run.restore import load_generator
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.trainer import train
from drumsmith.training.updates import noise as draws
from drumsmith.training.updates.reconstruction_and_critic import CRITIC_WEIGHT
from drumsmith.training.updates.registry import build_trainable

from ...helpers.runs import weights

PLAIN = ["augment_stretch=0", "augment_tilt_db=0", "augment_exchange=0", "augment_resample=0"]
SETTINGS = [
    "update=reconstruction-and-critic",
    *PLAIN,
    "lines=0",
    "attack=0",
    "blocks=4",
    "latent_dim=4",
    "width=4",
    "critic_width=1",
    "batch_size=4",
    "gp_weight=2",
    "steps=4",
    "checkpoint_every=2",
    "preview_every=100",
    "log_every=1",
]


@pytest.fixture(scope="module")
def config():
    return preset("drums").with_settings(SETTINGS)


def test_a_critic_hears_each_sound_beside_what_is_made_of_it(config):
    model = build_trainable(
        config.with_settings(["learning_rate=1e-30"]), 3, config.schedule.phases[-1]
    )
    rng = np.random.default_rng(0)
    real = tf.constant(rng.uniform(-1, 1, (4, 4096)).astype(np.float32))
    label = tf.constant([0, 1, 2, 0])
    _, noise = model.step_noise(4)
    distance, made = model.make_again(real, label, noise)
    fake = model.generator.render(made, noise.normal(draws.LATENT_FOR_GENERATOR, 4))
    model.read_scalars()

    def gap(purpose):
        shifts = draw_shifts(noise.seed(purpose), model.critic.shuffles)
        return model.critic(real, label, shifts) - model.critic(fake, label, shifts)

    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        shifts = draw_shifts(noise.seed(draws.SHIFTS_PENALTY), model.critic.shuffles)
        scores = [model.critic(sound, label, shifts) for sound in (real, fake)]
    squares = [
        tf.reduce_sum(tape.gradient(score, sound) ** 2, axis=1)
        for score, sound in zip(scores, (real, fake), strict=True)
    ]
    penalty = config.gp_weight / 2 * sum(squares)
    gaps = gap(draws.SHIFTS_SCORE)
    expected = tf.reduce_mean(tf.math.softplus(-gaps) + penalty)
    verdict = tf.reduce_mean(tf.math.softplus(gap(draws.SHIFTS_GENERATOR)))
    model.train_step((real[:, None], label[:, None]))
    scalars = model.read_scalars()
    assert scalars["critic_loss"] == pytest.approx(float(expected), rel=1e-3)
    assert scalars["generator_loss"] == pytest.approx(float(verdict), rel=1e-3)
    assert scalars["score_gap"] == pytest.approx(float(tf.reduce_mean(gaps)), rel=1e-3)
    assert np.isfinite(distance).all()
    assert 0 < CRITIC_WEIGHT < 1


def test_a_run_trains_all_four_networks_and_goes_on_where_it_was_killed(
    config, write_records, tmp_path
):
    records = write_records(tmp_path / "records", length=4096, train=6)
    run, killed = RunFolder(tmp_path / "run"), RunFolder(tmp_path / "killed")
    train(config, records, run)
    whole = weights(run)
    shutil.copytree(run.path, killed.path)
    list_checkpoints(killed.checkpoints)[-1].unlink()
    train(config, records, killed)
    for name, array in weights(killed).items():
        np.testing.assert_array_equal(array, whole[name], err_msg=name)
    roles = {name.split("/")[0] for name in whole}
    assert {"generator", "averaged", "encoder", "critic", "critic_optimizer"} <= roles
    assert load_generator(run.path).encoder is not None


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["augment_tilt_db=3"], "augment_tilt_db cannot be 3.0: a critic would tell"),
        (["minibatch_deviation=true"], "compares pairs"),
        (["augment_generated=true", "augment_polarity=true"], "makes no new sounds"),
        (["generator=upsampling"], "trains generator tones-and-noise"),
    ],
)
def test_what_does_not_go_together_is_refused(config, settings, told):
    with pytest.raises(ConfigError, match=told):
        config.with_settings(settings)
