import numpy as np
import pytest

from drumsmith.evaluation.metrics.low_frequency import (
    FLOOR_DB,
    low_spectrogram,
    pitch_track,
)

RATE, LENGTH = 44_100, 16_384
TIME = np.arange(LENGTH) / RATE


def tone(hz):
    return np.sin(2 * np.pi * hz * TIME + 0.3)


def test_a_semitone_at_100_hz_is_told_apart_and_an_offset_is_no_tone():
    audio = np.stack([tone(100.0), tone(106.0), np.full(LENGTH, 0.5)])
    levels = low_spectrogram(audio, RATE)[:, 4]
    assert np.abs(levels[0] - levels[1]).max() > 6
    assert levels[2].max() < -20 < levels[0].max()


def test_silence_has_the_lowest_level():
    np.testing.assert_allclose(low_spectrogram(np.zeros((2, LENGTH)), RATE), FLOOR_DB, rtol=1e-6)


@pytest.mark.parametrize("hz", [45.0, 110.0, 220.0])
def test_a_steady_tone_has_a_level_track(hz):
    np.testing.assert_allclose(pitch_track(tone(hz)[None], RATE)[0, 2:], hz, rtol=0.03)


def test_the_track_follows_a_falling_pitch():
    # From 200 Hz to 50 Hz, with a time constant of 40 ms.
    phase = 2 * np.pi * (50 * TIME + 150 * 0.04 * (1 - np.exp(-TIME / 0.04)))
    track = pitch_track(np.sin(phase)[None], RATE)[0]
    middles = np.array([0.015, 0.03, 0.06, 0.12, 0.24])
    np.testing.assert_allclose(track[1:], 50 + 150 * np.exp(-middles / 0.04), rtol=0.15)


def test_a_silent_end_keeps_the_last_pitch():
    ended = tone(80.0) * (TIME < 0.05)
    np.testing.assert_allclose(pitch_track(ended[None], RATE)[0, -1], 80.0, rtol=0.1)


@pytest.mark.parametrize(("length", "rate"), [(256, 689), (1024, 2756)])
def test_early_stages_are_measured_too(length, rate):
    audio = np.random.default_rng(0).standard_normal((3, length))
    assert np.isfinite(low_spectrogram(audio, rate)).all()
    assert pitch_track(audio, rate).shape == (3, 6)
