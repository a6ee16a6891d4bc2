"""Tones: phases by hand, and what is measured of a known tone."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.tones_and_noise import layout
from drumsmith.model.tones_and_noise.analysis import analyse
from drumsmith.model.tones_and_noise.tones import (
    GATE,
    MOVING,
    NOISE_GAIN,
    in_bands_of_still_tones,
    interpolated,
    phases,
    roughen,
    tones,
)
from drumsmith.model.tones_and_noise.tracks import ROUGHNESS_FLOOR, TONE_FLOOR, Tracks

LENGTH = 4096
FRAMES = layout.frames(LENGTH)


def tracks_of(amplitude, hz, start):
    """One sound with one tone, in the band of ``hz``; the other two are silent."""
    band = int(np.searchsorted(layout.TONE_EDGES_HZ, hz))
    level = np.full((1, FRAMES, layout.TONES), np.log(TONE_FLOOR), np.float32)
    level[:, :, band] = np.log(amplitude)
    pitch = np.tile(layout.radians(layout.LOWEST_PITCH_HZ), (1, FRAMES, 1))
    pitch[:, :, band] = 2 * np.pi * hz / layout.RATE
    noise = np.full((1, FRAMES, layout.NOISE_BANDS), -20.0, np.float32)
    steady = np.full_like(level, np.log(ROUGHNESS_FLOOR))
    return Tracks(noise, level, pitch, steady, np.full((1, layout.TONES), start, np.float32))


def silence():
    """No noise, neither for the tones that move nor for those that do not."""
    return tf.zeros((1, 2, FRAMES, MOVING)), tf.zeros((1, LENGTH))


def test_phases_are_the_sum_of_a_pitch_that_is_joined_by_straight_lines():
    pitch = np.random.default_rng(0).uniform(0.005, 0.05, (2, FRAMES, layout.TONES))
    pitch = pitch.astype(np.float32)
    every_sample = interpolated(tf.constant(pitch)).numpy().astype(np.float64)
    by_hand = np.cumsum(every_sample, axis=1) - every_sample
    np.testing.assert_allclose(apart(phases(tf.constant(pitch), LENGTH), by_hand), 0, atol=2e-5)


def apart(phase, other):
    """How far phases are from others, less whole turns."""
    return np.angle(np.exp(1j * (np.asarray(phase, np.float64) - other)))


def test_phases_of_a_high_tone_are_as_exact_at_the_end_as_at_the_start():
    length = 16384
    highest = layout.radians(layout.HIGHEST_PITCH_HZ)
    pitch = np.tile(highest, (1, layout.frames(length), 1))
    by_hand = np.arange(length)[:, None] * highest.astype(np.float64)
    # Added up as they are, they reach 1500 radians, where float32 knows steps of 1e-4.
    np.testing.assert_allclose(apart(phases(tf.constant(pitch), length), by_hand), 0, atol=2e-5)


def test_a_pitch_moves_every_later_phase():
    pitch = tf.fill((1, FRAMES, layout.TONES), 0.02)
    with tf.GradientTape() as tape:
        tape.watch(pitch)
        last = phases(pitch, LENGTH)[0, -1, 0]
    gradient = tape.gradient(last, pitch).numpy()[0, :, 0]
    # A frame reaches half way to both neighbours; the last sample lies just before the last frame.
    np.testing.assert_allclose(gradient[1:-2], layout.HOP, rtol=1e-3)


def test_a_steady_tone_is_a_cosine():
    audio = tones(tracks_of(0.5, 60.0, 0.7), *silence()).numpy()[0]
    time = np.arange(LENGTH) / layout.RATE
    expected = (0.5 - GATE) * np.cos(2 * np.pi * 60.0 * time + 0.7)
    np.testing.assert_allclose(audio, expected, atol=1e-3)


def test_tones_at_the_floor_are_exactly_silent():
    assert not np.any(tones(tracks_of(TONE_FLOOR, 60.0, 0.0), *silence()))


def test_a_tone_whose_roughness_is_at_its_floor_has_none():
    rough = tf.fill((1, 2, FRAMES, MOVING), 1e3)
    loud = tracks_of(0.5, 400.0, 0.0), tracks_of(0.5, 60.0, 0.0)
    noise = tf.fill((1, LENGTH), 1e3)
    for tracks in loud:
        np.testing.assert_allclose(tones(tracks, rough, noise), tones(tracks, *silence()))


def test_analysis_finds_level_pitch_and_phase_of_a_tone():
    length = 16384
    time = np.arange(length) / layout.RATE
    for hz in (60.0, 180.0, 400.0):
        band = int(np.searchsorted(layout.TONE_EDGES_HZ, hz))
        audio = 0.5 * np.sin(2 * np.pi * hz * time)[None] * layout.fade_out(length)
        audio = audio.astype(np.float32)
        found = Tracks(*(part.numpy() for part in analyse(tf.constant(audio))))
        middle = slice(20, -20)
        np.testing.assert_allclose(np.exp(found.level[0, middle, band]), 0.5, rtol=0.03)
        heard = found.pitch[0, middle, band] * layout.RATE / (2 * np.pi)
        np.testing.assert_allclose(heard, hz, rtol=0.01)
        assert found.roughness[0, middle, band].max() < np.log(0.03)
        # A sine is a cosine a quarter late.
        assert abs(found.start[0, band] + np.pi / 2) < 0.3
        others = np.delete(found.level[0, middle], band, axis=1)
        assert np.exp(others).max() < 0.05


@pytest.fixture(scope="module")
def white():
    """Tracks of white noise, away from the ends."""
    audio = np.random.default_rng(1).standard_normal((48, 16384)).astype(np.float32)
    tracks = analyse(tf.constant(audio))
    return audio, [np.asarray(part)[:, 12:-12] for part in tracks[:4]]


def test_noise_in_a_tones_band_is_all_rough(white):
    """Half of its frames are by chance steadier than white noise is in the median."""
    np.testing.assert_allclose(np.exp(np.median(white[1][3], axis=(0, 1))), 1.0, atol=0.05)
    np.testing.assert_allclose(np.exp(np.quantile(white[1][3], 0.4, axis=(0, 1))), 1.0, atol=0.2)


def test_the_median_level_of_noise_is_brought_to_its_mean(white):
    level = white[1][1]
    power = np.sqrt(np.mean(np.exp(2 * level), axis=(0, 1)))
    np.testing.assert_allclose(power / np.exp(np.median(level, axis=(0, 1))), NOISE_GAIN, atol=0.03)


def test_a_tone_that_dies_away_is_steady():
    seconds = np.arange(16384) / layout.RATE
    audio = np.exp(-seconds / 0.06) * np.sin(2 * np.pi * 55 * seconds)
    tracks = analyse(tf.constant(audio[None].astype(np.float32)))
    assert tracks.roughness[0, :80, 0].numpy().max() < np.log(0.06)


def test_the_pitch_falls_as_fast_as_a_kicks():
    seconds = np.arange(16384) / layout.RATE
    hz = 50 + 50 * np.exp(-seconds / 0.02)
    audio = np.sin(2 * np.pi * np.cumsum(hz) / layout.RATE)
    found = analyse(tf.constant(audio[None].astype(np.float32))).pitch[0, :, 0].numpy()
    found *= layout.RATE / (2 * np.pi)
    np.testing.assert_allclose(found[2:100], hz[:: layout.HOP][2:100], rtol=0.04)


def test_noise_of_smooth_tracks_has_no_gaps_between_the_tones(white):
    """A network makes levels and pitches that hardly move: what moves must be the roughness."""
    audio, parts = white
    noise, level, pitch, roughness = (
        np.broadcast_to(np.median(part, axis=(0, 1)), (48, layout.frames(16384), part.shape[2]))
        for part in parts
    )
    tracks = Tracks(
        *map(tf.constant, (np.full_like(noise, -40.0), level, pitch, roughness)),
        tf.zeros((48, layout.TONES)),
    )
    chance = np.random.default_rng(2).standard_normal((48, 2, layout.frames(16384), MOVING))
    other = np.random.default_rng(3).standard_normal((48, 16384)).astype(np.float32)
    made = tones(tracks, tf.constant(roughen(chance)), tf.constant(other)).numpy()
    hz = np.fft.rfftfreq(16384, 1 / layout.RATE)
    window = np.hanning(16384)
    for low in range(30, 500, 20):
        band = (hz >= low) & (hz < low + 20)
        ours, real = (
            np.mean(np.abs(np.fft.rfft(sound * window)[:, band]) ** 2) for sound in (made, audio)
        )
        assert abs(10 * np.log10(ours / real)) < 3.5, low


def test_roughness_is_level_over_the_band_and_silent_beyond():
    noise = np.random.default_rng(2).standard_normal((400, 2, FRAMES, MOVING))
    rough = roughen(noise)
    lines = np.stack([interpolated(tf.constant(rough[:, part])).numpy() for part in (0, 1)])
    np.testing.assert_allclose(np.var(lines, axis=(1, 2)), 0.5, rtol=0.05)
    signal = (lines[0] + 1j * lines[1]) * np.hanning(lines.shape[2])[:, None]
    power = np.mean(np.abs(np.fft.fft(signal, axis=1)) ** 2, axis=0)
    hz = np.abs(np.fft.fftfreq(lines.shape[2], 1 / layout.RATE))
    for tone, half in enumerate(layout.tone_half_widths_hz()[:MOVING]):
        middle = np.mean(power[hz < 0.3 * half, tone])
        inside = np.mean(power[(hz > 0.6 * half) & (hz < 0.8 * half), tone])
        beyond = np.mean(power[(hz > 1.4 * half) & (hz < 1.6 * half), tone])
        assert abs(10 * np.log10(inside / middle)) < 1
        assert 10 * np.log10(beyond / middle) < -8


def test_roughness_above_the_moving_tones_stays_within_its_band():
    """It moved with the tone: half of what a ride's partials at 300 Hz had came down to 150."""
    noise = np.random.default_rng(4).standard_normal((64, 16384)).astype(np.float32)
    found = in_bands_of_still_tones(tf.constant(noise)).numpy()
    assert found.shape == (64, 16384, layout.TONES - MOVING)
    np.testing.assert_allclose(found.var(axis=(0, 1)), 0.5, rtol=0.05)
    power = np.mean(np.abs(np.fft.rfft(found[:, :, 0] * np.hanning(16384))) ** 2, axis=0)
    hz = np.fft.rfftfreq(16384, 1 / layout.RATE)
    inside = power[(hz > 290) & (hz < 480)].mean()
    assert 10 * np.log10(power[hz < 210].mean() / inside) < -25
    assert 10 * np.log10(power[(hz > 650) & (hz < 900)].mean() / inside) < -25
