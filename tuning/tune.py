"""The pretrained model tuned to a folder of sounds: prepare, train, judge, export."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..common.errors import UserError
from ..evaluation.sounds.real_sounds import FEWEST, VALID, load_real
from ..serving.export.exporter import export
from ..serving.saved_model.local_model import LocalModel
from ..tfrecords.collection.collection import Sound
from ..tfrecords.preparing.options import Options as Preparing
from ..tfrecords.preparing.preparation import Preparation
from ..tfrecords.preparing.prepare import prepare
from ..tfrecords.reading.pipeline import load_split
from ..tfrecords.records.dataset_info import DatasetInfo
from ..training.config.config import TrainingConfig
from ..training.run.run_folder import RunFolder
from ..training.trainer import train
from .collection import list_sounds, rehearse, some_of_each, write_collection
from .nearest_label import nearest_labels
from .origin import PRETRAINED, find_origin
from .outcome import Outcome, expectation, judge, own_sounds
from .settings import tuning_config
from .work_notes import (
    claim,
    exported_version,
    figures,
    has_ended,
    note_end,
    note_export,
    started_as,
)

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
        steps: so many updates, however long they take; None asks ``minutes``.
        seed: of the run.

    """

    folder: Path
    work: Path
    source: str = PRETRAINED
    label: str | None = None
    keep_labels: bool = False
    minutes: float = 20.0
    steps: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("minutes", "steps"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UserError(f"--{name} must be above 0, not {value:g}")

    @property
    def asked(self) -> dict[str, str | bool | None]:
        """What a work folder must be for, to be gone on with."""
        return {
            "folder": str(self.folder.resolve()),
            "source": self.source,
            "label": self.label,
            "keep_labels": self.keep_labels,
        }


@dataclass(frozen=True)
class Tuned:
    """What tuning ended with.

    Attributes:
        version: the exported version's folder; None where training was interrupted.
        step: steps trained.
        steps: steps planned.
        start_as: for each label that was new, the known one that it started as.
        figures: of the old model, the tuned one and real sounds, by "before", "tuned" and "real";
            none where no sounds were held back.
        again: it had ended before this call.

    """

    version: Path | None
    step: int
    steps: int
    start_as: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, Outcome] = field(default_factory=dict)
    again: bool = False


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
    claim(work, tuning.asked)
    records, run = work / "records", RunFolder(work / "run")
    if has_ended(work):
        return _ended(run, work)
    origin = find_origin(tuning.source, work / "origin")
    with _old_model(tuning, origin, work) as old:
        own = _prepare(tuning, sounds, old, records)
        info = DatasetInfo.load(records)
        judged = _can_be_judged(info, own)
        if words := expectation({label: info.counts["train"][label] for label in own}, judged):
            say(words)
        start_as = _start_as(info, old, records)
        for label, known in start_as.items():
            say(f"{label} is new to the model: it starts as {known}, the nearest that it knows")
        config = _config(tuning, run, origin, info, start_as, judged)
        step = train(config, records, run, start_from=origin.path, start_as=start_as)
        if step < config.steps and not run.ended():
            return Tuned(None, step, config.steps, start_as)
        version = exported_version(work)
        if version is None:
            version = export(run.path, models, best=run.best_checkpoint.is_file())
            note_export(work, version)  # before it is judged: a kill then must not export again
        found = _judged(version, old, records, own, start_as) if judged else {}
        note_end(work, found, start_as)
    return replace(_ended(run, work), again=False)


def _ended(run: RunFolder, work: Path) -> Tuned:
    steps = run.load()[0].steps
    step = run.ended() or steps
    return Tuned(exported_version(work), step, steps, started_as(work), figures(work), again=True)


def _config(
    tuning: Tuning,
    run: RunFolder,
    origin: RunFolder,
    info: DatasetInfo,
    start_as: Mapping[str, str],
    judged: bool,
) -> TrainingConfig:
    if run.exists():
        return run.load()[0]
    before, data = origin.load()
    return tuning_config(
        before,
        [data["labels"].index(start_as.get(label, label)) for label in info.labels],
        minutes=tuning.minutes,
        steps=tuning.steps,
        seed=tuning.seed,
        judged=judged,
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


def _prepare(
    tuning: Tuning, sounds: list[Sound], old: LocalModel, records: Path
) -> tuple[str, ...]:
    """Make the records, unless they are there; return the labels of one's own sounds in them."""
    own = {sound.label for sound in sounds}
    if not records.is_dir():
        kept = [label for label in old.labels if label not in own] if tuning.keep_labels else []
        rehearsal = rehearse(old, kept, records.parent / "rehearsal") if kept else {}
        listing = records.with_name("collection.csv")
        write_collection(sounds, rehearsal, listing)
        preparation = Preparation(sample_rate=old.sample_rate, length=old.length)
        prepare(listing, records, Preparing(preparation=preparation, split="split"))
    return tuple(label for label in DatasetInfo.load(records).labels if label in own)


def _can_be_judged(info: DatasetInfo, own: Sequence[str]) -> bool:
    # Of those held back, prepare may have left out loops and copies.
    return all(info.counts[VALID][label] >= FEWEST for label in own)


def _start_as(info: DatasetInfo, old: LocalModel, records: Path) -> dict[str, str]:
    new = [label for label in info.labels if label not in old.labels]
    if not new:
        return {}
    audio, labels = load_split(records, "train")[:2]
    sounds = {label: audio[labels == info.labels.index(label)] for label in new}
    return nearest_labels(sounds, some_of_each(old, COMPARED), info.sample_rate)


def _judged(
    version: Path,
    old: LocalModel,
    records: Path,
    own: Sequence[str],
    start_as: Mapping[str, str],
) -> dict[str, Outcome]:
    real = own_sounds(load_real(records), own)
    use = {label: start_as.get(label, label) for label in own}
    with LocalModel(version.parent, int(version.name)) as new:
        return judge({"before": (old, use), "tuned": (new, {label: label for label in own})}, real)
