"""A collection of audio files becomes a folder of records."""

import contextlib
import errno
import glob
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ... import __version__
from ...common.errors import UserError
from ...common.processes import is_running
from ...common.progress import progress
from ...common.publish import PARTIAL, publish_folder
from ..collection.collection import Collection, CollectionError, RowFilter, Sound, read_collection
from ..collection.splitting import choose_parts
from ..decoding.supervisor import STALLED_S, decode_all
from ..records import schema
from ..records.dataset_info import (
    FILE_NAME,
    SPLITS,
    DatasetInfo,
    Shard,
    Skipped,
    Source,
    count_labels,
)
from ..records.shards import shard_name, write_shard
from .preparation import Preparation

MOST_SHARDS = 8
# Below so many sounds a shard is not worth a file of its own.
_LEAST_PER_SHARD = 64

_USERS_ERRORS = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT),
    *(errno.ENOTDIR, errno.EEXIST),
)


@dataclass(frozen=True)
class Options:
    """What to make of a collection.

    Attributes:
        preparation: how each sound is prepared.
        rows: of a CSV, the rows to take.
        group: of a CSV, the column whose values the split must not separate.
        split: of a CSV, the column that says "train", "valid" or "test"; in place of the shares.
        valid_share: share of each label's sounds kept for validation, in [0, 1).
        test_share: share kept for test; both together below 1.
        compression: "" or "GZIP", smaller for transport and slower to open.
        overwrite: replace an existing folder of records.

    Raises:
        ValueError: a share is out of range.
    """

    preparation: Preparation = field(default_factory=Preparation)
    rows: RowFilter = field(default_factory=RowFilter)
    group: str | None = None
    split: str | None = None
    valid_share: float = 0.1
    test_share: float = 0.0
    compression: str = ""
    overwrite: bool = False

    def __post_init__(self) -> None:
        for name in ("valid_share", "test_share"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is not in [0, 1)")
        if self.valid_share + self.test_share >= 1:
            raise ValueError(
                f"valid_share {self.valid_share} and test_share {self.test_share} leave nothing "
                "for training"
            )


@dataclass(frozen=True)
class _Prepared:
    """A sound whose samples lie in the spool, as its ``place``-th."""

    sound: Sound
    sha256: str
    place: int


def prepare(
    collection: Path,
    records: Path,
    options: Options | None = None,
    *,
    parallel: int | None = None,
    stalled_s: float = STALLED_S,
) -> DatasetInfo:
    """Make a folder of records from a collection; it appears whole or not at all.

    Files that cannot be used are skipped and listed with reasons. The same collection and options
    give the same bytes, however many processors decode.

    Args:
        collection: a folder with a sub-folder per label, or a CSV ``path,label``.
        records: the folder to make.
        options: how; the defaults are the paper's.
        parallel: files decoded at once; as many as there are processors by default.
        stalled_s: a decoder that is silent for so many seconds is given up.

    Returns:
        What the records hold, and what was skipped.

    Raises:
        UserError: nothing in the collection is usable, or ``records`` is taken.
    """
    options, records = options or Options(), Path(records)
    _check_place(Path(collection), records, options.overwrite)
    found = read_collection(
        Path(collection), rows=options.rows, group=options.group, split=options.split
    )
    _sweep(records)
    try:
        with _publish(records) as folder:
            # Which sounds are for validation is known when the last one is decoded.
            with tempfile.TemporaryFile(dir=folder) as spool:
                sounds, skipped = _decode(found, options, spool, parallel, stalled_s)
                info = _write(folder, spool, sounds, skipped, options)
            info.save(folder)
    except OSError as error:
        if error.errno not in _USERS_ERRORS:
            raise
        raise UserError(f"cannot write {records}: {error.strerror}") from None
    return info


def _decode(
    found: Collection, options: Options, spool: BinaryIO, parallel: int | None, stalled_s: float
) -> tuple[list[_Prepared], list[Skipped]]:
    """Decode all sounds into the spool, in whatever order they are finished."""
    sounds: list[_Prepared] = []
    skipped = list(found.skipped)
    files = {number: str(sound.file) for number, sound in enumerate(found.sounds)}
    results = decode_all(files, options.preparation, parallel=parallel, stalled_s=stalled_s)
    with progress("prepare", len(files)) as meter, contextlib.closing(results):
        for number, pcm, reason in results:
            sound = found.sounds[number]
            meter.advance()
            meter.describe(f"{len(skipped)} skipped" if skipped else "")
            if not reason:
                sha256, reason = _sha256(sound.file)
            if reason:
                skipped.append(Skipped(sound.path, sound.label, reason))
                continue
            spool.write(pcm)
            sounds.append(_Prepared(sound, sha256, len(sounds)))
    spool.flush()
    if not sounds:
        first = min(skipped, key=lambda item: item.path)
        raise CollectionError(
            f"none of {len(skipped)} files can be used; the first, {first.path}, {first.reason}"
        )
    return sounds, sorted(skipped, key=lambda item: (item.path, item.reason))


def _write(
    folder: Path,
    spool: BinaryIO,
    sounds: list[_Prepared],
    skipped: list[Skipped],
    options: Options,
) -> DatasetInfo:
    """Split the sounds, which needs to know all that are usable, and write the shards."""
    labels = tuple(sorted({item.sound.label for item in sounds}))
    part_of = _split(sounds, options)
    parts = {
        split: sorted((item for item in sounds if part_of[item.place] == split), key=_record_order)
        for split in SPLITS
    }
    shards = [
        shard
        for split, items in parts.items()
        for shard in _write_shards(folder, split, items, labels, spool, options)
    ]
    sources = [
        Source(item.sound.path, item.sound.label, split, item.sha256, item.sound.group)
        for split, items in parts.items()
        for item in items
    ]
    return DatasetInfo(
        labels=labels,
        counts=count_labels(sources, labels),
        sample_rate=options.preparation.sample_rate,
        length=options.preparation.length,
        preparation={
            **options.preparation.to_dict(),
            "valid_share": options.valid_share,
            "test_share": options.test_share,
            "split": options.split,
            "where": {column: list(values) for column, values in options.rows.where.items()},
            "where_not": {c: list(values) for c, values in options.rows.where_not.items()},
            "group": options.group,
        },
        sources=sources,
        skipped=skipped,
        shards=shards,
        compression=options.compression,
        tool_version=__version__,
    )


def _split(sounds: list[_Prepared], options: Options) -> list[str]:
    """Return the part of every sound, by place."""
    if options.split:
        return [item.sound.split for item in sounds]
    keys = [item.sound.group or item.sha256 for item in sounds]
    part_of = choose_parts(
        keys,
        [item.sound.label for item in sounds],
        valid_share=options.valid_share,
        test_share=options.test_share,
    )
    return [part_of[key] for key in keys]


def _write_shards(
    folder: Path,
    split: str,
    items: list[_Prepared],
    labels: tuple[str, ...],
    spool: BinaryIO,
    options: Options,
) -> Iterator[Shard]:
    count = max(1, min(MOST_SHARDS, len(items) // _LEAST_PER_SHARD)) if items else 0
    for number in range(count):
        name = shard_name(split, number, count)
        mine = items[len(items) * number // count : len(items) * (number + 1) // count]
        records = (
            schema.encode(
                _samples(spool, item.place, options.preparation.length),
                labels.index(item.sound.label),
                item.sound.path,
            )
            for item in mine
        )
        yield write_shard(folder, name, split, records, options.compression)


def _samples(spool: BinaryIO, place: int, length: int) -> np.ndarray:
    size = 2 * length
    return np.frombuffer(os.pread(spool.fileno(), size, place * size), np.int16)


def _record_order(item: _Prepared) -> tuple[str, str]:
    """Mixed labels even for readers that shuffle little, and independent of who decoded first."""
    return hashlib.sha256(item.sha256.encode()).hexdigest(), item.sound.path


def _sha256(file: Path) -> tuple[str, str]:
    """Return the hash, or the reason why there is none: the file went away after it was decoded."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest(), ""
    except OSError as error:
        return "", f"cannot be read ({error.strerror})"


def _check_place(collection: Path, records: Path, overwrite: bool) -> None:
    inside = records.resolve().is_relative_to(collection.resolve())
    if collection.is_dir() and inside:
        raise UserError(f"{records} lies inside the collection {collection}: choose another place")
    if records.is_dir() and any(records.iterdir()):
        if not (records / FILE_NAME).is_file():
            raise UserError(f"{records} exists and holds no records: choose another place")
        if not overwrite:
            raise UserError(f"{records} exists: choose another place, or replace it by --overwrite")
    elif records.exists() and not records.is_dir():
        raise UserError(f"{records} is a file: choose another place")


@contextlib.contextmanager
def _publish(records: Path) -> Iterator[Path]:
    """Yield a folder to fill, which takes the place of ``records``, and of old ones, when whole."""
    if not records.exists():
        with publish_folder(records) as folder:
            yield folder
        return
    new, old = _beside(records, "new"), _beside(records, "old")
    try:
        with publish_folder(new) as folder:
            yield folder
        os.rename(records, old)
        os.rename(new, records)
    except BaseException:
        if old.exists() and not records.exists():
            os.rename(old, records)
        raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _beside(records: Path, word: str) -> Path:
    return records.with_name(f".{records.name}.{word}.{os.getpid()}{PARTIAL}")


def _sweep(records: Path) -> None:
    """Remove what killed runs left beside ``records``."""
    name = glob.escape(records.name)
    for stray in (
        *records.parent.glob(f".{name}.*{PARTIAL}"),
        *records.parent.glob(f"..{name}.*{PARTIAL}"),
    ):
        owner = stray.name.removesuffix(PARTIAL).rsplit(".", 1)[-1]
        if owner.isdigit() and not is_running(int(owner)):
            shutil.rmtree(stray, ignore_errors=True)
