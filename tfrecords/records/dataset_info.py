"""dataset.json: what a folder of records holds, where it came from, how it was made."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from ...common.errors import UserError

FILE_NAME = "dataset.json"
FORMAT = 1
SPLITS = ("train", "valid", "test")
"""Training learns from the first and chooses by the second; the third is for published figures."""


class RecordsError(UserError):
    """A folder of records is missing, incomplete or of another kind."""


@dataclass(frozen=True)
class Source:
    """One sound in the records.

    Attributes:
        path: relative to the collection, with forward slashes.
        label: its label.
        split: one of SPLITS.
        sha256: of the audio file, hexadecimal.
        group: what the split must not separate; empty where none was asked for.
    """

    path: str
    label: str
    split: str
    sha256: str
    group: str = ""


@dataclass(frozen=True)
class Skipped:
    """One file that is not in the records, and why; ``label`` is empty where it has none.

    Attributes:
        path: relative to the collection, with forward slashes.
        label: its label.
        reason: why it was left out, in words that follow the path.
        copy_of: path of the sound in the records that it repeats; empty where it repeats none.
    """

    path: str
    label: str
    reason: str
    copy_of: str = ""


@dataclass(frozen=True)
class Shard:
    """One TFRecord file: its name, how many records and bytes it has, and its check sum.

    Records of an earlier drumsmith have no ``sha256``.
    """

    file: str
    split: str
    records: int
    bytes: int
    sha256: str = ""


@dataclass(frozen=True)
class DatasetInfo:
    """The content of dataset.json.

    ``sources`` is in the order of the records: the sounds of a split, read from ``sources`` from
    the top, are the records of its shards, read one shard after the other.

    Attributes:
        labels: label names, families among them; a record holds the index of its own.
        counts: sounds per split and label, ``{"train": {"kick": 3, ...}, ...}``.
        sample_rate: in Hz.
        length: samples per sound.
        preparation: the options that made the audio (fades, thresholds, seeds of the split).
        sources: one Source per record.
        skipped: one Skipped per file that could not be used.
        shards: one Shard per file.
        compression: "" or "GZIP".
        tool_version: of drumsmith.

    Example:
        >>> info = DatasetInfo.load(Path("records"))
        >>> info.labels
        ('cymbal', 'kick', 'snare')
    """

    labels: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]
    sample_rate: int
    length: int
    preparation: Mapping[str, Any]
    sources: list[Source]
    skipped: list[Skipped]
    shards: list[Shard]
    compression: str = ""
    tool_version: str = ""
    format: int = field(default=FORMAT)

    @classmethod
    def load(cls, records: Path) -> Self:
        """Read a folder's dataset.json and check that every shard is there in full.

        Args:
            records: a folder written by ``drumsmith prepare``.

        Raises:
            RecordsError: there is no such folder, it holds no records, or a shard is missing or
                has another size.
        """
        info = cls._parse(Path(records))
        for shard in info.shards:
            _check_shard(Path(records) / shard.file, shard)
        return info

    @classmethod
    def _parse(cls, records: Path) -> Self:
        try:
            values = json.loads((records / FILE_NAME).read_text("utf-8"))
            if values.get("format") != FORMAT:
                raise RecordsError(
                    f"{records} has records of format {values.get('format')}, this drumsmith "
                    f"reads format {FORMAT}: run 'drumsmith prepare' again"
                )
            return cls.from_dict(values)
        except (FileNotFoundError, NotADirectoryError):
            raise RecordsError(_what_is_missing(records)) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordsError(
                f"{records / FILE_NAME} is damaged ({type(error).__name__}): "
                "run 'drumsmith prepare' again"
            ) from None
        except OSError as error:
            raise RecordsError(f"cannot read {records / FILE_NAME}: {error.strerror}") from None

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Rebuild from what ``to_dict`` gave."""
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in values.items() if name in known}
        values["labels"] = tuple(values["labels"])
        values["sources"] = [Source(**item) for item in values["sources"]]
        values["skipped"] = [Skipped(**item) for item in values["skipped"]]
        values["shards"] = [Shard(**item) for item in values["shards"]]
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Give the content of dataset.json as plain dicts, lists, strings and numbers."""
        return {**asdict(self), "labels": list(self.labels), "digest": self.digest}

    def save(self, records: Path) -> None:
        """Write dataset.json into a folder that is not published yet."""
        text = json.dumps(self.to_dict(), indent=1)
        (records / FILE_NAME).write_text(text + "\n", "utf-8")

    @cached_property
    def digest(self) -> str:
        """sha256 over everything that decides which audio is in the records, and in what order."""
        content = [
            list(self.labels),
            self.sample_rate,
            self.length,
            dict(self.preparation),
            [[item.path, item.label, item.split, item.sha256] for item in self.sources],
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def families(self) -> dict[str, tuple[str, ...]]:
        """Labels that stand for others, too, such as cymbal for crash and ride: by name."""
        asked = self.preparation.get("families", {})
        return {
            family: tuple(label for label in kinds if label in self.labels)
            for family, kinds in asked.items()
            if family in self.labels
        }

    def entries(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers of records and indices of labels, int64 (entries,) each.

        First every record of a split in order, under its own label; then those of each family's
        kinds again, under the family's.
        """
        index = {label: number for number, label in enumerate(self.labels)}
        own = np.array([index[item.label] for item in self.sources if item.split == split], int)
        records, labels = [np.arange(len(own))], [own]
        for family, kinds in self.families.items():
            again = np.flatnonzero(np.isin(own, [index[kind] for kind in kinds]))
            records.append(again)
            labels.append(np.full(len(again), index[family]))
        return np.concatenate(records), np.concatenate(labels)

    def count_of(self, split: str, label: str) -> int:
        """How many sounds of a split count as a label: a family's kinds are its own, too."""
        counts = self.counts.get(split, {})
        return sum(counts.get(one, 0) for one in (label, *self.families.get(label, ())))

    def shards_of(self, split: str) -> list[Shard]:
        """Return the shards of a split, in the order of the records."""
        return [shard for shard in self.shards if shard.split == split]

    def count(self, split: str) -> int:
        """How many sounds a split has."""
        # Records of an earlier drumsmith have no "test".
        return sum(self.counts.get(split, {}).values())


def shard_name(split: str, number: int, count: int) -> str:
    """Name a shard: ``train-00000-of-00008.tfrecord``."""
    return f"{split}-{number:05d}-of-{count:05d}.tfrecord"


def count_labels(sources: list[Source], labels: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Count sounds per split and label, zeros included."""
    seen = Counter((item.split, item.label) for item in sources)
    return {split: {label: seen[split, label] for label in labels} for split in SPLITS}


def _what_is_missing(records: Path) -> str:
    if not records.exists():
        return f"no folder {records}: make one with 'drumsmith prepare COLLECTION {records}'"
    if not records.is_dir():
        return f"{records} is a file, not a folder of records"
    return f"{records} has no {FILE_NAME}: it is not a folder made by 'drumsmith prepare'"


def _check_shard(path: Path, shard: Shard) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise RecordsError(
            f"{path} cannot be read ({error.strerror}): run 'drumsmith prepare' again"
        ) from None
    if size != shard.bytes:
        raise RecordsError(
            f"{path} has {size} bytes, {shard.bytes} were written: run 'drumsmith prepare' again"
        )
