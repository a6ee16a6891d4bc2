import numpy as np
import pytest
import tensorflow as tf

from drumsmith.tfrecords.reading.augmentation import Augmentation, augment

FADE = 8


def sounds(rows=4, length=1024):
    time = np.arange(length)
    audio = np.sin(0.2 * time) * np.minimum(1, np.minimum(time, time[::-1]) / 20)
    return tf.constant(np.tile(audio, (rows, 1)), tf.float32)


def change(options, *draws, audio=None):
    rows = tf.constant(np.array(draws).reshape(-1, 4), tf.float32)
    return augment(sounds(len(rows)) if audio is None else audio, rows, options, FADE).numpy()


def test_everything_is_off_by_default():
    assert not Augmentation().active
    np.testing.assert_array_equal(change(Augmentation(), [0.3] * 4), sounds(1))


@pytest.mark.parametrize(("draw", "gain"), [(0.0, 1.0), (0.5, 10**-0.3), (0.999999, 10**-0.6)])
def test_gain_lowers_by_up_to_its_decibels(draw, gain):
    result = change(Augmentation(gain_db=12), [draw, 0, 0, 0])
    np.testing.assert_allclose(result, gain * sounds(1), atol=1e-5)


@pytest.mark.parametrize(("draw", "sign"), [(0.49, -1), (0.51, 1)])
def test_polarity_turns_half_of_the_sounds(draw, sign):
    np.testing.assert_array_equal(
        change(Augmentation(polarity=True), [0, 0, draw, 0]), sign * sounds(1)
    )


@pytest.mark.parametrize(("draw", "delay"), [(0.0, 0), (0.5, 5), (0.9999, 9)])
def test_shift_delays_and_keeps_the_attack(draw, delay):
    result = change(Augmentation(shift_samples=9), [0, draw, 0, 0])[0]
    assert not result[:delay].any()
    np.testing.assert_array_equal(result[delay:-FADE], sounds(1)[0, : 1024 - delay - FADE])


@pytest.mark.parametrize(("draw", "speed"), [(0.0, 1024 / 896), (0.5, 1.0), (0.99999, 1024 / 1152)])
def test_resampling_changes_the_pitch(draw, speed):
    result = change(Augmentation(resample=0.125), [0, 0, 0, draw])[0]
    expected = np.sin(0.2 * speed * np.arange(1024))
    np.testing.assert_allclose(result[100:800], expected[100:800], atol=2e-3)


@pytest.mark.parametrize("draw", [0.0, 0.3, 0.5, 0.9])
def test_a_sound_that_rings_on_does_so_at_any_speed(draw):
    """Played faster, half of all cymbals were over by up to a tenth too soon, in silence."""
    rings = np.sin(0.2 * np.arange(1024)) * np.minimum(1, np.arange(1024)[::-1] / 64)
    rows = tf.constant([[0, 0, 0, draw]], tf.float32)
    options = Augmentation(resample=0.125)
    audio = tf.constant(rings[None], tf.float32)
    result = augment(audio, rows, options, 64).numpy()[0]
    pieces = np.abs(result[:960]).reshape(-1, 40).max(axis=1)
    np.testing.assert_allclose(pieces, 1.0, atol=0.25)
    assert result[-1] == 0
    assert np.all(np.abs(result[-64:]) <= np.arange(64)[::-1] / 64 + 1e-6)


def test_a_sound_that_had_ended_stays_silent_at_any_speed():
    short = np.zeros((1, 1024), np.float32)
    short[0, 1:400] = 0.5
    for draw in (0.0, 0.3, 0.9):
        rows = tf.constant([[0, 0, 0, draw]], tf.float32)
        result = augment(tf.constant(short), rows, Augmentation(resample=0.125), 64).numpy()[0]
        assert np.abs(result[600:]).max() < 0.01


def test_a_sound_still_starts_and_ends_at_zero_within_full_scale():
    audio = np.random.default_rng(0).uniform(-1, 1, (64, 1024)).astype(np.float32)
    audio[:, [0, -1]] = 0
    draws = np.random.default_rng(1).uniform(size=(64, 4))
    options = Augmentation(gain_db=6, shift_samples=50, polarity=True, resample=0.1)
    result = change(options, draws, audio=tf.constant(audio))
    assert not result[:, [0, -1]].any()
    assert np.abs(result).max() <= 1


def test_each_row_depends_on_its_own_draws_alone():
    options = Augmentation(gain_db=6, shift_samples=50, polarity=True, resample=0.1)
    draws = np.random.default_rng(1).uniform(size=(4, 4))
    together = change(options, draws)
    np.testing.assert_allclose(together[2:3], change(options, draws[2]), atol=1e-6)


def test_it_runs_inside_map():
    options = Augmentation(gain_db=6, shift_samples=50, polarity=True, resample=0.1)
    draws = tf.constant([[0.1, 0.2, 0.3, 0.4]])
    dataset = tf.data.Dataset.from_tensors((sounds(1), draws))
    mapped = dataset.map(lambda audio, rows: augment(audio, rows, options, FADE))
    np.testing.assert_allclose(
        next(iter(mapped)), augment(sounds(1), draws, options, FADE), atol=1e-6
    )


@pytest.mark.parametrize("wrong", [{"gain_db": -1}, {"shift_samples": -1}, {"resample": 0.5}])
def test_sizes_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Augmentation(**wrong)
