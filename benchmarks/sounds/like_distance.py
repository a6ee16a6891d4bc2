"""How near `drumsmith like` comes to held-out real sounds, and how long its encoder takes.

    python benchmarks/sounds/like_distance.py RECORDS [--count 40] [--models MODELS]

For each class: the distance of the model's sound where the encoder puts a held-out sound, and after
the search around it (root mean square over log spectrograms of windows 2048, 512 and 128, floor
-80 dB), the share of all held-out sounds, not of so many only, that are heard as their class or its
family, the share of answers that are heard as what the sound was heard as, how far eight answers
lie apart, and the share of sounds that are said to be outside. Last, the distance of sounds that no
drum makes, with the share of them that are found to be outside.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from drumsmith.evaluation.sounds.real_sounds import RealSounds, load_real
from drumsmith.instruments.distance import distance_db, spread_db
from drumsmith.instruments.likeness import find, near
from drumsmith.serving.saved_model.local_model import LocalModel

AMOUNT = 0.2
ANSWERS = 8


def _no_drums(length: int, rate: int) -> dict[str, list[np.ndarray]]:
    """Sounds that no drum makes, eight of each kind, at full level."""
    rng, t = np.random.default_rng(0), np.arange(length) / rate
    fade = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.005)
    kinds: dict[str, list[np.ndarray]] = {"sine": [], "chord": [], "speech": []}
    for _ in range(8):
        kinds["sine"].append(np.sin(2 * np.pi * rng.uniform(300, 4000) * t))
        root = rng.uniform(150, 600)
        chord = sum(
            np.sin(2 * np.pi * root * ratio * partial * t) / partial
            for ratio in (1.0, 1.26, 1.5)
            for partial in range(1, 9)
        )
        kinds["chord"].append(chord)
        # A buzz through two formants, with syllables.
        buzz = np.diff(np.floor(rng.uniform(90, 220) * t), prepend=0.0)
        spectrum, hz = np.fft.rfft(buzz), np.fft.rfftfreq(length, 1 / rate)
        formants = sum(np.exp(-(((hz - f) / 120) ** 2)) for f in rng.uniform(300, 2500, 2))
        syllables = 0.5 - 0.5 * np.cos(2 * np.pi * rng.uniform(4, 8) * t)
        kinds["speech"].append(np.fft.irfft(spectrum * formants, length) * syllables)
    return {
        kind: [(fade * one / np.abs(one).max()).astype(np.float32) for one in sounds]
        for kind, sounds in kinds.items()
    }


def _heard(model: LocalModel, real: RealSounds, label: int) -> np.ndarray:
    """Return which of a label's held-out sounds are heard as it, or as of its family, bool."""
    heard = np.argmax(model.encode(real.held_out.of(label)).class_weights, axis=1)
    numbers = {name: number for number, name in enumerate(real.labels)}
    heard = np.array([numbers.get(model.labels[number], -1) for number in heard])
    return real.heard_as(heard, np.full(len(heard), label)) == label


def main() -> None:
    """Parse, measure, print a row a class."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("--count", type=int, default=40, help="sounds of each class")
    parser.add_argument("--models", type=Path, help="(default: the pretrained model)")
    args = parser.parse_args()
    real = load_real(args.records)
    print(f"held-out part: {real.part}; medians in dB")
    print(
        f"{'class':8} {'encoder':>8} {'searched':>9} {'heard as it':>12} "
        f"{'answers alike':>14} {'answers apart':>14} {'outside':>8}"
    )
    times = []
    with LocalModel(args.models) as model:
        for number, label in enumerate(real.labels):
            rows = []
            for audio in real.held_out.of(number)[: args.count]:
                since = time.perf_counter()
                heard = model.encode(audio[None])
                times.append(time.perf_counter() - since)
                own = np.array([model.labels.index(label)], np.int32)
                first = distance_db(model.from_z(heard.z, own), audio)[0]
                found = find(model, audio)
                recipes = near(model, found, ANSWERS, AMOUNT, seed=0)
                z = np.array([recipe.z for recipe in recipes], np.float32)
                made = model.from_z(z, np.full(len(z), model.labels.index(found.label), np.int32))
                heard_as = np.argmax(model.encode(made).class_weights, axis=1)
                alike = np.mean(heard_as == model.labels.index(found.label))
                rows.append((first, found.distance_db, alike, spread_db(made), found.outside))
            encoder, searched, alike, apart, outside = np.array(rows, float).T
            print(
                f"{label:8} {np.median(encoder):8.1f} {np.median(searched):9.1f} "
                f"{_heard(model, real, number).mean():12.2f} {alike.mean():14.2f} "
                f"{np.median(apart):14.1f} {outside.mean():8.2f}"
            )
        for kind, sounds in _no_drums(real.length, real.sample_rate).items():
            distances = [find(model, audio) for audio in sounds]
            outside = np.mean([one.outside for one in distances])
            median = np.median([one.distance_db for one in distances])
            print(f"{kind:8} {'':8} {median:9.1f} outside: {outside:.0%}")
    print(f"one call of the encoder: {1e3 * np.median(times):.1f} ms, median")


if __name__ == "__main__":
    main()
