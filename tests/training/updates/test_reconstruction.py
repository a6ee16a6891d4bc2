"""Reconstruction: losses with known answers, and a run that learns, resumes and is refused."""

import json
import shutil

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.common.errors import ConfigError
from drumsmith.model.tones_and_noise.tracks import CHANNELS, Scaled
from drumsmith.training.config.presets import preset
from drumsmith.training.run.restore import load_generator
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import read_lines
from drumsmith.training.trainer import train
from drumsmith.training.updates.reconstruction_losses import (
    attack_distance,
    classification,
    divergence,
    lasting_distance,
    level_distances,
    line_distance,
    tone_distances,
)
from drumsmith.training.updates.registry import build_trainable

from ...helpers.runs import untrained, weights

SETTINGS = [
    "blocks=4",
    "lines=0",
    "attack=0",
    "latent_dim=4",
    "width=4",
    "batch_size=6",
    "learning_rate=0.02",
    "steps=16",
    "checkpoint_every=14",
    "preview_every=100",
    "log_every=1",
    "keep=10",
]


@pytest.fixture(scope="module")
def small():
    return preset("drums").with_settings(SETTINGS)


@pytest.fixture(scope="module")
def records(tmp_path_factory, write_records):
    return write_records(tmp_path_factory.mktemp("data") / "records", length=4096, train=6)


@pytest.fixture(scope="module")
def without_lines(small, records, tmp_path_factory):
    """Networks without lines, of no step."""
    return untrained(small, records, tmp_path_factory.mktemp("runs") / "without")


@pytest.fixture(scope="module")
def lined(small):
    return small.with_settings(["lines=1", "attack=1"])


@pytest.fixture(scope="module")
def run(lined, without_lines, records, tmp_path_factory):
    """A run of a few steps with lines, done, which started from the networks without."""
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "run")
    assert train(lined, records, folder, start_from=without_lines.path) == lined.steps
    return folder


def run_end(run):
    return max(run.checkpoints.glob("step-*"))


def scaled(frames=129, **changes):
    """Silence but for one loud tone; ``changes`` are added to the scaled parts by name."""
    values = np.full((1, frames, CHANNELS), -1.0, np.float32)
    values[:, :, 67:] = 0.0
    values[:, :, 64] = 0.9
    for name, change in changes.items():
        start = {"noise": 0, "level": 64, "pitch": 67, "roughness": 70}[name]
        values[:, :, start : start + (64 if name == "noise" else 3)] += change
    return Scaled(tf.constant(values), tf.constant([[1.0, 1, 1, 0, 0, 0]]))


def test_levels_are_compared_in_nepers():
    noise, tone = level_distances(scaled(noise=0.25, level=-0.5), scaled())
    np.testing.assert_allclose(noise, [2.0], rtol=1e-5)
    np.testing.assert_allclose(tone, [2.3], rtol=1e-5)


def test_what_lasts_is_compared_and_what_evens_out_is_not():
    flicker = np.resize([0.1, -0.1], (1, 129, 1)).astype(np.float32)
    flickering = scaled()._replace(frames=scaled().frames + flicker)
    np.testing.assert_allclose(lasting_distance(flickering, scaled()), [0.0], atol=1e-5)
    np.testing.assert_allclose(lasting_distance(scaled(noise=0.25), scaled()), [2.0], rtol=1e-5)


def test_the_contrast_of_lines_is_compared_where_there_is_any():
    ours = scaled()._replace(contrast=tf.constant([[1.0, 0.0, 0.5, 0.0]]))
    theirs = scaled()._replace(contrast=tf.constant([[0.0, 0.0, 1.5, 0.0]]))
    np.testing.assert_allclose(line_distance(ours, theirs), [0.5])
    np.testing.assert_allclose(line_distance(scaled(), theirs), [0.0])


def test_how_the_noise_begins_is_compared_where_it_is_said():
    ours = scaled()._replace(attack=tf.constant([[1.0, 0.0, -0.5, 0.0]]))
    theirs = scaled()._replace(attack=tf.constant([[0.0, 0.0, 0.5, 0.0]]))
    np.testing.assert_allclose(attack_distance(ours, theirs), [0.5])
    np.testing.assert_allclose(attack_distance(scaled(), theirs), [0.0])


def test_a_run_with_lines_and_attack_starts_from_one_without(
    run, without_lines, small, records, tmp_path
):
    before, after = weights(without_lines), weights(run)
    added = set(after) - set(before)
    layers = {name for name in added if not name.split("/")[0].endswith("_optimizer")}
    assert {name.split("/")[1] for name in layers} == {
        *("to_contrast", "of_contrast"),
        *("to_attack", "of_attack"),
    }
    for layer in ("to_contrast", "to_attack"):
        assert np.any(after[f"generator/{layer}/kernel"])  # it learned, from 0
    with pytest.raises(ConfigError, match="lines=True, this one False"):
        train(small, records, RunFolder(tmp_path / "b"), start_from=run.path)


