"""Each detector finds what was planted, and nothing in clean synthetic drums."""

import subprocess
import sys

import numpy as np
import pytest

from drumsmith.common.sounds.faults import FAULTS, any_fault, find_faults

RATE = 44_100
LENGTH = 16_384
TIME = np.arange(LENGTH) / RATE


def _drums() -> np.ndarray:
    """A kick that falls in pitch, a snare of tone and noise, a cymbal of filtered noise."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((2, LENGTH))
    kick = np.sin(2 * np.pi * (50 * TIME + 4 * (1 - np.exp(-TIME / 0.02)))) * np.exp(-TIME / 0.05)
    snare = (np.sin(2 * np.pi * 190 * TIME) + noise[0]) * np.exp(-TIME / 0.03)
    cymbal = np.diff(noise[1], prepend=0.0) * np.exp(-TIME / 0.1)
    sounds = np.stack([kick, snare, cymbal])
    sounds *= np.minimum(1.0, np.arange(LENGTH) / 22) * np.minimum(1.0, TIME[::-1] / 0.02)
    return (sounds / np.abs(sounds).max(axis=1, keepdims=True)).astype(np.float32)


DRUMS = _drums()
KICK, SNARE, CYMBAL = DRUMS


def _piece(sound: np.ndarray, at_s: float, level: float) -> np.ndarray:
    """Silence after 150 ms, and 20 ms of the sound's start again at ``at_s``."""
    start, size = round(at_s * RATE), round(0.02 * RATE)
    out = np.where(TIME < 0.15, sound * np.clip((0.15 - TIME) / 0.01, 0, 1), 0.0)
    out[start : start + size] += level * sound[:size]
    return out


PLANTED = {
    "burst": _piece(SNARE, 0.25, 0.05),
    "swell": CYMBAL * np.exp(-TIME / 0.1) * (1 + 60 * np.exp(-(((TIME - 0.3) / 0.02) ** 2))),
    "tail_tone": SNARE + 0.002 * np.sin(2 * np.pi * RATE / 4 * TIME + 0.3),
    "square": np.clip(8 * KICK, -0.9, 0.9),
    "dc": KICK + 0.2 * np.minimum(1.0, TIME / 0.001),
    "silence": 0.008 * KICK,
    "click": np.roll(SNARE, -40),
}


def test_every_detector_has_a_planted_case():
    assert set(PLANTED) == {one.name for one in FAULTS}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name):
    assert find_faults(PLANTED[name][None], RATE)[name][0]


def test_clean_drums_have_no_fault():
    assert {name: found.tolist() for name, found in find_faults(DRUMS, RATE).items()} == {
        one.name: [False] * 3 for one in FAULTS
    }


@pytest.mark.parametrize("name", [name for name in PLANTED if name != "silence"])
def test_faults_do_not_depend_on_level_or_polarity(name):
    assert find_faults(-0.2 * PLANTED[name][None], RATE)[name][0]


def test_a_tone_that_decays_is_no_fault():
    ringing = SNARE + 0.02 * np.sin(2 * np.pi * 3000 * TIME) * np.exp(-TIME / 0.08)
    assert not find_faults(ringing[None], RATE)["tail_tone"][0]


def test_a_second_hit_over_a_sound_that_still_rings_is_no_burst():
    twice = CYMBAL + 0.5 * np.roll(CYMBAL, 4000)
    assert not find_faults(twice[None], RATE)["burst"][0]


def test_what_is_not_finite_counts_as_silence():
    broken = np.stack([KICK, np.full(LENGTH, np.nan)])
    assert find_faults(broken, RATE)["silence"].tolist() == [False, True]


def test_each_sound_is_judged_alone_whatever_the_batch():
    many = np.tile(np.stack([KICK, PLANTED["burst"]]), (100, 1))
    assert any_fault(many, RATE).tolist() == [False, True] * 100


@pytest.mark.parametrize(("length", "rate"), [(256, 689), (1024, 2756), (4096, 11_025), (1, 8000)])
def test_short_sounds_of_early_stages_are_judged_too(length, rate):
    sounds = np.random.default_rng(1).standard_normal((2, length)).astype(np.float32)
    assert all(found.shape == (2,) for found in find_faults(sounds, rate).values())


def test_no_sounds_have_no_faults():
    assert any_fault(np.zeros((0, LENGTH)), RATE).shape == (0,)


def test_detectors_need_numpy_alone():
    code = (
        "import sys; from drumsmith.common.sounds import faults; "
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
