"""TFRecord files: written in sequence, read at random.

A TFRecord file is a chain of frames. Reading needs each frame's place, found by one hop per record
when the file is opened:

    | length: 8 bytes | its CRC: 4 | the record: `length` bytes | its CRC: 4 | length: 8 bytes | ...
    ^ hop from here ------------------------------------------------------> ^

With every place known, a training epoch can follow any order and begin anywhere without reading
what lies before. A file compressed for transport has no such places; it is unpacked, when opened,
to a temporary file without a name, which the system removes with the process.
"""

import gzip
import hashlib
import os
import shutil
import struct
import tempfile
import weakref
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import google_crc32c
import numpy as np

from .dataset_info import DatasetInfo, RecordsError, Shard, shard_name

_HEAD = struct.Struct("<QI")  # length, masked CRC of the length
_CRC = struct.Struct("<I")  # masked: a CRC over bytes that hold CRCs would be weak
_TAIL = _CRC.size  # masked CRC of the record
_GZIP_LEVEL = 6
COMPRESSIONS = ("", "GZIP")

__all__ = ["COMPRESSIONS", "RecordReader", "shard_name", "write_shard"]


def write_shard(
    folder: Path, name: str, split: str, records: Iterable[bytes], compression: str
) -> Shard:
    """Write one shard and tell what was written; the same records give the same bytes."""
    path = folder / name
    count = 0
    with _opened(path, compression) as stream:
        for record in records:
            head = struct.pack("<Q", len(record))
            stream.write(head + _CRC.pack(_masked_crc(head)))
            stream.write(record)
            stream.write(_CRC.pack(_masked_crc(record)))
            count += 1
    with path.open("rb") as written:
        sha256 = hashlib.file_digest(written, "sha256").hexdigest()
    return Shard(name, split, count, path.stat().st_size, sha256)


@contextmanager
def _opened(path: Path, compression: str) -> Iterator[BinaryIO]:
    with path.open("wb") as stream:
        if not compression:
            yield stream
            return
        # Neither the file's name nor the time: the same records give the same bytes.
        with gzip.GzipFile("", "wb", _GZIP_LEVEL, stream, mtime=0) as packed:
            yield packed  # type: ignore[misc]


def _masked_crc(data: bytes) -> int:
    """CRC-32C, rotated and shifted as TFRecord wants it (tensorflow/core/lib/hash/crc32c.h)."""
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


class RecordReader:
    """Serialised records of one split, by number.

    Memory is bounded: 16 bytes per record for its place, and the records of one call. Safe to
    call from several threads.

    Args:
        records: the folder.
        info: its dataset.json.
        split: one of SPLITS.

    Raises:
        RecordsError: a shard is damaged.

    Example:
        >>> reader = RecordReader(records, DatasetInfo.load(records), "train")
        >>> reader.read([5, 0])  # two serialised records
    """

    def __init__(self, records: Path, info: DatasetInfo, split: str):
        self._files: list[int] = []  # descriptors
        # A reader lives as long as the graph of its data set, which nobody closes.
        self._closer = weakref.finalize(self, _close, self._files)
        places = []
        for number, shard in enumerate(info.shards_of(split)):
            path = Path(records) / shard.file
            self._files.append(_open(path, info.compression))
            found = _places(self._files[-1], path, shard.records)
            places.append(np.insert(found, 0, number, axis=1))
        self._places = np.concatenate(places) if places else np.zeros((0, 3), np.int64)

    def __len__(self) -> int:
        return len(self._places)

    def read(self, numbers: Sequence[int] | np.ndarray) -> list[bytes]:
        """Read the records with these numbers, in this order."""
        return [
            os.pread(self._files[file], size, offset)
            for file, offset, size in self._places[numbers].tolist()
        ]

    def is_whole(self, number: int) -> bool:
        """Whether a record's check sum fits; training has compared all when it reads."""
        file, offset, size = self._places[number].tolist()
        data = os.pread(self._files[file], size + _TAIL, offset)
        return data[size:] == _CRC.pack(_masked_crc(data[:size]))

    def close(self) -> None:
        """Close the files; a second call does nothing."""
        self._closer()


def _close(files: list[int]) -> None:
    for file in files:
        os.close(file)


def _open(path: Path, compression: str) -> int:
    if compression not in COMPRESSIONS:
        raise RecordsError(f"{path} is compressed with {compression}, which is not supported")
    try:
        return _unpack(path) if compression else os.open(path, os.O_RDONLY)
    except (OSError, EOFError, zlib.error) as error:
        raise RecordsError(
            f"{path} cannot be read ({error}): run 'drumsmith prepare' again"
        ) from None


def _unpack(path: Path) -> int:
    with gzip.open(path) as packed, tempfile.TemporaryFile() as unpacked:
        shutil.copyfileobj(packed, unpacked, 1 << 20)
        unpacked.flush()
        return os.dup(unpacked.fileno())


def _places(descriptor: int, path: Path, count: int) -> np.ndarray:
    """Offset and size of every record, int64 (records, 2)."""
    end = os.fstat(descriptor).st_size
    places, offset = [], 0
    while offset < end:
        head = os.pread(descriptor, _HEAD.size, offset)
        size = _HEAD.unpack(head)[0] if len(head) == _HEAD.size else end
        places.append((offset + _HEAD.size, size))
        offset += _HEAD.size + size + _TAIL
    if offset != end or len(places) != count:
        raise RecordsError(f"{path} is damaged: run 'drumsmith prepare' again")
    return np.array(places, np.int64).reshape(-1, 2)
