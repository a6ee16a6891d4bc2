"""Tells 100 planted copies of real drums from 100 near misses, and times the search as it grows.

    python benchmarks/preparing/near_misses.py DRUMS

Prints, for each kind of copy and near miss of tests/helpers/planted_copies.py, how many were taken
for copies of the sound they were made of, and of another; how many tuned drums are, with and
without the look for tunings, and how many out of Vorbis; then, for an eighth, a quarter, half and
all of the drums under DRUMS, the pairs that were compared and the processor time.
"""

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile

from drumsmith.tfrecords.preparing import duplicates
from drumsmith.tfrecords.preparing.duplicates import Candidate, find_copies
from drumsmith.tfrecords.preparing.fingerprint import fingerprint
from drumsmith.tfrecords.preparing.preparation import Preparation, UnusableSound, prepare_sound

sys.path.append(str(Path(__file__).parents[2] / "tests" / "helpers"))
from planted_copies import COPIES, NEAR_MISSES, RATE

TUNINGS = ((100, 103), (103, 100), (100, 102))
Sounds = list[tuple[np.ndarray, int]]


def main() -> None:
    """Plant, search, count; then search ever more."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("drums", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--alone", action="store_true", help="plant, and nothing else")
    args = parser.parse_args()
    files = sorted(args.drums.rglob("*.flac"))
    plant(files, np.random.default_rng(args.seed))
    if not args.alone:
        tune(files[::13])
        grow(files)


def plant(files: list[Path], rng: np.random.Generator) -> None:
    """Plant 100 copies and 100 near misses of 100 drums, among these, and print what is found."""
    chosen = [soundfile.read(files[number])[0] for number in rng.permutation(len(files))[:150]]
    usable = [(a, pcm) for a in chosen if (pcm := prepared(a, RATE)) is not None]
    # Two of one sound would be copies before any is planted.
    twice = {copy.number for copy in search([(pcm, RATE) for _, pcm in usable])}
    originals = [pair for number, pair in enumerate(usable) if number not in twice][:100]
    sounds: Sounds = [(pcm, RATE) for _, pcm in originals]
    kinds: dict[int, tuple[str, int]] = {}
    for table in (COPIES, NEAR_MISSES):
        for number, (audio, _) in enumerate(originals):
            kind = list(table)[number % len(table)]
            changed, rate = table[kind](audio, rng)
            pcm = prepared(changed, rate)
            if pcm is not None:
                kinds[len(sounds)] = (kind, number)
                sounds.append((pcm, rate))
    found = {copy.number: copy.of for copy in search(sounds)}
    planted, right, other = Counter[str](), Counter[str](), Counter[str]()
    for number, (kind, original) in kinds.items():
        planted[kind] += 1
        if number in found:
            (right if found[number] == original else other)[kind] += 1
    for table, words in ((COPIES, "copies"), (NEAR_MISSES, "near misses")):
        for kind in table:
            more = f", {other[kind]} for copies of another" if other[kind] else ""
            print(f"  {kind}: {right[kind]} of {planted[kind]} taken for copies{more}")
        taken = sum(right[kind] + other[kind] for kind in table)
        print(f"{words}: {taken} of {sum(planted[kind] for kind in table)} taken for copies")


def tune(files: list[Path]) -> None:
    """Compare drums with themselves tuned, and out of Vorbis; print how many are taken for one."""
    taken, tuned, coded = Counter[float](), 0, Counter[float]()
    usual = duplicates._SURE
    for file in files:
        audio = soundfile.read(file)[0]
        changed = [scipy.signal.resample_poly(audio, *ratio) for ratio in TUNINGS]
        changed.append(COPIES["Vorbis"](audio, np.random.default_rng(0))[0])
        first, *pcms = (prepared(one, RATE) for one in (audio, *changed))
        for number, pcm in enumerate(pcms):
            if first is None or pcm is None:
                continue
            counter = taken if number < len(TUNINGS) else coded
            tuned += number < len(TUNINGS)
            for duplicates._SURE in (usual, 0.0):
                counter[duplicates._SURE] += duplicates.likeness(first, pcm, RATE, RATE) > 0
    duplicates._SURE = usual
    print(
        f"{tuned} tuned by 2 or 3 %: {taken[usual]} taken for copies, {taken[0.0]} without a look "
        f"for tunings; out of Vorbis: {coded[usual]} of {len(files)}, {coded[0.0]} without"
    )


def grow(files: list[Path]) -> None:
    """Search among ever more drums; print the pairs compared and the time."""
    sounds = [(pcm, RATE) for file in files if (pcm := prepared(*soundfile.read(file))) is not None]
    for share in (8, 4, 2, 1):
        mine = sounds[::share]
        compared = Counter[str]()
        likeness = duplicates.likeness

        def counted(*arguments, likeness=likeness, compared=compared):
            compared["pairs"] += 1
            return likeness(*arguments)

        duplicates.likeness = counted
        begun = time.process_time()
        found = search(mine)
        took = time.process_time() - begun
        duplicates.likeness = likeness
        print(
            f"{len(mine)} drums: {compared['pairs']} pairs compared, {len(found)} copies, "
            f"{took:.1f} s of processor time, {1000 * took / len(mine):.2f} ms a drum"
        )


def prepared(audio: np.ndarray, rate: int) -> np.ndarray | None:
    """Return a prepared sound, int16 (length,), or None for one that ``prepare`` leaves out."""
    try:
        return prepare_sound(np.float32(audio).reshape(len(audio), -1), rate, Preparation()).pcm
    except UnusableSound:
        return None


def search(sounds: Sounds) -> list[duplicates.Copy]:
    """Find the copies among sounds, the best first."""
    candidates = {
        number: Candidate(fingerprint(pcm, RATE), rate) for number, (pcm, rate) in enumerate(sounds)
    }
    return find_copies(candidates, lambda number: sounds[number][0], RATE)


if __name__ == "__main__":
    main()
