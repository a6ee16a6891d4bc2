import numpy as np
import pytest

from drumsmith.tfrecords.preparing.onset import find_onsets

RATE = 44100
AT = RATE // 2  # the hit begins here


def hit(tone=60.0, samples=20000):
    time = np.arange(samples) / RATE
    click = np.random.default_rng(0).uniform(-1, 1, samples) * np.exp(-time * 400)
    return 0.8 * np.cos(2 * np.pi * tone * time) * np.exp(-time * 12) + 0.2 * click


def behind(before):
    return np.concatenate((before[:AT], hit() + np.resize(before, 20000)))


def db(level):
    return 10 ** (level / 20)


TIME = np.arange(60000) / RATE
NOISE = np.random.default_rng(1).standard_normal(60000)
BREATH = np.sin(np.pi * np.clip((TIME - 0.1) / 0.3, 0, 1))
BEFORE = {
    "silence": np.zeros(60000),
    "hiss at -34 dB": NOISE * db(-34),
    "hiss at -50 dB": NOISE * db(-50),
    "hum": db(-30) * np.sin(2 * np.pi * 50 * TIME),
    "hum with overtones": db(-34) * (np.sin(314 * TIME) + np.sin(942 * TIME)),
    "a breath": NOISE * BREATH * db(-30),
    "a click of the mouse": np.where((TIME > 0.2) & (TIME < 0.201), NOISE * db(-25), 0),
}


@pytest.mark.parametrize("name", BEFORE)
def test_the_onset_is_the_rise_out_of_whatever_comes_before(name):
    found = find_onsets(behind(BEFORE[name]), RATE, 40)
    assert abs(found.first - AT) <= 20
    assert not found.further


def test_a_sound_that_starts_at_once_starts_at_its_first_sample():
    assert find_onsets(hit(), RATE, 40).first == 0


def test_a_swell_starts_where_it_comes_within_reach_of_its_peak():
    audio = NOISE * np.exp(-(((TIME - 0.7) / 0.2) ** 2))
    found = find_onsets(audio, RATE, 40)
    assert 0.2 < found.first / RATE < 0.45
    assert not found.further


@pytest.mark.parametrize("apart", [0.08, 0.125, 0.5])
def test_every_hit_of_a_loop_is_found(apart):
    step = round(apart * RATE)
    time = np.arange(step) / RATE
    one = np.cos(2 * np.pi * 200 * time) * np.exp(-time * 4 / apart)
    loop = np.concatenate([one * level for level in (1, 0.5, 0.8, 0.5)])
    found = find_onsets(loop, RATE, 40)
    assert np.abs(np.array(found.further) - step * np.arange(1, 4)).max() < RATE * 0.012


def test_the_bursts_of_a_clap_are_one_hit():
    envelope = sum(
        np.where(start <= TIME, np.exp(-(TIME - start) * 120), 0) for start in (0, 0.011, 0.022)
    )
    tail = np.where(TIME >= 0.03, np.exp(-(TIME - 0.03) * 15), 0)
    assert not find_onsets(NOISE * (envelope + tail), RATE, 40).further


def test_a_beating_tone_is_one_hit():
    beats = (1 + 0.8 * np.cos(2 * np.pi * 9 * TIME)) * np.exp(-TIME * 5)
    assert not find_onsets(np.sin(2 * np.pi * 300 * TIME) * beats, RATE, 40).further
