"""Tones: phases by hand, and what is measured of a known tone."""

import numpy as np
import tensorflow as tf

from drumsmith.model.tones_and_noise import layout
from drumsmith.model.tones_and_noise.analysis import analyse
from drumsmith.model.tones_and_noise.tones import GATE, interpolated, phases, roughen, tones
from drumsmith.model.tones_and_noise.tracks import TONE_FLOOR, Tracks

LENGTH = 4096
FRAMES = layout.frames(LENGTH)


def tracks_of(amplitude, hz, start, steadiness=1.0):
    """One sound with one tone, in the band of ``hz``; the other two are silent."""
    band = int(np.searchsorted(layout.TONE_EDGES_HZ, hz))
    level = np.full((1, FRAMES, layout.TONES), np.log(TONE_FLOOR), np.float32)
    level[:, :, band] = np.log(amplitude)
    pitch = np.tile(layout.radians(layout.LOWEST_PITCH_HZ), (1, FRAMES, 1))
    pitch[:, :, band] = 2 * np.pi * hz / layout.RATE
    noise = np.full((1, FRAMES, layout.NOISE_BANDS), -20.0, np.float32)
    steady = np.full_like(level, steadiness)
    return Tracks(noise, level, pitch, steady, np.full((1, layout.TONES), start, np.float32))


def silence():
    return tf.zeros((1, 2, FRAMES, layout.TONES))


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
    audio = tones(tracks_of(0.5, 60.0, 0.7), silence(), LENGTH).numpy()[0]
    time = np.arange(LENGTH) / layout.RATE
    expected = (0.5 - GATE) * np.cos(2 * np.pi * 60.0 * time + 0.7)
    np.testing.assert_allclose(audio, expected, atol=1e-3)


def test_tones_at_the_floor_are_exactly_silent():
    assert not np.any(tones(tracks_of(TONE_FLOOR, 60.0, 0.0), silence(), LENGTH))


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
        assert found.steadiness[0, middle, band].min() > 0.9
        # A sine is a cosine a quarter late.
        assert abs(found.start[0, band] + np.pi / 2) < 0.3
        others = np.delete(found.level[0, middle], band, axis=1)
        assert np.exp(others).max() < 0.05


def test_noise_in_a_tones_band_is_not_steady():
    rng = np.random.default_rng(1)
    audio = rng.standard_normal((8, 16384)).astype(np.float32)
    assert np.median(analyse(tf.constant(audio)).steadiness[:, :, 2]) < 0.6


def test_roughness_has_half_the_variance_in_each_part_and_changes_slowly():
    noise = np.random.default_rng(2).standard_normal((400, 2, FRAMES, layout.TONES))
    rough = roughen(noise)
    np.testing.assert_allclose(np.var(rough, axis=(0, 1, 2)), 0.5, rtol=0.05)
    changes = np.var(np.diff(rough, axis=2), axis=(0, 1, 2))
    assert changes[0] < changes[1] < changes[2]
