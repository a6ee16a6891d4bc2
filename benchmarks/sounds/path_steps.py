"""How even the steps of a path are, in the latent space and to the ear.

    python benchmarks/sounds/path_steps.py [--models DIR] [--paths 12] [--steps 8]

Prints, for each label, the largest step over the mean step of paths between two sounds, in dB of
`instruments.distance`: the median of the paths and the worst.
"""

import argparse
from pathlib import Path

import numpy as np

from drumsmith.common.sounds.recipe import Recipe
from drumsmith.instruments.distance import distance_db
from drumsmith.instruments.moves import path_recipes
from drumsmith.instruments.rendering import render_raw
from drumsmith.serving.saved_model.local_model import LocalModel


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--paths", type=int, default=12)
    parser.add_argument("--steps", type=int, default=8)
    args = parser.parse_args()
    print(f"{'largest over mean step':24} {'even in z':>16} {'even in sound':>16}")
    with LocalModel(args.models) as model:
        for label in model.labels:
            columns = []
            for spacing in ("z", "sound"):
                found = [
                    _unevenness(model, label, seed, args.steps, spacing)
                    for seed in range(args.paths)
                ]
                columns.append(f"{np.median(found):7.2f} ({max(found):6.2f})")
            print(f"{label:24} {columns[0]:>16} {columns[1]:>16}", flush=True)


def _unevenness(model: LocalModel, label: str, seed: int, steps: int, spacing: str) -> float:
    start, end = (Recipe(model.model_id, label, seed=2 * seed + end) for end in (0, 1))
    sounds = np.asarray(render_raw(model, path_recipes(model, start, end, steps, spacing=spacing)))
    sizes = distance_db(sounds[1:], sounds[:-1])
    return float(sizes.max() / sizes.mean())


if __name__ == "__main__":
    main()
