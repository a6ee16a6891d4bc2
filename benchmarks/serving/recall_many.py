"""A thousand sounds of all kinds, made again from their files.

    python benchmarks/serving/recall_many.py [--models DIR] [--count 1000]

Writes sounds of every label and between labels, by seed and by z, plain and processed in every
way; then reads each file's recipe and makes it again, alone and in another order: by a model
loaded anew in this process, and by a server in a process of its own. Prints how many are equal,
sample for sample.
"""

import argparse
import random
import tempfile
from pathlib import Path

from server_process import Cores, Served

from drumsmith.common.sounds.processing import Processing
from drumsmith.common.sounds.recipe import Recipe, read_recipe
from drumsmith.common.sounds.wav import read_wav
from drumsmith.instruments.drawing import Drawing
from drumsmith.instruments.moves import path_recipes, vary_recipes
from drumsmith.instruments.rendering import render
from drumsmith.serving.client.client import Client
from drumsmith.serving.pretrained import pretrained_models
from drumsmith.serving.saved_model.local_model import LocalModel

PROCESSINGS = (
    Processing(),
    Processing(encoding="24", peak_db=-1.0, trim_db=-60.0, fade_out_ms=5.0),
    Processing(encoding="float", drive_db=9.0, high_pass_hz=40.0),
    Processing(sample_rate=48000, encoding="24", loudness_db=-16.0, gate_db=-45.0),
    Processing(sample_rate=96000, tune_note=33, decay_ms=200.0, low_pass_hz=8000.0),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=pretrained_models())
    parser.add_argument("--count", type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with LocalModel(args.models) as model:
            recipes = _recipes(model, args.count)
            files = []
            for number, sound in enumerate(Drawing(model).sounds(iter(recipes), args.count)):
                files.append(Path(folder) / f"{number}.wav")
                files[-1].write_bytes(sound.to_bytes())
        random.Random(0).shuffle(files)
        with LocalModel(args.models) as model:
            print(f"in this process: {_equal(model, files)} of {len(files)} equal", flush=True)
        with (
            Served(args.models, Cores.split(True)) as server,
            Client(server.target, timeout_s=60) as client,
        ):
            print(f"by a server: {_equal(client, files)} of {len(files)} equal")


def _recipes(model: LocalModel, count: int) -> list[Recipe]:
    recipes: list[Recipe] = []
    for number in range(count):
        label = model.labels[number % len(model.labels)]
        options = PROCESSINGS[number // 7 % len(PROCESSINGS)]
        base = Recipe(model.model_id, label, seed=number, processing=options)
        kind = number % 5
        if kind == 1:
            base = Recipe(model.model_id, label, seed=number, truncation=0.7, processing=options)
        elif kind == 2:
            shares = {name: 1 / len(model.labels) for name in model.labels}
            base = Recipe(model.model_id, class_weights=shares, seed=number, processing=options)
        elif kind == 3:
            (base,) = vary_recipes(model, base, 1, 0.1, number)
        elif kind == 4:
            other = Recipe(model.model_id, model.labels[0], seed=number + 1)
            base = path_recipes(model, base, other, 3)[1]
        recipes.append(base)
    return recipes


def _equal(source: LocalModel | Client, files: list[Path]) -> int:
    return sum(
        sound.data == read_wav(path).data
        for path in files
        for sound in render(source, [read_recipe(path)])
    )


if __name__ == "__main__":
    main()
