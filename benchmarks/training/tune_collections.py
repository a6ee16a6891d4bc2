"""What `drumsmith tune` makes of a collection, against training from scratch and no training.

    python benchmarks/training/tune_collections.py OUT FOLDER [FOLDER ...] [--minutes 40]

Of each collection (a sub-folder for each label) 4 sounds in 10 are put aside before anything else.
With the others the pretrained model is tuned, and preset ``drums`` is trained from nothing for
``--times`` as long, or until a quarter of that time brings no better evaluation by the folder's own
held-out sounds; its best checkpoint is judged, and its last. Minutes are processor minutes of one
thread, so that a busy machine is fair: 20 minutes on two cores are 40. All are judged, beside the
pretrained model as it is, by the sounds that were put aside: distance to them over that of the
sounds given, their coverage over that by the sounds given, labels, faults, copies of sounds given.
Called again it goes on where it stopped, and prints all that is done; OUT/tune.png shows the
distances.
"""

import argparse
import csv
import dataclasses
import json
from pathlib import Path

import tensorflow as tf

from drumsmith.common.publish import publish_file
from drumsmith.evaluation.sounds.real_sounds import load_real
from drumsmith.serving.export.exporter import export
from drumsmith.serving.saved_model.local_model import LocalModel
from drumsmith.tfrecords.collection.collection import Sound, read_collection
from drumsmith.tfrecords.collection.splitting import choose_parts
from drumsmith.tfrecords.preparing.options import Options
from drumsmith.tfrecords.preparing.preparation import Preparation
from drumsmith.tfrecords.preparing.prepare import prepare
from drumsmith.tfrecords.records.dataset_info import DatasetInfo
from drumsmith.training.config.presets import preset
from drumsmith.training.config.step_timing import time_step
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import processor_hours
from drumsmith.training.trainer import train
from drumsmith.tuning.outcome import Outcome, judge, table
from drumsmith.tuning.settings import EVALUATIONS_SHARE
from drumsmith.tuning.tune import Tuning, tune

ASIDE = 0.4
JUDGED = 1024
SCRATCH_EVALUATIONS, SCRATCH_PATIENCE = 40, 10


