"""How far variations are from their sound, beside real round-robins and other drums.

    python benchmarks/sounds/vary_distance.py [--models DIR] [--real COLLECTION] [--seeds 12]

Distances are root mean squares of log-mel cells in dB, of sounds with a peak of full scale. Real
round-robins are files whose names differ in the number after `rr` alone: one drum, hit at one
strength again. Prints a table of medians; `amount` 0.1 should be near real round-robins, 1 near
other sounds of the label.
"""

import argparse
import re
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np

from drumsmith.common.latent import vary_z
from drumsmith.evaluation.sounds.features import log_mel
from drumsmith.serving.saved_model.local_model import LocalModel

AMOUNTS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0)
VARIATIONS = 4
MOST_PAIRS = 400


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--seeds", type=int, default=12)
    args = parser.parse_args()
    with LocalModel(args.models) as model:
        columns = {label: _curve(model, label, args.seeds) for label in model.labels}
        rows = {f"{amount:g}": [columns[n][amount] for n in columns] for amount in AMOUNTS}
        rows["another seed"] = [_apart(_seeded(model, n, args.seeds), model) for n in columns]
        if args.real:
            rows |= _real_rows(args.real, list(columns), model)
        print(f"model {model.model_id}; median distance in dB")
    print(f"| amount | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for name, values in rows.items():
        print(f"| {name} | {' | '.join(f'{value:.1f}' for value in values)} |")


def _curve(model: LocalModel, label: str, seeds: int) -> dict[float, float]:
    z = model.z_of(range(seeds))
    number = [model.label_number(label)]
    base = _features(model.from_z(z, number * seeds), model.sample_rate)
    found = {}
    for amount in AMOUNTS:
        near = np.concatenate([vary_z(one, amount, VARIATIONS, seed=1) for one in z])
        varied = _features(model.from_z(near, number * len(near)), model.sample_rate)
        distances = _distance(np.repeat(base, VARIATIONS, axis=0), varied)
        found[amount] = float(np.median(distances))
    return found


def _seeded(model: LocalModel, label: str, seeds: int) -> np.ndarray:
    return model.seeded(range(seeds), [model.label_number(label)] * seeds)


def _real_rows(collection: Path, labels: list[str], model: LocalModel) -> dict[str, list[float]]:
    import soundfile

    def read(path: Path) -> np.ndarray:
        audio = soundfile.read(path, frames=model.length, always_2d=True)[0][:, 0]
        return np.pad(audio, (0, model.length - len(audio)))

    robins, others = [], []
    for label in labels:
        files = sorted((collection / label).rglob("*.flac"))
        groups = defaultdict(list)
        for path in files:
            if re.search(r"rr\d+$", path.stem):
                groups[re.sub(r"rr\d+$", "", path.stem)].append(path)
        pairs = [pair for group in groups.values() for pair in combinations(group, 2)]
        pairs = pairs[:: -(-len(pairs) // MOST_PAIRS) or 1]
        sides = [_features(np.stack([read(p[i]) for p in pairs]), 44100) for i in (0, 1)]
        robins.append(float(np.median(_distance(*sides))) if pairs else float("nan"))
        picked = np.random.default_rng(0).choice(len(files), min(40, len(files)), replace=False)
        others.append(_apart(np.stack([read(files[i]) for i in picked]), model))
    return {"real round-robins": robins, "real, another drum": others}


def _apart(audio: np.ndarray, model: LocalModel) -> float:
    """Return the median distance of all pairs."""
    features = _features(audio, model.sample_rate)
    pairs = np.array(list(combinations(range(len(features)), 2)))
    return float(np.median(_distance(features[pairs[:, 0]], features[pairs[:, 1]])))


def _features(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    peak = np.maximum(np.abs(audio).max(axis=1, keepdims=True), 1e-9)
    return log_mel((audio / peak).astype(np.float32), sample_rate)


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean((a - b) ** 2, axis=(1, 2)))


if __name__ == "__main__":
    main()
