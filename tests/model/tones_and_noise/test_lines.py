"""Spectral lines: found where they are, and given to noise again."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.tones_and_noise import lines
from drumsmith.model.tones_and_noise.lines import measure_lines, with_lines

LENGTH = 16384
RATE = 44_100.0


def white(count, seed=0, length=LENGTH):
    return np.random.default_rng(seed).standard_normal((count, length)).astype(np.float32)


def hz_of_lines():
    """Return the middle of each line."""
    middles, first = [], 0
    for width in lines.WIDTHS:
        middles += list(first + np.arange(0, LENGTH // 8, width) + width / 2)
        first += LENGTH // 8
    return np.array(middles) * RATE / LENGTH


@pytest.mark.parametrize("hz", [700.0, 3210.0, 7777.0, 15_000.0])
def test_a_steady_tone_in_noise_is_the_highest_line(hz):
    audio = 0.05 * white(1) + np.sin(2 * np.pi * hz * np.arange(LENGTH) / RATE).astype(np.float32)
    found = measure_lines(tf.constant(audio)).numpy()[0]
    assert found.shape == (lines.count(LENGTH),) == (1024,)
    top = int(found.argmax())
    assert abs(hz_of_lines()[top] - hz) <= np.diff(hz_of_lines())[top]
    assert found[top] > np.log(10.0)


def test_noise_gets_the_lines_that_were_asked_for():
    asked = np.zeros((8, 1024), np.float32)
    asked[:, 300:900:12] = 3.0  # each in its own neighbours, which lose what these gain
    found = measure_lines(with_lines(tf.constant(white(8)), tf.constant(asked))).numpy()
    high, low = found[:, 300:900:12], np.delete(found[:, 300:900], slice(None, None, 12), axis=1)
    # What is asked for counts as a ratio: 3 nepers between a line and what lies between lines.
    assert high.mean() - low.mean() == pytest.approx(3.0, abs=0.6)
    assert high.min() > np.median(low) + 1.0


def test_noise_keeps_its_power_and_its_bands():
    given = tf.constant(np.random.default_rng(1).uniform(-2, 2, (4, 1024)), tf.float32)
    made = with_lines(tf.constant(white(4)), given).numpy()
    np.testing.assert_allclose(made.var(axis=1), 1.0, atol=0.06)
    power = np.abs(np.fft.rfft(made))[:, :-1] ** 2 / LENGTH
    eighths = power.reshape(4, 8, -1).mean(axis=2)
    np.testing.assert_allclose(eighths, 1.0, atol=0.1)


def test_without_lines_every_bin_has_the_same_power():
    made = with_lines(tf.constant(white(2)), tf.zeros((2, 1024))).numpy()
    np.testing.assert_allclose(np.abs(np.fft.rfft(made))[:, 1:-1] ** 2 / LENGTH, 1.0, atol=1e-3)


def test_silence_has_no_lines_and_a_whole_sound_hears_none_below_its_range():
    assert not np.any(measure_lines(tf.zeros((1, LENGTH))))
    loud = np.fft.rfft(white(1)[0])
    loud[LENGTH // 8 :] *= 1e-4  # 80 dB under the rest
    found = measure_lines(tf.constant(np.fft.irfft(loud)[None], tf.float32)).numpy()[0]
    assert np.abs(found[:500]).mean() > 0.2
    assert not np.any(found[560:])


@pytest.mark.parametrize("length", [2048, 4096])
def test_shorter_sounds_have_fewer_lines(length):
    found = measure_lines(tf.constant(white(2, length=length)))
    assert found.shape == (2, lines.count(length))
    assert with_lines(tf.constant(white(2, length=length)), found).shape == (2, length)
