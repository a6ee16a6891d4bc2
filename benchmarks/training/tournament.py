"""Which recipe makes the best drums in the same time: a table, failures included.

    python benchmarks/training/tournament.py RECORDS OUT [RECIPE ...] [--minutes 30] [--seeds 1 2]

Every recipe trains for as many processor minutes of one thread; a recipe of two stages divides
them. How many steps these are is found first: the steps of all recipes are timed in turns, twice
round, and the shorter time counts, so that what else the machine does favours none of them;
OUT/step_times.json keeps the times, and a recipe that is new to it is timed beside `drums`. Then
256 sounds of each label are compared with the validation part (the light evaluation, whose
distances are not extrapolated). Called again it goes on where it stopped, and prints all that is
done; two calls with other recipes may run at a time.
"""

import argparse
import contextlib
import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from drumsmith.common.latent_prior import draw_z
from drumsmith.common.publish import publish_file
from drumsmith.evaluation.light_evaluation import LightEvaluation
from drumsmith.tfrecords.records.dataset_info import DatasetInfo
from drumsmith.training.config.config import TrainingConfig
from drumsmith.training.config.presets import preset
from drumsmith.training.config.step_timing import time_step
from drumsmith.training.run.restore import load_generator
from drumsmith.training.run.run_folder import RunError, RunFolder
from drumsmith.training.trainer import train
from drumsmith.tuning.settings import average_decay

PLAIN = ["augment_resample=0", "augment_stretch=0", "augment_tilt_db=0", "augment_exchange=0"]
PAIRED = ["update=relativistic", "critic_updates=1", "gp_weight=5", "beta_1=0"]
BOTH_RATES = ["learning_rate=5e-4", "critic_learning_rate=5e-4"]
CRITIC = ["critic_width=16", "batch_size=32", "beta_2=0.9"]
LOW_RATES = ["learning_rate=1e-4", "critic_learning_rate=3e-4"]
SMALL = ["critic_width=8", "batch_size=32"]
TOGETHER = ["gp_weight=5", "critic_learning_rate=3e-4", "conditioning=projection"]
FROM_START = [*PLAIN, *PAIRED, *CRITIC, *LOW_RATES, "conditioning=projection"]
LOG_MEL = "critic=waveform-and-log-mel"
DEVIATION = "minibatch_deviation=true"
ALIKE = ["augment_generated=true", "augment_gain_db=6", "augment_polarity=true"]

Stage = tuple[float, str, list[str]]
"""Share of the time, preset, settings."""

RECIPES: dict[str, list[Stage]] = {
    "wgan-gp": [(1.0, "small-fast", [])],
    "wgan-gp, wider": [(1.0, "small-fast", ["width=32"])],
    "relativistic": [(1.0, "small-fast", [*PAIRED, *BOTH_RATES])],
    "critic from the start": [(1.0, "drums", FROM_START)],
    "critic with log mel": [(1.0, "drums", [*FROM_START, LOG_MEL])],
    "critic of batches": [(1.0, "drums", [*FROM_START, DEVIATION])],
    "critic of changed sounds": [(1.0, "drums", [*FROM_START, *ALIKE])],
    "reconstruction": [(1.0, "drums", [*PLAIN, "lines=false"])],
    "with lines": [(1.0, "drums", PLAIN)],
    "drums": [(1.0, "drums", [])],
    "drums, narrower": [(1.0, "drums", ["width=128"])],
    "drums, wider": [(1.0, "drums", ["width=384"])],
    "reconstruction and critic": [
        (1.0, "drums", [*PLAIN, "update=reconstruction-and-critic", *SMALL, *TOGETHER])
    ],
    "drums, then critic": [
        (0.6, "drums", []),
        (0.4, "drums", [*PLAIN, *PAIRED, *CRITIC, *LOW_RATES]),
    ],
}

COLUMNS = {
    "score": "score",
    "logmel_frechet_ratio": "Frechet x",
    "low_frechet_ratio": "low x",
    "coverage": "coverage x",
    "recall": "recall x",
    "label_accuracy": "labels",
    "faulty": "faulty",
}
SOUNDS, BATCH = 256, 32