def main() -> None:
    """Parse, and measure one collection after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--minutes", type=float, default=40.0, help="processor minutes of tune")
    parser.add_argument("--times", type=float, default=4.0, help="so much longer from scratch")
    parser.add_argument("--threads", type=int, default=0, help="of TensorFlow; 0 for all cores")
    parser.add_argument("--no-scratch", action="store_true", help="tune alone")
    args = parser.parse_args()
    if args.threads:
        tf.config.threading.set_intra_op_parallelism_threads(args.threads)
        tf.config.threading.set_inter_op_parallelism_threads(args.threads)
    for folder in args.folders:
        place = args.out / folder.name
        figures = place / "figures.json"
        if not figures.is_file():
            _measure(folder, place, args, figures)
    _show(args)


def _measure(folder: Path, place: Path, args: argparse.Namespace, figures: Path) -> None:
    given = _put_aside(folder, place)
    step_s = time_step(preset("drums"), 3, preset("drums").schedule.phases[-1]).processor_seconds
    steps = max(1, round(60 * args.minutes * (1 - EVALUATIONS_SHARE) / step_s))
    print(f"{folder.name}: a step takes {step_s:.2f} s of processor time, tune gets {steps} steps")
    tuned = tune(Tuning(given, place / "tuning", steps=steps), place / "tuned")
    reached = {"tuned": (RunFolder(place / "tuning" / "run"), tuned.step)}
    if not args.no_scratch:
        run = RunFolder(place / "scratch-run")
        reached["scratch"] = (run, _from_scratch(run, place, round(args.times * steps)))
    outcomes = _judge(place, dict(tuned.start_as), args)
    told = {name: dataclasses.asdict(one) for name, one in outcomes.items()}
    for name, (run, step) in reached.items():
        minutes = 60 * (processor_hours(run.scalars_file, step) or 0.0)
        told[name] |= {"steps": step, "processor_minutes": minutes}
    with publish_file(figures) as partial:
        partial.write_text(json.dumps(told, indent=1) + "\n")
    print("\n".join([folder.name, *table(outcomes)]), flush=True)


def _put_aside(folder: Path, place: Path) -> Path:
    """Write the list of the sounds that are given, and records of all to judge by."""
    sounds = read_collection(folder).sounds
    part_of = choose_parts(
        [sound.path for sound in sounds],
        [sound.label for sound in sounds],
        valid_share=0.0,
        test_share=ASIDE,
    )
    given = place / "given.csv"
    if not given.is_file():
        _write(place / "all.csv", [(sound, part_of[sound.path]) for sound in sounds])
        _write(given, [(s, "train") for s in sounds if part_of[s.path] == "train"])
    if not (place / "judged-by").is_dir():
        with LocalModel() as model:
            preparation = Preparation(sample_rate=model.sample_rate, length=model.length)
        options = Options(preparation=preparation, split="split")
        prepare(place / "all.csv", place / "judged-by", options)
    return given


def _write(path: Path, rows: list[tuple[Sound, str]]) -> None:
    with publish_file(path) as partial, partial.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "split"))
        writer.writerows((str(s.file.resolve()), s.label, part) for s, part in rows)


def _from_scratch(run: RunFolder, place: Path, steps: int) -> int:
    records = place / "tuning" / "records"
    every = max(1, steps // SCRATCH_EVALUATIONS)
    judged = DatasetInfo.load(records).count("valid") > 0
    config = dataclasses.replace(
        preset("drums"),
        steps=steps,
        checkpoint_every=every,
        preview_every=steps,
        evaluate_every=every if judged else 0,
        best_by="distance",
        patience=SCRATCH_PATIENCE if judged else 0,
    )
    config = run.load()[0] if run.exists() else config
    reached = train(config, records, run)
    if reached < config.steps and not run.ended():
        raise SystemExit("stopped before its end: call again to go on")
    for name, best in (("scratch", run.best_checkpoint.is_file()), ("scratch-end", False)):
        if not (place / name).is_dir():
            export(run.path, place / name, best=best)
    return reached


def _judge(place: Path, start_as: dict[str, str], args: argparse.Namespace) -> dict[str, Outcome]:
    real = load_real(place / "judged-by")
    own = {label: label for label in real.labels}
    as_known = {label: start_as.get(label, label) for label in real.labels}
    with LocalModel() as old, LocalModel(place / "tuned") as tuned:
        models = {"pretrained": (old, as_known), "tuned": (tuned, own)}
        if args.no_scratch:
            return judge(models, real, JUDGED)
        with LocalModel(place / "scratch") as scratch, LocalModel(place / "scratch-end") as end:
            scratched = {"scratch": (scratch, own), "scratch-end": (end, own)}
            return judge(models | scratched, real, JUDGED)


def _show(args: argparse.Namespace) -> None:
    known = {field.name for field in dataclasses.fields(Outcome)}
    distances: dict[str, dict[str, float]] = {}
    for folder in args.folders:
        told = json.loads((args.out / folder.name / "figures.json").read_text())
        outcomes = {
            name: Outcome(**{key: value for key, value in one.items() if key in known})
            for name, one in told.items()
        }
        print("\n".join([f"\n{folder.name}", *table(outcomes)]))
        for name, one in told.items():
            if "steps" in one:
                print(f"{name}: {one['steps']} steps, {one['processor_minutes']:.1f} min")
        distances[folder.name] = {name: one.distance for name, one in outcomes.items()}
    _picture(distances, args.out / "tune.png")


def _picture(distances: dict[str, dict[str, float]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 2.8))
    names = ("pretrained", "scratch", "tuned", "real")
    for place, name in enumerate(names):
        heights = [one.get(name, 0.0) for one in distances.values()]
        lefts = [index + 0.2 * (place - 1.5) for index in range(len(heights))]
        axes.bar(lefts, heights, width=0.18, label=name)
    axes.set_xticks(range(len(distances)), list(distances))
    axes.set_ylabel("distance to held-out sounds,\nof that of real ones")
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
