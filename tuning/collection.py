"""The sounds to tune to, and those that keep the old labels alive, as one collection."""

import csv
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..common.progress import progress
from ..common.publish import publish_file, publish_folder
from ..serving.saved_model.local_model import LocalModel
from ..tfrecords.collection.collection import Sound, read_collection
from ..tfrecords.collection.naming import NameRules
from ..tfrecords.collection.splitting import choose_parts

VALID_SHARE = 0.2
"""Share of one's own sounds that is held back, where there are enough to judge by."""

FEWEST_TO_JUDGE = 24
"""Sounds of a label from which some are held back: fewer are all needed for training."""

REHEARSED = 200
"""Sounds of each old label that the old model makes, for a model that keeps it."""


def list_sounds(folder: Path, label: str | None) -> list[Sound]:
    """List the sounds to tune to.

    Args:
        folder: with a sub-folder for each label, or a CSV; or any folder, if ``label`` is given.
        label: the label of all of them.

    Raises:
        UserError: there are none.

    """
    rules = None if label is None else NameRules(({label: ("*",)},))
    return list(read_collection(folder, rules=rules).sounds)


def write_collection(
    sounds: Sequence[Sound], rehearsal: Mapping[str, Sequence[Path]], path: Path
) -> None:
    """Write a CSV for `prepare`, with the part that each sound belongs to.

    Args:
        sounds: the user's.
        rehearsal: files by label.
        path: of the CSV.

    """
    own = Counter(sound.label for sound in sounds)
    judged = min(own.values()) >= FEWEST_TO_JUDGE
    keys = [_digest(sound.file) for sound in sounds]
    labels = [sound.label for sound in sounds]
    part_of = choose_parts(keys, labels, valid_share=VALID_SHARE if judged else 0.0, test_share=0.0)
    rows = [
        (str(sound.file.resolve()), sound.label, part_of[key])
        for sound, key in zip(sounds, keys, strict=True)
    ]
    for label, files in rehearsal.items():
        valid = round(VALID_SHARE * len(files)) if judged else 0
        rows += [(str(file), label, "valid") for file in files[:valid]]
        rows += [(str(file), label, "train") for file in files[valid:]]
    with publish_file(path) as partial, partial.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "split"))
        writer.writerows(rows)


def rehearse(model: LocalModel, labels: Sequence[str], folder: Path) -> dict[str, list[Path]]:
    """Have the old model make sounds of the labels that are to be kept; what is there stays.

    Returns:
        Files by label.

    """
    files = {}
    with progress("rehearsal", len(labels)) as meter:
        for label in labels:
            place = folder / label
            if not place.is_dir():
                with publish_folder(place) as partial:
                    model.generate(label, n=REHEARSED, seed=0).save(partial)
            files[label] = sorted(place.resolve().iterdir())
            meter.advance()
    return files


def some_of_each(model: LocalModel, count: int) -> dict[str, np.ndarray]:
    """Sounds of every label that a model knows, each (count, length)."""
    return {label: model.generate(label, n=count, seed=0).audio for label in model.labels}


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return str(file)  # prepare says what is wrong with it
