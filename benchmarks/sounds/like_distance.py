"""How near `drumsmith like` comes to held-out real sounds, and how long its encoder takes.

    python benchmarks/sounds/like_distance.py RECORDS [--count 40] [--models MODELS]

For each class: the distance of the model's sound where the encoder puts a held-out sound, and after
the search around it (root mean square over log spectrograms of windows 2048, 512 and 128, floor
-80 dB), the share of sounds that are heard as their class, and how far eight answers lie apart.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from drumsmith.evaluation.sounds.real_sounds import load_real
from drumsmith.instruments.likeness import distance_db, find, near, spread_db
from drumsmith.serving.saved_model.local_model import LocalModel

AMOUNT = 0.2
ANSWERS = 8


def main() -> None:
    """Parse, measure, print a row a class."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("--count", type=int, default=40, help="sounds of each class")
    parser.add_argument("--models", type=Path, help="(default: the pretrained model)")
    args = parser.parse_args()
    real = load_real(args.records)
    print(f"held-out part: {real.part}; medians in dB")
    print(f"{'class':8} {'encoder':>8} {'searched':>9} {'heard as it':>12} {'answers apart':>14}")
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
                rows.append((first, found.distance_db, found.label == label, spread_db(made)))
            encoder, searched, right, apart = np.array(rows, float).T
            print(
                f"{label:8} {np.median(encoder):8.1f} {np.median(searched):9.1f} "
                f"{right.mean():12.2f} {np.median(apart):14.1f}"
            )
    print(f"one call of the encoder: {1e3 * np.median(times):.1f} ms, median")


if __name__ == "__main__":
    main()
