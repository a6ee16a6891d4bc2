"""The pretrained model tuned to a folder of sounds: prepare, train, judge, export."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import UserError
from ..common.publish import publish_file
from ..evaluation.sounds.real_sounds import load_real
from ..serving.export.exporter import export
from ..serving.saved_model.local_model import LocalModel
from ..tfrecords.collection.collection import Sound
from ..tfrecords.preparing.options import Options as Preparing
from ..tfrecords.preparing.preparation import Preparation
from ..tfrecords.preparing.prepare import prepare
from ..tfrecords.reading.pipeline import load_split
from ..tfrecords.records.dataset_info import DatasetInfo
from ..training.run.run_folder import RunFolder
from ..training.trainer import train
from .collection import Counts, list_sounds, rehearse, some_of_each, write_collection
from .nearest_label import nearest_labels
from .origin import PRETRAINED, find_origin
from .outcome import Outcome, expectation, judge, own_sounds
from .settings import tuning_config

NOTE = "tuning.json"
"""In the work folder: what it is for."""

COMPARED = 64
"""Sounds of each known label that a new label is compared with."""


@dataclass(frozen=True)
class Tuning:
    """What to tune, and how.

    Attributes:
        folder: the sounds: a sub-folder for each label, a CSV, or any folder with ``label``.
        work: folder of the tuning: records, run and what else lets it go on when called again.
        source: "pretrained", a models folder, or a run.
        label: of all sounds in ``folder``.
        keep_labels: keep the labels that the old model knows beside those of the folder.
        minutes: for training.
        seed: of the run.

    """

    folder: Path
    work: Path
    source: str = PRETRAINED
    label: str | None = None
    keep_labels: bool = False
    minutes: float = 20.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.minutes > 0:
            raise UserError(f"--minutes must be above 0, not {self.minutes:g}")


@dataclass(frozen=True)
class Tuned:
    """What tuning ended with.

    Attributes:
        version: the exported version's folder; None where training was interrupted.
        step: steps trained.
        steps: steps planned.
        start_as: for each label that was new, the known one that it started as.
        before: figures of the old model; None where no sounds were held back.
        after: figures of the tuned one, likewise.

    """

    version: Path | None
    step: int
    steps: int
    start_as: Mapping[str, str]
    before: Outcome | None = None
    after: Outcome | None = None


def tune(tuning: Tuning, models: Path, say: Callable[[str], None] = print) -> Tuned:
    """Tune; called again with the same ``work``, go on where it stopped.

    Args:
        tuning: what and how.
        models: folder in which the tuned model becomes the next version.
        say: takes lines for the user.

    Raises:
        UserError: the sounds, the source or a folder cannot be used; one line says why.

    """
    work = tuning.work
    sounds = list_sounds(tuning.folder, tuning.label)
    _claim(tuning)
    origin = find_origin(tuning.source, work / "origin")
    before, before_data = origin.load()
    records, run = work / "records", RunFolder(work / "run")
    with _old_model(tuning, origin, work) as old:
        counts = _prepare(tuning, sounds, old, records)
        if words := expectation(counts.own):
            say(words)
        info = DatasetInfo.load(records)
        start_as = _start_as(info, old, records)
        for label, known in start_as.items():
            say(f"{label} is new to the model: it starts as {known}, the nearest that it knows")
        if run.exists():
            config, _ = run.load()
        else:
            config = tuning_config(
                before,
                [before_data["labels"].index(start_as.get(name, name)) for name in info.labels],
                minutes=tuning.minutes,
                seed=tuning.seed,
                judged=counts.judged,
            )
        step = train(config, records, run, start_from=origin.path, start_as=start_as)
        if step < config.steps:
            return Tuned(None, step, config.steps, start_as)
        version = export(run.path, models, best=run.best_checkpoint.is_file())
        if not counts.judged:
            return Tuned(version, step, config.steps, start_as)
        return _judged(Tuned(version, step, config.steps, start_as), old, records, counts)


def _claim(tuning: Tuning) -> None:
    """Write down what ``work`` is for; refuse one that is for something else."""
    asked = {
        "folder": str(tuning.folder.resolve()),
        "source": tuning.source,
        "label": tuning.label,
        "keep_labels": tuning.keep_labels,
    }
    note = tuning.work / NOTE
    if not note.is_file():
        with publish_file(note) as partial:
            partial.write_text(json.dumps(asked, indent=2) + "\n")
        return
    begun = json.loads(note.read_text())
    for name, value in asked.items():
        if begun.get(name) != value:
            raise UserError(
                f"{tuning.work} is a tuning with {name}={begun.get(name)}, not {value}; "
                "choose another --work, or remove that folder"
            )


def _old_model(tuning: Tuning, origin: RunFolder, work: Path) -> LocalModel:
    if tuning.source == PRETRAINED:
        return LocalModel()
    if origin.path != work / "origin":
        exported = work / "old"
        if not exported.is_dir():
            export(origin.path, exported)
        return LocalModel(exported)
    return LocalModel(tuning.source)


def _prepare(tuning: Tuning, sounds: list[Sound], old: LocalModel, records: Path) -> Counts:
    own = {sound.label for sound in sounds}
    kept = [label for label in old.labels if label not in own] if tuning.keep_labels else []
    rehearsal = rehearse(old, kept, records.parent / "rehearsal") if kept else {}
    listing = records.with_name("collection.csv")
    counts = write_collection(sounds, rehearsal, listing)
    if not records.is_dir():
        preparation = Preparation(sample_rate=old.sample_rate, length=old.length)
        prepare(listing, records, Preparing(preparation=preparation, split="split"))
    return counts


def _start_as(info: DatasetInfo, old: LocalModel, records: Path) -> dict[str, str]:
    new = [label for label in info.labels if label not in old.labels]
    if not new:
        return {}
    audio, labels = load_split(records, "train")[:2]
    sounds = {label: audio[labels == info.labels.index(label)] for label in new}
    return nearest_labels(sounds, some_of_each(old, COMPARED), info.sample_rate)


def _judged(tuned: Tuned, old: LocalModel, records: Path, counts: Counts) -> Tuned:
    real = own_sounds(load_real(records), tuple(counts.own))
    use = {label: tuned.start_as.get(label, label) for label in real.labels}
    assert tuned.version is not None
    with LocalModel(tuned.version.parent, int(tuned.version.name)) as new:
        after = judge(new, real, {label: label for label in real.labels})
    return Tuned(
        tuned.version, tuned.step, tuned.steps, tuned.start_as, judge(old, real, use), after
    )
