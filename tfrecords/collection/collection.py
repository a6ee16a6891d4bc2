"""Which sounds a collection has, and their labels: by folder, by name, or by a CSV."""

import csv
import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

from ...common.errors import UserError
from ..decoding.file_formats import audio_problem
from ..records.dataset_info import SPLITS, Skipped
from .exclusion import STRUCK_OUT, is_struck_out
from .naming import Match, NameRules, look_like_packs

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
        rule: the word or pattern that gave its label; empty where a folder or a CSV did.
    """

    path: str
    file: Path
    label: str
    group: str = ""
    split: str = ""
    rule: str = ""


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
    rules: NameRules | None = None,
    packs_are_labels: bool = False,
    excluded: frozenset[str] = frozenset(),
) -> Collection:
    """List the sounds of a collection; no audio is read.

    Args:
        source: a folder with one sub-folder per label (nested folders below it belong to it), or
            a CSV with the columns ``path`` (relative to the CSV) and ``label``.
        rows: of a CSV, the rows to take; all of them by default.
        group: of a CSV, the column whose values the split must not separate.
        split: of a CSV, the column that says "train", "valid" or "test".
        rules: of a folder, labels by name in place of the first sub-folder.
        packs_are_labels: take the first sub-folders as labels even if they look like packs.
        excluded: paths that a person struck out.

    Raises:
        CollectionError: there is no such collection, it has no sounds, or a column is missing.
    """
    source, rows = Path(source), rows or RowFilter()
    if source.is_dir():
        _refuse_columns(source, bool(rows or group or split))
        found = _from_folder(source, rules)
    elif source.is_file() and rules:
        raise CollectionError(f"{source} says the labels itself: --labels is for a folder")
    elif source.is_file():
        found = _from_csv(source, rows, group, split)
    else:
        raise CollectionError(f"no folder or CSV {source}: give a folder of sounds by label")
    items = [_struck_out(item) if is_struck_out(item.path, excluded) else item for item in found]
    sounds = sorted((i for i in items if isinstance(i, Sound)), key=lambda sound: sound.path)
    skipped = sorted((i for i in items if isinstance(i, Skipped)), key=lambda item: item.path)
    if not sounds:
        raise CollectionError(_nothing_found(source, skipped, rows))
    if source.is_dir() and not rules and not packs_are_labels:
        _refuse_packs(source, sounds)
    return Collection(sounds, skipped)


def _refuse_columns(source: Path, wanted: bool) -> None:
    if wanted:
        hint = "manifest.csv" if (source / "manifest.csv").is_file() else "FILE.csv"
        raise CollectionError(
            f"--where, --group and --split need the columns of a CSV, {source} is a folder: "
            f"give {source / hint} instead"
        )


def _refuse_packs(source: Path, sounds: Sequence[Sound]) -> None:
    example = look_like_packs(sound.path for sound in sounds)
    if example:
        raise CollectionError(
            f"the folders of {source} look like packs, not like labels ({example}): take the "
            "labels from the names with --labels names, or mean it with --labels folders"
        )


def _struck_out(item: Sound | Skipped) -> Skipped:
    return Skipped(item.path, item.label, STRUCK_OUT)


def _from_folder(root: Path, rules: NameRules | None) -> Iterator[Sound | Skipped]:
    for file in _walk(root):
        if isinstance(file, Skipped):
            yield file
            continue
        parts = file.relative_to(root).parts
        path, folder = "/".join(parts), parts[0] if len(parts) > 1 and not rules else ""
        problem = audio_problem(file)
        if problem is None:
            if folder or rules:
                yield Skipped(path, folder, "is not audio")
        elif problem:
            yield Skipped(path, folder, problem)
        elif rules:
            found = rules.label_of(path)
            if isinstance(found, Match):
                yield Sound(path, file, found.label, rule=found.by)
            else:
                yield Skipped(path, "", found)
        elif folder:
            yield Sound(path, file, folder)
        else:
            yield Skipped(path, "", "lies in no label's sub-folder")


def _walk(root: Path) -> Iterator[Path | Skipped]:
    """All files below, links followed, each folder once; hidden files are no sounds."""
    seen = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        identity = os.path.realpath(folder)
        if identity in seen:
            folders.clear()
            path = Path(folder).relative_to(root).as_posix()
            yield Skipped(path, "", "is a link to a folder that is read already")
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
        sound = _locate(file.parent / path)
        problem = _problem_of(sound, label, first.get(path)) or (
            f"has {part!r} in the column {split}, not one of {', '.join(SPLITS)}"
            if split and part not in SPLITS
            else ""
        )
        if problem:
            yield Skipped(path, label, problem)
        elif path not in first:
            yield Sound(path, sound, label, (row[group] or "") if group else "", part)
        first.setdefault(path, label)


def _locate(file: Path) -> Path:
    """Return the file of that name, whatever Unicode form or coding its disk gave the name."""
    if file.exists():
        return file
    name = str(file)
    others = [unicodedata.normalize(form, name) for form in ("NFC", "NFD")]
    # A name from a Latin-1 disk, spelled in a CSV of any coding.
    latin = name.encode("latin-1", "ignore").decode("utf-8", "surrogateescape")
    return next((Path(other) for other in (*others, latin) if os.path.exists(other)), file)


def _problem_of(file: Path, label: str, label_before: str | None) -> str:
    if not label:
        return "has no label"
    if label_before is not None and label_before != label:
        return f"is listed before with the label {label_before}"
    return "" if file.is_file() else "is not there"


def _rows(file: Path, needed: Sequence[str]) -> list[dict[str, str | None]]:
    try:
        text = _text(file.read_bytes())
        lines = text.splitlines(keepends=True)
        # Spreadsheets of many countries separate by semicolon.
        delimiter = max(",;\t", key=(lines or [""])[0].count)
        reader = csv.DictReader(lines, delimiter=delimiter)
        rows = list(reader)
    except csv.Error as error:
        raise CollectionError(f"{file} is not a CSV: {error}") from None
    except OSError as error:
        raise CollectionError(f"cannot read {file}: {error.strerror}") from None
    columns = list(reader.fieldnames or [])
    for column in needed:
        if column not in columns:
            raise CollectionError(
                f"{file} has no column {column!r}; its columns are: {', '.join(columns) or 'none'}"
            )
    return rows


def _text(data: bytes) -> str:
    """Text as spreadsheets save it: UTF-8, UTF-16, or one byte a letter."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        # utf-8-sig: spreadsheets put a byte order mark in front.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


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
