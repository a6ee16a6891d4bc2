"""Which sounds a collection has, and their labels: a folder per label, or a CSV."""

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from ...common.errors import UserError
from ..records.dataset_info import SPLITS, Skipped

# Files with other endings (projects, pictures, texts) are not opened.
AUDIO_SUFFIXES = frozenset(
    (
        *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
        *(".aif", ".aiff", ".aifc", ".caf", ".w64", ".au"),
    )
)
PATH, LABEL = "path", "label"


class CollectionError(UserError):
    """A collection is missing, empty, or not in a form that is understood."""


@dataclass(frozen=True)
class Sound:
    """One audio file of a collection.

    Attributes:
        path: relative to the collection, with forward slashes.
        file: where it lies.
        label: its label.
        group: what the split must not separate; empty where none was asked for.
        split: the part that a CSV puts it in; empty where none was asked for.
    """

    path: str
    file: Path
    label: str
    group: str = ""
    split: str = ""


@dataclass(frozen=True)
class RowFilter:
    """Which rows of a CSV count.

    Attributes:
        where: by column, shell patterns (``*``, ``?``, ``[...]``) of which a row must match one.
        where_not: by column, patterns of which a row may match none.
    """

    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    where_not: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.where or self.where_not)

    def __str__(self) -> str:
        wanted = [f"{column}={'|'.join(values)}" for column, values in self.where.items()]
        return ", ".join(wanted + [f"{c}!={'|'.join(v)}" for c, v in self.where_not.items()])

    @property
    def columns(self) -> list[str]:
        """The columns that it looks at."""
        return [*self.where, *self.where_not]

    def admits(self, row: Mapping[str, str | None]) -> bool:
        """Whether that row counts."""
        return all(_matches(row[column], any_of) for column, any_of in self.where.items()) and not (
            any(_matches(row[column], any_of) for column, any_of in self.where_not.items())
        )


def _matches(value: str | None, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(value or "", pattern) for pattern in patterns)


@dataclass(frozen=True)
class Collection:
    """What was found: sounds sorted by path, and files that are none."""

    sounds: list[Sound]
    skipped: list[Skipped]


def read_collection(
    source: Path,
    *,
    rows: RowFilter | None = None,
    group: str | None = None,
    split: str | None = None,
) -> Collection:
    """List the sounds of a collection; no audio is read.

    Args:
        source: a folder with one sub-folder per label (nested folders below it belong to it), or
            a CSV with the columns ``path`` (relative to the CSV) and ``label``.
        rows: of a CSV, the rows to take; all of them by default.
        group: of a CSV, the column whose values the split must not separate.
        split: of a CSV, the column that says "train", "valid" or "test".

    Raises:
        CollectionError: there is no such collection, it has no sounds, or a column is missing.
    """
    source, rows = Path(source), rows or RowFilter()
    if source.is_dir():
        _refuse_columns(source, bool(rows or group or split))
        found = _from_folder(source)
    elif source.is_file():
        found = _from_csv(source, rows, group, split)
    else:
        raise CollectionError(f"no folder or CSV {source}: give a folder of sounds by label")
    items = list(found)
    sounds = sorted((i for i in items if isinstance(i, Sound)), key=lambda sound: sound.path)
    skipped = sorted((i for i in items if isinstance(i, Skipped)), key=lambda item: item.path)
    if not sounds:
        raise CollectionError(_nothing_found(source, skipped, rows))
    return Collection(sounds, skipped)


def _refuse_columns(source: Path, wanted: bool) -> None:
    if wanted:
        hint = "manifest.csv" if (source / "manifest.csv").is_file() else "FILE.csv"
        raise CollectionError(
            f"--where, --group and --split need the columns of a CSV, {source} is a folder: "
            f"give {source / hint} instead"
        )


def _from_folder(root: Path) -> Iterator[Sound | Skipped]:
    for file in _walk(root):
        parts = file.relative_to(root).parts
        path = "/".join(parts)
        is_audio = file.suffix.lower() in AUDIO_SUFFIXES
        if len(parts) == 1:
            if is_audio:
                yield Skipped(path, "", "lies in no label's sub-folder")
        elif is_audio:
            yield Sound(path, file, parts[0])
        else:
            yield Skipped(path, parts[0], "is not an audio file by its name")


def _walk(root: Path) -> Iterator[Path]:
    """All files below, links followed, each folder once; hidden files are no sounds."""
    seen = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        identity = os.path.realpath(folder)
        if identity in seen:
            folders.clear()
            continue
        seen.add(identity)
        # macOS leaves "._kick.wav" beside "kick.wav", which holds no sound.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if not name.startswith("."))


def _from_csv(
    file: Path, wanted: RowFilter, group: str | None, split: str | None
) -> Iterator[Sound | Skipped]:
    first: dict[str, str] = {}
    asked_for = [column for column in (group, split) if column]
    for row in _rows(file, [PATH, LABEL, *wanted.columns, *asked_for]):
        path, label = (row[PATH] or "").strip(), (row[LABEL] or "").strip()
        if not path or not wanted.admits(row):
            continue
        path = PurePath(path).as_posix()
        part = (row[split] or "").strip() if split else ""
        problem = _problem_of(file.parent / path, label, first.get(path)) or (
            f"has {part!r} in the column {split}, not one of {', '.join(SPLITS)}"
            if split and part not in SPLITS
            else ""
        )
        if problem:
            yield Skipped(path, label, problem)
        elif path not in first:
            yield Sound(path, file.parent / path, label, (row[group] or "") if group else "", part)
        first.setdefault(path, label)


def _problem_of(file: Path, label: str, label_before: str | None) -> str:
    if not label:
        return "has no label"
    if label_before is not None and label_before != label:
        return f"is listed before with the label {label_before}"
    return "" if file.is_file() else "is not there"


def _rows(file: Path, needed: Sequence[str]) -> list[dict[str, str | None]]:
    try:
        # utf-8-sig: spreadsheets put a byte order mark in front.
        text = file.read_text("utf-8-sig")
        lines = text.splitlines(keepends=True)
        # Spreadsheets of many countries separate by semicolon.
        delimiter = max(",;\t", key=(lines or [""])[0].count)
        reader = csv.DictReader(lines, delimiter=delimiter)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise CollectionError(f"{file} is not a CSV in UTF-8: {error}") from None
    except OSError as error:
        raise CollectionError(f"cannot read {file}: {error.strerror}") from None
    columns = list(reader.fieldnames or [])
    for column in needed:
        if column not in columns:
            raise CollectionError(
                f"{file} has no column {column!r}; its columns are: {', '.join(columns) or 'none'}"
            )
    return rows


def _nothing_found(source: Path, skipped: list[Skipped], wanted: RowFilter) -> str:
    if wanted:
        return f"{source} has no sounds with {wanted}"
    if skipped:
        example = skipped[0]
        return (
            f"{source} has no sounds: {len(skipped)} files cannot be used, "
            f"the first, {example.path}, {example.reason}"
        )
    return (
        f"{source} has no sounds: put audio files into one sub-folder per label, "
        f"such as {source / 'kick'}"
    )
