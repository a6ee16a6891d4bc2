"""Whether every record can be read: the damaged one is named with its shard and its place."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import tensorflow as tf

from . import schema
from .dataset_info import DatasetInfo, RecordsError, Shard

_BATCH = 256
_AT = re.compile(r"corrupted record at (\d+)")


@dataclass(frozen=True)
class Damage:
    """What is wrong with a shard.

    Attributes:
        shard: its file name.
        record: number of the first record that cannot be read, from 0; -1 where none is to blame.
        offset: its place in the file, in bytes; -1 where it is not known.
        words: what is wrong.
    """

    shard: str
    record: int
    offset: int
    words: str

    def __str__(self) -> str:
        where = f", record {self.record}" if self.record >= 0 else ""
        where += f" at byte {self.offset}" if self.offset >= 0 else ""
        return f"{self.shard}{where}: {self.words}"


def check_records(records: Path, info: DatasetInfo, split: str) -> None:
    """Read every record of a split once: check sums, lengths, labels.

    A folder that did not change since it was found sound is not read again by this process.

    Args:
        records: the folder.
        info: its dataset.json.
        split: one of SPLITS.

    Raises:
        RecordsError: one is damaged; the message names its shard and its place.
    """
    for shard in info.shards_of(split):
        status = (Path(records) / shard.file).stat()
        damage = _check_once(
            Path(records),
            shard,
            status.st_mtime_ns,
            info.length,
            len(info.labels),
            info.compression,
        )
        if damage:
            raise RecordsError(
                f"{records} is damaged ({damage}): run 'drumsmith prepare --overwrite' again"
            )


def verify_checksums(records: Path, info: DatasetInfo) -> Iterator[Damage]:
    """Compare every shard with the sha256 that was written with it, and read every record.

    Args:
        records: the folder.
        info: its dataset.json.

    Yields:
        What is wrong; nothing where all is well.
    """
    for shard in info.shards:
        path = Path(records) / shard.file
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        if shard.sha256 and sha256 == shard.sha256:
            continue
        damage = _check(path, shard, info.length, len(info.labels), info.compression)
        if damage:
            yield damage
        elif shard.sha256:
            yield Damage(shard.file, -1, -1, "its bytes are not those that were written")


@lru_cache(maxsize=4096)
def _check_once(
    records: Path, shard: Shard, changed: int, length: int, labels: int, compression: str
) -> Damage | None:
    return _check(records / shard.file, shard, length, labels, compression)


def _check(path: Path, shard: Shard, length: int, labels: int, compression: str) -> Damage | None:
    dataset = tf.data.TFRecordDataset(str(path), compression_type=compression).batch(_BATCH)
    read = 0
    try:
        for batch in dataset:
            wrong = _first_wrong(batch, length, labels)
            if wrong is not None:
                return Damage(shard.file, read + wrong, -1, "it is no record of this data set")
            read += len(batch)
    except tf.errors.OpError as error:
        # A batch is lost with its damaged record; the record's place tells which one it is.
        at = _AT.search(error.message)
        # Of a compressed shard the place is one in what it unpacks to.
        record, offset = _frame_at(path, int(at[1])) if at and not compression else (-1, -1)
        return Damage(shard.file, record, offset, "its check sum does not fit")
    return None if read == shard.records else Damage(shard.file, read, -1, "records are missing")


def _first_wrong(batch: tf.Tensor, length: int, labels: int) -> int | None:
    """Return the first of a batch that is no record of ``length`` samples with a known label."""
    try:
        _, label, _ = schema.decode(batch, length)
        if not bool(tf.reduce_any((label < 0) | (label >= labels))):
            return None
    except (tf.errors.OpError, ValueError):
        pass
    for number in range(len(batch)):
        try:
            _, label, _ = schema.decode(batch[number : number + 1], length)
            if 0 <= int(label[0]) < labels:
                continue
        except (tf.errors.OpError, ValueError):
            pass
        return number
    return None


def _frame_at(path: Path, offset: int) -> tuple[int, int]:
    """Return the number and the place of the record's frame that holds a place in a file."""
    place, number = 0, 0
    with path.open("rb") as stream:
        while True:
            stream.seek(place)
            size = 16 + int.from_bytes(stream.read(8), "little")
            if place + size > offset:
                return number, place
            place, number = place + size, number + 1
