import numpy as np
import pytest

from drumsmith.evaluation.metrics.artefacts import (
    IMAGE_FRACTIONS,
    SILENCE_DB,
    clicking_ends,
    dc_offset,
    image_heights_db,
    spectra,
    tail_db,
)

SAMPLE_RATE = 44_100
LENGTH = 16_384


@pytest.fixture(scope="module")
def noise():
    return 0.1 * np.random.default_rng(0).standard_normal((400, LENGTH)).astype(np.float32)


def tone(fraction, level):
    return level * np.sin(2 * np.pi * fraction * np.arange(LENGTH) + 0.3)


def test_white_noise_has_its_variance_in_every_bin(noise):
    assert np.mean(spectra(noise)) == pytest.approx(0.01, rel=0.01)


def test_noise_has_no_peaks(noise):
    heights = image_heights_db(spectra(noise))
    assert set(heights) == set(IMAGE_FRACTIONS)
    assert max(map(abs, heights.values())) < 0.6


@pytest.mark.parametrize("name", IMAGE_FRACTIONS)
def test_a_tone_raises_its_own_peak_by_the_known_amount(noise, name):
    level = 0.01
    heights = image_heights_db(spectra(noise[:200] + tone(IMAGE_FRACTIONS[name], level)))
    # A Hann frame of N gathers a^2 N / 6 of a sine in its bin, beside the noise's variance.
    expected = 10 * np.log10(1 + level**2 * 4096 / 6 / 0.01)
    assert heights.pop(name) == pytest.approx(expected, abs=1.0)
    assert max(map(abs, heights.values())) < 0.9


def test_a_tone_in_few_sounds_is_not_in_the_median(noise):
    audio = noise[:200].copy()
    audio[:40] += tone(1 / 4, 0.05)
    assert image_heights_db(spectra(audio))["sr/4"] < 1.5


def test_a_slope_is_no_peak(noise):
    # First-order low pass: falls steadily over all image frequencies.
    audio = np.cumsum(noise[:200], axis=1) * 0.01
    audio -= audio.mean(axis=1, keepdims=True)
    assert max(image_heights_db(spectra(audio)).values()) < 1.0


def test_digital_silence_has_no_peaks_and_no_infinities():
    heights = image_heights_db(spectra(np.zeros((3, LENGTH))))
    assert all(height == pytest.approx(0.0) for height in heights.values())


def test_short_audio_of_an_early_stage_leaves_out_what_it_cannot_resolve(noise):
    assert set(image_heights_db(spectra(noise[:, :256]))) == {"sr/4", "sr/8", "sr/16", "3sr/8"}


def test_the_tails_level_is_taken_under_the_peak():
    audio = np.zeros((2, LENGTH))
    audio[:, 10] = 0.5
    audio[0, -882:] = 0.05
    expected = 10 * np.log10(0.01 + 1e-6)
    np.testing.assert_allclose(tail_db(audio, SAMPLE_RATE), [expected, SILENCE_DB], atol=1e-6)


def test_offsets_and_clicks():
    audio = np.zeros((3, 100))
    audio[0] += 0.25
    audio[1, -1] = 0.01
    np.testing.assert_allclose(dc_offset(audio), [0.25, 0.0001, 0.0])
    np.testing.assert_array_equal(clicking_ends(audio), [1, 1, 0])