def main() -> None:
    """Parse, train what is not trained yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("recipes", nargs="*", metavar="RECIPE", help=f"of {', '.join(RECIPES)}")
    parser.add_argument("--minutes", type=float, default=30.0, help="processor minutes of each")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--threads", type=int, default=1, help="of TensorFlow")
    args = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(args.threads)
    tf.config.threading.set_inter_op_parallelism_threads(args.threads)
    if unknown := [name for name in args.recipes if name not in RECIPES]:
        parser.error(f"no recipe {unknown[0]!r}; there are {'; '.join(RECIPES)}")
    times = _step_times(args.records, args.out / "step_times.json")
    light = None
    for recipe in args.recipes or RECIPES:
        for seed in args.seeds:
            place = args.out / f"{recipe.replace(', ', '-').replace(' ', '-')}-{seed}"
            figures = place / "figures.json"
            if figures.is_file():
                continue
            light = light or LightEvaluation(args.records)
            try:
                with _added_minutes(place / "minutes.json") as minutes:
                    steps = _train(recipe, seed, place, args, times)
                told = {"recipe": recipe, "seed": seed, "steps": steps, "minutes": minutes()}
                told |= _judge(place / "run", light, seed)
            except RunError as error:  # a result, too: the others go on
                told = {"recipe": recipe, "seed": seed, "failed": str(error)}
            _write(figures, told)
    print("\n".join(_table(args.out)))


def _step_times(records: Path, path: Path) -> dict[str, float]:
    """Return the processor seconds of a step of every stage, by `_name`."""
    known = json.loads(path.read_text()) if path.is_file() else {}
    stages = {_name(stage): stage for recipe in RECIPES.values() for stage in recipe}
    if not set(stages) - set(known):
        return known
    classes = len(DatasetInfo.load(records).labels)
    (reference,) = RECIPES["drums"]
    times = {name: float("inf") for name in stages if name not in known or name == _name(reference)}
    for _ in range(2):
        for name in times:
            times[name] = min(times[name], _step_time(stages[name], classes))
    # What was timed before, was by a machine that may have been less busy, or more.
    pace = known.get(_name(reference), times[_name(reference)]) / times[_name(reference)]
    known = {name: pace * seconds for name, seconds in times.items()} | known
    _write(path, known)
    return known


def _name(stage: Stage) -> str:
    return " ".join([stage[1], *stage[2]])


def _step_time(stage: Stage, classes: int) -> float:
    _, name, settings = stage
    config = preset(name).with_settings(settings)
    return time_step(config, classes, config.schedule.phases[-1]).processor_seconds


@contextlib.contextmanager
def _added_minutes(path: Path) -> Iterator[Callable[[], float]]:
    """Count the processor time of what is done within, and of what was before a stop."""
    earlier = json.loads(path.read_text()) if path.is_file() else 0.0
    began = time.process_time()

    def minutes() -> float:
        return earlier + (time.process_time() - began) / 60

    try:
        yield minutes
    finally:
        _write(path, minutes())


def _write(path: Path, told: object) -> None:
    with publish_file(path) as partial:
        partial.write_text(json.dumps(told, indent=1) + "\n")


def _train(
    recipe: str, seed: int, place: Path, args: argparse.Namespace, times: dict[str, float]
) -> list[int]:
    start_from, counts = None, []
    stages = RECIPES[recipe]
    for number, stage in enumerate(stages, 1):
        share, name, settings = stage
        config = preset(name).with_settings(settings)
        run = RunFolder(place / ("run" if number == len(stages) else f"stage-{number}"))
        if run.exists():
            config = run.load()[0]
        else:
            steps = max(1, round(60 * share * args.minutes / times[_name(stage)]))
            config = _sized(config, steps, seed)
        if train(config, args.records, run, start_from=start_from) < config.steps:
            raise SystemExit("stopped before its end: call again to go on")
        start_from = run.path
        counts.append(config.steps)
    return counts


def _sized(config: TrainingConfig, steps: int, seed: int) -> TrainingConfig:
    return dataclasses.replace(
        config,
        seed=seed,
        steps=steps,
        average_decay=average_decay(config, steps),
        checkpoint_every=max(1, steps // 4),
        preview_every=steps,
    )


def _judge(run: Path, light: LightEvaluation, seed: int) -> dict[str, float]:
    generator = load_generator(run).generator
    rng = np.random.default_rng(seed)
    audio = []
    for label in range(len(light.labels)):
        z = draw_z(generator.config.latent_prior, rng, SOUNDS, generator.config.latent_dim)
        for begin in range(0, SOUNDS, BATCH):
            part = tf.constant(z[begin : begin + BATCH], tf.float32)
            audio.append(generator(part, tf.fill([len(part)], label))[..., 0].numpy())
    found = light.scalars(np.concatenate(audio), np.repeat(np.arange(len(light.labels)), SOUNDS))
    for name in ("coverage", "recall"):
        found[name] /= max(found[f"{name}_control"], 1e-9)
    return found


def _table(out: Path) -> Iterator[str]:
    yield f"{'recipe':26} {'seed':>4} {'steps':>11} {'min':>5} " + " ".join(
        f"{words:>10}" for words in COLUMNS.values()
    )
    told = [json.loads(path.read_text()) for path in out.glob("*/figures.json")]
    for one in sorted(told, key=lambda one: one.get("score", float("inf"))):
        if "failed" in one:
            yield f"{one['recipe']:26} {one['seed']:4} {one['failed'].partition(';')[0]}"
            continue
        steps = "+".join(f"{count:,}" for count in one["steps"])
        yield f"{one['recipe']:26} {one['seed']:4} {steps:>11} {one['minutes']:5.1f} " + " ".join(
            f"{one.get(name, float('nan')):10.2f}" for name in COLUMNS
        )


if __name__ == "__main__":
    main()
