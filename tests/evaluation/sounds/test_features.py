import numpy as np
import pytest

from drumsmith.evaluation.sounds.features import (
    FLOOR_DB,
    hz_to_mel,
    log_mel,
    mel_filters,
    mel_grid,
    mel_to_hz,
)

SAMPLE_RATE = 44_100


def sine(hz, level=1.0, length=16_384, sample_rate=SAMPLE_RATE):
    return level * np.sin(2 * np.pi * hz * np.arange(length) / sample_rate)[None]


def test_a_thousand_hertz_are_a_thousand_mel():
    assert hz_to_mel(1000.0) == pytest.approx(1000.0, abs=0.1)
    assert mel_to_hz(hz_to_mel(1234.0)) == pytest.approx(1234.0)


def test_the_layout_at_44100_hz():
    grid = mel_grid(SAMPLE_RATE)
    assert (grid.window, grid.hop, grid.n_fft, grid.bands) == (1024, 256, 2048, 64)
    assert log_mel(np.zeros((2, 16_384)), SAMPLE_RATE).shape == (2, grid.frames(16_384), 64)


@pytest.mark.parametrize("sample_rate", [689, 2_756, 11_025, 22_050, 44_100, 48_000])
def test_every_filter_sums_to_one_and_none_is_empty(sample_rate):
    np.testing.assert_allclose(mel_filters(sample_rate).sum(axis=0), 1.0, rtol=1e-5)


@pytest.mark.parametrize("hz", [100.0, 1000.0, 8000.0])
def test_a_sine_is_loudest_in_its_own_band(hz):
    band = log_mel(sine(hz), SAMPLE_RATE)[0].mean(axis=0).argmax()
    centres = np.array(mel_grid(SAMPLE_RATE).centres_hz)
    assert band == np.abs(hz_to_mel(centres) - hz_to_mel(hz)).argmin()


def test_half_the_level_is_six_decibels_less():
    loud, soft = (log_mel(sine(440.0, level), SAMPLE_RATE)[0, 30] for level in (1.0, 0.5))
    heard = soft > FLOOR_DB + 1
    np.testing.assert_allclose((loud - soft)[heard], 6.0206, atol=1e-3)


def test_silence_is_the_control():
    np.testing.assert_allclose(log_mel(np.zeros((1, 4096)), SAMPLE_RATE), FLOOR_DB, atol=1e-4)


def test_a_sound_does_not_depend_on_its_neighbours_in_the_batch():
    audio = np.random.default_rng(0).standard_normal((130, 2048)).astype(np.float32)
    np.testing.assert_allclose(
        log_mel(audio, SAMPLE_RATE)[129], log_mel(audio[129:], SAMPLE_RATE)[0], atol=1e-3
    )
