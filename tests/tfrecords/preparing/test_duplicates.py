from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile

from drumsmith.tfrecords.collection.synthesis import synthesise
from drumsmith.tfrecords.preparing import duplicates
from drumsmith.tfrecords.preparing.duplicates import Candidate, Copy, find_copies
from drumsmith.tfrecords.preparing.fingerprint import DIMENSIONS, fingerprint
from drumsmith.tfrecords.preparing.preparation import Preparation, prepare_sound

from ...helpers.planted_copies import COPIES, NEAR_MISSES, RATE


def prepared(audio, rate=RATE):
    return prepare_sound(np.asarray(audio, np.float32)[:, None], rate, Preparation()).pcm


def search(sounds, known=None):
    """Copies among (pcm, rate), the best first: number -> number of its original."""
    candidates = {
        number: Candidate(fingerprint(pcm, RATE), rate, (known or {}).get(number))
        for number, (pcm, rate) in enumerate(sounds)
    }
    found = find_copies(candidates, lambda number: sounds[number][0], RATE)
    return {copy.number: copy.of for copy in found}


@pytest.fixture(scope="module")
def drums():
    return [
        synthesise(("kick", "snare", "cymbal")[number % 3], number, seed=3) for number in range(25)
    ]


def test_different_drums_are_no_copies(drums):
    assert search([(prepared(audio), RATE) for audio in drums]) == {}


def test_of_100_planted_copies_and_100_near_misses_nearly_all_are_told_apart(drums):
    rng = np.random.default_rng(0)
    copies, misses = list(COPIES.values()), list(NEAR_MISSES.values())
    sounds = [(prepared(audio), RATE) for audio in drums]
    planted = {}
    for number in range(100):
        original = number // 4
        audio, rate = copies[number % len(copies)](drums[original], rng)
        planted[len(sounds)] = original
        sounds.append((prepared(audio, rate), rate))
    for number in range(100):
        audio, rate = misses[number % len(misses)](drums[number // 4], rng)
        sounds.append((prepared(audio, rate), rate))
    found = search(sounds)
    right = {number: of for number, of in found.items() if planted.get(number) == of}
    wrong = set(found) - set(planted)
    assert len(right) >= 95
    assert len(wrong) <= 5


@pytest.mark.parametrize("ratio", [(100, 103), (103, 100)])
def test_a_short_sound_is_another_one_when_it_is_tuned(ratio):
    # So short that three per cent leave a correlation above ALIKE.
    time = np.arange(4000) / RATE
    audio = np.sin(2 * np.pi * 180 * time + 0.5) * np.exp(-time * 120)
    tuned = scipy.signal.resample_poly(audio, *ratio)
    one, two = prepared(audio), prepared(tuned)
    assert not duplicates.likeness(one, two, RATE, RATE)
    for kind in ("quieter", "at 22.05 kHz", "MP3"):
        copy, rate = COPIES[kind](audio, np.random.default_rng(0))
        assert duplicates.likeness(one, prepared(copy, rate), RATE, rate), kind


def test_no_chain_of_small_differences_joins_two_sounds(monkeypatch):
    # Each is like the next one only.
    levels = {0: 0.0, 1: 1.0, 2: 2.0}
    monkeypatch.setattr(
        duplicates,
        "likeness",
        lambda a, b, *_: float(abs(levels[int(a[0])] - levels[int(b[0])]) <= 1.0),
    )
    candidates = {n: Candidate(np.zeros(DIMENSIONS, np.float32), RATE) for n in levels}
    assert find_copies(candidates, lambda n: np.array([n]), RATE) == [Copy(1, 0, 1.0)]


def test_a_known_copy_needs_no_samples(drums):
    one = prepared(drums[0])
    sounds = [(one, RATE), (one, RATE)]
    candidates = {
        n: Candidate(fingerprint(pcm, r), r, 0 if n else None) for n, (pcm, r) in enumerate(sounds)
    }
    found = find_copies(candidates, lambda number: {0: one}[number], RATE)
    assert [(copy.number, copy.of) for copy in found] == [(1, 0)]


def test_the_search_does_not_compare_all_with_all(monkeypatch):
    compared = []
    monkeypatch.setattr(duplicates, "likeness", lambda *_: compared.append(1) or 0.0)
    rng = np.random.default_rng(0)
    for count in (500, 1000):
        compared.clear()
        points = rng.normal(0, 2, (count, DIMENSIONS)).astype(np.float32)
        find_copies(
            {n: Candidate(point, RATE) for n, point in enumerate(points)},
            lambda number: np.zeros(4, np.int16),
            RATE,
        )
        assert len(compared) < count


DRUMS = Path(__file__).parents[3].parent / "shared" / "data" / "drums"


@pytest.mark.skipif(not DRUMS.is_dir(), reason="the real drums are not here")
def test_real_drums_of_different_names_are_rarely_copies():
    files = sorted(DRUMS.rglob("*.flac"))[::40]
    sounds = [(prepared(soundfile.read(file)[0]), RATE) for file in files]
    assert len(search(sounds)) <= 1
