import numpy as np
import pytest

from drumsmith.evaluation.metrics.descriptors import (
    DESCRIPTORS,
    attack_time,
    decay_time,
    distance,
    fundamental,
    is_kick,
    loudness,
    spectral_centroid,
)

SAMPLE_RATE = 44_100
TIME = np.arange(16_384) / SAMPLE_RATE


def test_the_centroid_of_two_equal_sines_lies_between_them():
    audio = np.sin(2 * np.pi * 1000 * TIME) + np.sin(2 * np.pi * 3000 * TIME)
    assert spectral_centroid(audio[None], SAMPLE_RATE)[0] == pytest.approx(2000, rel=0.01)


def test_the_decay_of_an_exponential_is_known():
    # Energy falls as exp(-2 t / tau): 1 % is left after tau ln(100) / 2.
    tau = 0.03
    audio = np.exp(-TIME / tau) * np.sin(2 * np.pi * 2000 * TIME)
    expected = tau * np.log(100) / 2
    assert decay_time(audio[None], SAMPLE_RATE)[0] == pytest.approx(expected, rel=0.03)


def test_the_attack_of_a_ramp_is_its_middle_part():
    ramp = np.minimum(TIME / 0.1, 1.0) * np.sin(2 * np.pi * 2000 * TIME)
    assert attack_time(ramp[None], SAMPLE_RATE)[0] == pytest.approx(0.7 * 0.1, rel=0.05)


def test_a_full_scale_sine_at_997_hz_has_minus_three_lufs():
    # ITU-R BS.1770-4, annex 1: -3.01 LKFS in one channel.
    time = np.arange(44_100) / SAMPLE_RATE
    audio = np.sin(2 * np.pi * 997 * time)
    assert loudness(audio[None], SAMPLE_RATE)[0] == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("sample_rate", [44_100, 48_000])
def test_the_weighting_at_48_khz_is_the_standards(sample_rate):
    # The standard's curve: about -6 dB at 38 Hz against 1 kHz's +0.7, +4 dB far above 2 kHz.
    time = np.arange(4 * sample_rate) / sample_rate
    levels = [loudness(np.sin(2 * np.pi * hz * time)[None], sample_rate)[0] for hz in (997, 10_000)]
    assert levels[1] - levels[0] == pytest.approx(3.3, abs=0.2)


@pytest.mark.parametrize("hz", [41.2, 55.0, 98.0, 180.0])
def test_the_fundamental_of_a_decaying_sine_is_found(hz):
    audio = np.exp(-TIME / 0.1) * np.sin(2 * np.pi * hz * TIME)
    assert fundamental(audio[None], SAMPLE_RATE)[0] == pytest.approx(hz, rel=0.02)


def test_the_click_before_the_body_is_not_the_fundamental():
    click = np.exp(-TIME / 0.002) * np.sin(2 * np.pi * 220 * TIME) * 5
    body = np.exp(-TIME / 0.2) * np.sin(2 * np.pi * 60 * TIME)
    assert fundamental((click + body)[None], SAMPLE_RATE)[0] == pytest.approx(60, rel=0.03)


def test_moving_all_numbers_by_two_is_a_distance_of_two():
    numbers = np.array([1.0, 5.0, 9.0])
    assert distance(numbers, numbers + 2.0) == pytest.approx(2.0)


@pytest.mark.parametrize("one", DESCRIPTORS, ids=lambda one: one.name)
@pytest.mark.parametrize("sample_rate", [689, 44_100])
def test_silence_and_one_click_have_finite_descriptors(one, sample_rate):
    audio = np.zeros((2, 256), np.float32)
    audio[1, 0] = 1.0
    assert np.isfinite(one.scaled(one.function(audio, sample_rate))).all()


@pytest.mark.parametrize(
    ("label", "expected"),
    [("kick", True), ("Kick_808", True), ("bd", True), ("bass drum", True), ("snare", False)],
)
def test_kicks_are_known_by_name(label, expected):
    assert is_kick(label) is expected
