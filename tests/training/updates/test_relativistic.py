"""Relativistic pairing against the same losses written out by hand."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.common.errors import ConfigError
from drumsmith.model.critic import draw_shifts
from drumsmith.training.updates import noise as draws
from drumsmith.training.updates.noise import StepNoise
from drumsmith.training.updates.registry import build_trainable

BATCH, GAMMA = 4, 6.0


@pytest.fixture
def relativistic(tiny):
    return tiny.with_settings(["update=relativistic", "critic_updates=1", f"gp_weight={GAMMA}"])


def squared_gradient(gan, audio, label, shifts):
    with tf.GradientTape() as tape:
        tape.watch(audio)
        score = tf.reduce_sum(gan.critic(audio, label, shifts))
    return tf.reduce_sum(tape.gradient(score, audio) ** 2, axis=1)


def changed(audio, draws):
    """Lower each sound by up to 6 dB, and turn half of them upside down."""
    sign = tf.where(draws[:, 2:3] < 0.5, -1.0, 1.0)
    return sign * audio * 10 ** (-6 * draws[:, :1] / 20)


@pytest.mark.parametrize(
    "settings",
    [
        [],
        ["augment_generated=true", "augment_gain_db=6", "augment_polarity=true"],
        ["critic=waveform-and-log-mel"],
        ["minibatch_deviation=true"],
    ],
)
def test_both_losses_are_those_of_the_paper(relativistic, settings):
    config = relativistic.with_settings(["learning_rate=1e-30", *settings])
    gan = build_trainable(config, 3, config.schedule.phases[-1])
    rng = np.random.default_rng(0)
    audio = tf.constant(rng.uniform(-1, 1, (BATCH, 1, 1024)).astype(np.float32))
    label = tf.constant(rng.integers(0, 3, (BATCH, 1)), tf.int32)
    real, classes = audio[:, 0], label[:, 0]
    random = StepNoise(config.seed, tf.constant(0, tf.int64), BATCH)
    score, penalty, generator = (
        draw_shifts(random.seed(purpose), gan.critic.shuffles)
        for purpose in (draws.SHIFTS_SCORE, draws.SHIFTS_PENALTY, draws.SHIFTS_GENERATOR)
    )
    fake = gan.generator(random.normal(draws.LATENT_FOR_CRITIC, 1, 6)[:, 0], classes)[..., 0]
    if config.augment_generated:
        fake = changed(fake, random.uniform(draws.CHANGE_FOR_CRITIC, 1, 4)[:, 0])
    gap = gan.critic(real, classes, score) - gan.critic(fake, classes, score)
    both = sum(squared_gradient(gan, sound, classes, penalty) for sound in (real, fake))
    expected = tf.reduce_mean(tf.math.log(1 + tf.exp(-gap)) + GAMMA / 2 * both)
    expected_gap = tf.reduce_mean(gap)
    fake = gan.generator(random.normal(draws.LATENT_FOR_GENERATOR, 6), classes)[..., 0]
    if config.augment_generated:
        fake = changed(fake, random.uniform(draws.CHANGE_FOR_GENERATOR, 4))
    gap = gan.critic(real, classes, generator) - gan.critic(fake, classes, generator)
    expected_generator = tf.reduce_mean(tf.math.log(1 + tf.exp(gap)))
    gan.train_step((audio, label))
    scalars = gan.read_scalars()
    assert scalars["critic_loss"] == pytest.approx(float(expected), rel=1e-4)
    assert scalars["generator_loss"] == pytest.approx(float(expected_generator), rel=1e-4)
    assert scalars["score_gap"] == pytest.approx(float(expected_gap), rel=1e-4)
    assert "wasserstein" not in scalars


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (["augment_generated=true"], "it needs augment_gain_db or augment_polarity"),
        (
            ["augment_generated=true", "augment_polarity=true", "augment_shift_ms=1"],
            "augment_shift_ms cannot be 1.0: augment_generated has no such change",
        ),
        (["minibatch_deviation=true", "batch_size=6"], "batch_size cannot be 6: .* 4 sounds"),
        (["critic=waveform-and-log-mel", "progressive=true"], "critic waveform-and-log-mel does"),
    ],
)
def test_options_of_the_critic_that_do_not_go_together_are_refused(relativistic, settings, told):
    with pytest.raises(ConfigError, match=told):
        relativistic.with_settings(settings)


def test_sounds_without_their_group_are_refused(relativistic):
    config = relativistic.with_settings(["minibatch_deviation=true"])
    gan = build_trainable(config, 3, config.schedule.phases[-1])
    with pytest.raises(ConfigError, match="4 sounds at a time, and each replica has 2"):
        gan.train_step((tf.zeros((2, 1, 1024)), tf.zeros((2, 1), tf.int32)))