def test_pitch_is_compared_where_a_tone_is_heard():
    pitch, roughness, phase = tone_distances(scaled(pitch=0.1), scaled())
    # A tenth of half the lowest band, 18 to 125 Hz; the others are silent.
    assert float(pitch[0]) == pytest.approx(0.1 * 0.5 * np.log(125 / 18), rel=0.02)
    assert float(roughness[0]) == float(phase[0]) == 0.0


def test_a_phase_turned_round_is_four_off_for_the_one_tone_of_three():
    turned = scaled()._replace(start=tf.constant([[-1.0, 1, 1, 0, 0, 0]]))
    assert float(tone_distances(turned, scaled())[2][0]) == pytest.approx(4.0 / 3)


def test_the_divergence_of_a_normal_from_itself_is_0_and_of_a_shifted_one_half_its_square():
    np.testing.assert_allclose(divergence(tf.zeros((1, 3)), tf.zeros((1, 3))), [0.0])
    np.testing.assert_allclose(divergence(tf.fill((1, 3), 2.0), tf.zeros((1, 3))), [6.0])


def test_the_flow_does_not_move_the_codes(small):
    model = build_trainable(small, 3, _phase(small))
    noise = model.step_noise(2)[1]
    with tf.GradientTape() as tape:
        audio = tf.ones((2, 4096))
        mean, _ = model.encoder(model.encoder.prepare(audio), tf.one_hot([0, 1], 3))
        loss = model._flow_loss(
            noise, tf.stop_gradient(mean), tf.ones_like(mean), tf.one_hot([0, 1], 3)
        )
    assert all(g is None for g in tape.gradient(loss, model.encoder.trainable_variables))


def test_classes_do_not_change_what_is_heard(small):
    model = build_trainable(small, 3, _phase(small))
    with tf.GradientTape() as tape:
        logits = model.encoder.classify(model.encoder.prepare(tf.ones((2, 4096))))
        loss = classification(logits, tf.one_hot([0, 1], 3))
    gradients = tape.gradient(loss, model.encoder.trainable_variables)
    learning = {
        variable.path.split("/")[-2]
        for variable, gradient in zip(model.encoder.trainable_variables, gradients, strict=True)
        if gradient is not None
    }
    assert learning == {"class_dense", "to_class"}


def test_the_classes_target_is_smoothed_by_a_tenth():
    # All logits alike: the cross entropy of any target is that of a guess among three.
    np.testing.assert_allclose(classification(tf.zeros((1, 3)), tf.one_hot([1], 3)), [np.log(3)])
    sure = tf.constant([[0.0, 50.0, 0.0]])
    np.testing.assert_allclose(classification(sure, tf.one_hot([1], 3)), [50 * 0.1 * 2 / 3], 1e-5)


def test_a_run_brings_the_sounds_nearer(run):
    lines = [json.loads(line) for line in run.scalars_file.read_text().splitlines()]
    assert lines[-1]["noise"] < lines[0]["noise"]
    assert lines[-1]["tone_level"] < lines[0]["tone_level"]


def test_a_run_that_was_killed_goes_on_to_the_same_weights(run, lined, records, tmp_path):
    killed = RunFolder(tmp_path / "killed")
    shutil.copytree(run.path, killed.path)
    (killed.checkpoints / run_end(run).name).unlink()
    assert train(lined, records, killed) == lined.steps
    with np.load(run_end(run)) as a, np.load(run_end(killed)) as b:
        assert set(a.files) == set(b.files)
        assert any(name.startswith("encoder/") for name in a.files)
        for name in a.files:
            np.testing.assert_array_equal(a[name], b[name], err_msg=name)


def test_a_run_is_restored_for_export(run):
    trained = load_generator(run.path)
    audio = trained.generator(np.zeros((1, 4), np.float32), np.array([1]))
    assert audio.shape == (1, 4096, 1)
    with np.load(run_end(run)) as state:
        kernel = next(v for v in trained.encoder.variables if v.path.endswith("to_code/kernel"))
        np.testing.assert_array_equal(kernel, state["encoder/to_code/kernel"])


def test_it_refuses_a_generator_that_it_cannot_train():
    with pytest.raises(ConfigError, match="generator cannot be 'upsampling'"):
        preset("drums").with_settings(["generator=upsampling"])


def _phase(config):
    return config.schedule.phases[-1]


def test_a_critic_of_its_own_width_may_follow(lined, run, records, tmp_path):
    settings = ["update=relativistic", "critic_width=1", "critic_updates=1", "steps=2"]
    # The sounds as they are: their augmentation takes long to trace, and is not this step's.
    settings.append("augment_resample=0")
    second = RunFolder(tmp_path / "second")
    train(lined.with_settings(settings), records, second, start_from=run.path)
    lines = [line for line in read_lines(second.scalars_file) if "critic_loss" in line]
    assert lines
    assert all(np.isfinite(line["generator_loss"]) for line in lines)
