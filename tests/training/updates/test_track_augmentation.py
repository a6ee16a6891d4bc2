"""Changes to sounds taken apart: what each moves, and what it must leave."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.tones_and_noise.tracks import CHANNELS, Scaled, levels, split
from drumsmith.training.updates.noise import StepNoise
from drumsmith.training.updates.track_augmentation import exchanged, stretched, tilted

FRAMES = 129


@pytest.fixture
def chance():
    return StepNoise(7, tf.constant(3, tf.int64), 8)


@pytest.fixture
def sounds():
    """Eight sounds with steady tones; all else falls from 1 to the floor, each at its own rate."""
    time = np.linspace(0, 1, FRAMES)
    fall = 1.0 - 2.0 * np.minimum(time[None] * (2 + np.arange(8)[:, None]) / 4, 1.0)
    frames = np.repeat(fall[:, :, None], CHANNELS, axis=2).astype(np.float32)
    frames[:, :, -3:] = -1.0
    start = np.repeat(np.arange(8, dtype=np.float32)[:, None], 6, axis=1)
    return Scaled(tf.constant(frames), tf.constant(start))


def test_a_stretched_sound_is_the_same_sound_in_another_time(sounds, chance):
    changed = stretched(sounds, chance, 0.2).frames.numpy()[:, :, 0]
    rates = []
    for before, after in zip(sounds.frames.numpy()[:, :, 0], changed, strict=True):
        rates.append(after[:10].ptp() / before[:10].ptp())
        assert after[0] == before[0]
    assert 0.8 <= min(rates) < 0.97
    assert 1.03 < max(rates) <= 1.2001
    assert np.all(np.diff(changed, axis=1) <= 1e-6)  # still falling, to the end


def test_a_sound_that_rings_on_does_so_in_another_time(chance):
    """Faded frames at the very end stood for all that came after: cymbals were cut short."""
    ringing = np.zeros((8, FRAMES, CHANNELS), np.float32)
    ringing[:, -2:] = -1.0
    sounds = Scaled(tf.constant(ringing), tf.zeros((8, 6)))
    changed = stretched(sounds, chance, 0.2).frames.numpy()
    assert np.all(changed == 0.0)


def test_no_stretch_is_no_change_but_at_the_very_end(sounds, chance):
    changed = stretched(sounds, chance, 0.0).frames.numpy()
    np.testing.assert_allclose(changed[:, :-3], sounds.frames.numpy()[:, :-3], atol=1e-3)


def test_a_tilt_is_one_smooth_filter_for_the_whole_sound(sounds, chance):
    noise, _ = levels(tilted(sounds, chance, 3.0).frames)
    before, _ = levels(sounds.frames)
    moved = (noise - before).numpy() * 10 / np.log(10)  # dB
    loud = split(sounds.frames)[0].numpy()[:, :20].min(axis=(1, 2)) > -0.8
    np.testing.assert_allclose(moved[loud, 0], moved[loud, 19], atol=1e-3)
    assert np.abs(np.diff(moved[:, 0], n=2, axis=1)).max() < 0.1
    assert 1.0 < np.std(moved[:, 0, [0, 31, 63]]) < 6.0


def test_a_tilt_leaves_silence_and_tones_alone(sounds, chance):
    changed = tilted(sounds, chance, 12.0).frames.numpy()
    silent = sounds.frames.numpy()[:, :, :64] <= -1.0
    assert silent.any()
    assert np.all(changed[:, :, :64][silent] == -1.0)
    np.testing.assert_array_equal(changed[:, :, 64:], sounds.frames[:, :, 64:])


def test_tones_are_exchanged_within_a_label(sounds, chance):
    label = tf.constant([0, 1, 0, 1, 0, 1, 2, 0])
    changed = exchanged(sounds, label, chance, 1.0)
    np.testing.assert_array_equal(changed.frames[:, :, :64], sounds.frames[:, :, :64])
    whose = changed.start.numpy()[:, 0].astype(int)
    np.testing.assert_array_equal(label.numpy()[whose], label)
    np.testing.assert_array_equal(
        changed.frames.numpy()[:, :, 64:], sounds.frames.numpy()[whose][:, :, 64:]
    )
    assert len(set(whose)) > 3
    assert np.any(whose != np.arange(8))


def test_noise_in_the_tones_bands_stays_with_its_sound(sounds, chance):
    """The low end of a long hat went on behind a short one: a fault of one hat in four."""
    frames = sounds.frames.numpy()
    frames[::2, :, -3:] = 0.9  # rough
    mixed = sounds._replace(frames=tf.constant(frames))
    whose = exchanged(mixed, tf.zeros(8, tf.int32), chance, 1.0).start.numpy()[:, 0].astype(int)
    np.testing.assert_array_equal(whose[::2], np.arange(0, 8, 2))
    assert np.all(whose % 2 == np.arange(8) % 2)
    assert np.any(whose != np.arange(8))


def test_only_the_share_is_exchanged(sounds, chance):
    label = tf.zeros(8, tf.int32)
    assert np.all(exchanged(sounds, label, chance, 0.0).start == sounds.start)
    kept = exchanged(sounds, label, chance, 0.5).start.numpy()[:, 0] == np.arange(8)
    assert 1 <= kept.sum() < 8
