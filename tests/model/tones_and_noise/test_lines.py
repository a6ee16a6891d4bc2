"""Spectral lines: found where they are, and given to noise again."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.tones_and_noise import lines
from drumsmith.model.tones_and_noise.lines import (
    CONTRASTS,
    PARTS,
    measure_contrast,
    measure_lines,
    with_lines,
    with_uneven_bands,
)
from drumsmith.model.tones_and_noise.noise import noise_levels, shaped_noise
from drumsmith.model.tones_and_noise.tracks import NOISE_FLOOR

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
    found = lines_of(audio)[0]
    assert found.shape == (lines.count(LENGTH),) == (1024,)
    top = int(found.argmax())
    assert abs(hz_of_lines()[top] - hz) <= np.diff(hz_of_lines())[top]
    assert found[top] > np.log(10.0)


def lines_of(audio):
    audio = tf.constant(audio)
    return measure_lines(audio, noise_levels(audio), NOISE_FLOOR).numpy()


def contrast_of(audio):
    audio = tf.constant(audio)
    return measure_contrast(audio, noise_levels(audio), NOISE_FLOOR).numpy()


def chance(count, seed=3):
    return np.random.default_rng(seed).standard_normal((count, 1024)).astype(np.float32)


def test_noise_gets_lines_of_the_contrast_that_was_asked_for():
    asked = np.full((8, CONTRASTS), 0.3, np.float32)
    asked[:, 4:8] = 1.0
    asked[:, 8:12] = 2.0
    made = with_lines(tf.constant(white(8)), tf.constant(asked), tf.constant(chance(8)))
    found = contrast_of(made).mean(axis=0)
    np.testing.assert_allclose(found[4:8], 1.0, atol=0.12)
    np.testing.assert_allclose(found[8:12], 1.8, atol=0.3)
    assert np.all(found[[0, 1, 2, 3, 12, 13, 14, 15]] < 0.7)  # what chance gives is above 0.3


def test_bands_become_as_uneven_as_was_asked_for_and_silent_ones_stay_silent():
    asked = np.zeros((64, CONTRASTS), np.float32)
    asked[:, PARTS:] = [0.1, 0.3, 0.5, 1.0]
    levels = np.full((64, 129, 64), np.log(1e-3), np.float32)
    levels[:, 60:] = np.log(NOISE_FLOOR)
    bands = np.random.default_rng(2).standard_normal((64, 64)).astype(np.float32)
    uneven = with_uneven_bands(tf.constant(levels), asked, bands, NOISE_FLOOR)
    assert np.all(uneven.numpy()[:, 60:] == levels[:, 60:])
    found = contrast_of(shaped_noise(uneven, tf.constant(white(64))))[:, PARTS:].mean(axis=0)
    # Half of the sound is silent, which must not count.
    np.testing.assert_allclose(found, asked[0, PARTS:], rtol=0.25, atol=0.05)


def test_lines_are_where_chance_says():
    made = with_lines(tf.constant(white(2)), tf.ones((2, CONTRASTS)), tf.constant(chance(2)))
    found = lines_of(made)
    for ours, theirs in zip(found, chance(2), strict=True):
        assert np.corrcoef(ours, theirs)[0, 1] > 0.8


def test_noise_keeps_its_power_and_its_bands():
    contrast = tf.random.stateless_uniform((4, CONTRASTS), (1, 2), maxval=1.5)
    made = with_lines(tf.constant(white(4)), contrast, tf.constant(chance(4))).numpy()
    np.testing.assert_allclose(made.var(axis=1), 1.0, atol=0.06)
    power = np.abs(np.fft.rfft(made))[:, :-1] ** 2 / LENGTH
    eighths = power.reshape(4, 8, -1).mean(axis=2)
    np.testing.assert_allclose(eighths, 1.0, atol=0.3)


def test_without_contrast_every_bin_has_the_same_power():
    made = with_lines(
        tf.constant(white(2)), tf.zeros((2, CONTRASTS)), tf.constant(chance(2))
    ).numpy()
    np.testing.assert_allclose(np.abs(np.fft.rfft(made))[:, 1:-1] ** 2 / LENGTH, 1.0, atol=1e-3)


def test_metal_has_more_contrast_than_noise():
    tones = [np.sin(2 * np.pi * hz * np.arange(LENGTH) / RATE) for hz in range(800, 5000, 190)]
    metal = (np.sum(tones, axis=0) + 0.1 * white(1)).astype(np.float32)
    found = contrast_of(np.concatenate([metal, white(1)]))
    assert np.all(found[0, 3:7] > 1.0)
    assert np.all(found[1, :PARTS] < 0.75)
    assert found[0, PARTS:].max() > 3 * found[1, PARTS:].max()


def test_a_gap_between_lines_stays_one_however_the_sound_is_struck():
    """Without a window, the lines of a struck cymbal filled the gaps: 30 dB were measured as 12."""
    time = np.arange(LENGTH) / RATE
    tones = [np.sin(2 * np.pi * hz * time) for hz in range(1000, 5000, 200)]
    struck = (np.exp(-time / 0.1) * np.sum(tones, axis=0) + 0.03 * white(1)).astype(np.float32)
    audio = tf.constant(struck)
    found = measure_lines(audio, noise_levels(audio), NOISE_FLOOR).numpy()[0]
    hz = hz_of_lines()
    inside = (hz > 1500) & (hz < 4500)
    off = np.abs((hz + 100) % 200 - 100)
    peaks, gaps = found[inside & (off < 8)].mean(), found[inside & (off > 50)].mean()
    assert 10 / np.log(10) * (peaks - gaps) > 22


def test_silence_has_no_lines_and_a_whole_sound_hears_none_below_its_range():
    assert not np.any(contrast_of(np.zeros((1, LENGTH), np.float32)))
    loud = np.fft.rfft(white(1)[0])
    loud[LENGTH // 8 :] *= 1e-4  # 80 dB under the rest
    found = lines_of(np.fft.irfft(loud)[None].astype(np.float32))[0]
    assert np.abs(found[:500]).mean() > 0.2
    assert np.abs(found[640:]).max() < 0.05


@pytest.mark.parametrize("length", [2048, 4096])
def test_shorter_sounds_have_fewer_lines(length):
    noise = tf.constant(white(2, length=length))
    contrast = contrast_of(noise)
    assert contrast.shape == (2, CONTRASTS)
    made = with_lines(noise, tf.constant(contrast), tf.zeros((2, lines.count(length))))
    assert made.shape == (2, length)
