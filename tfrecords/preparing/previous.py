"""Records made before from the same collection: what of them can be used again."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...common.errors import UserError
from ..records.dataset_info import FILE_NAME, SPLITS, DatasetInfo, RecordsError
from ..records.example import audio_of
from ..records.index import Index
from ..records.shards import RecordReader

_AT_ONCE = 256


def find_previous(
    records: Path, method: dict[str, object], paths: set[str]
) -> tuple[DatasetInfo, Index] | None:
    """Read records that are to be brought up to date.

    Args:
        records: the folder; it may not exist.
        method: how files are prepared now.
        paths: of the collection's sounds.

    Returns:
        What it holds, or None where nothing of it can be used.

    Raises:
        UserError: its sounds come from another collection, or were prepared otherwise.
    """
    if not (records / FILE_NAME).is_file():
        return None
    try:
        info = DatasetInfo.load(records)
    except RecordsError:
        return None  # damaged: everything is made anew
    if info.sources and not any(source.path in paths for source in info.sources):
        raise UserError(
            f"{records} holds the sounds of another collection, such as {info.sources[0].path}: "
            "choose another place, or replace it by --overwrite"
        )
    index = Index.load(records)
    if dict(index.preparation) != method:
        before = index.preparation
        other = sorted(name for name in method if before.get(name) != method[name])
        raise UserError(
            f"{records} was prepared otherwise ({', '.join(other)}): choose another place, "
            "or replace it by --overwrite"
        )
    return info, index


def read_previous(records: Path, info: DatasetInfo, paths: set[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the int16 samples of those sounds of some paths that are in records.

    Damaged records are left out.
    """
    for split in SPLITS:
        here = [source.path for source in info.sources if source.split == split]
        wanted = [number for number, path in enumerate(here) if path in paths]
        reader = RecordReader(records, info, split)
        for begin in range(0, len(wanted), _AT_ONCE):
            numbers = wanted[begin : begin + _AT_ONCE]
            for number, record in zip(numbers, reader.read(numbers), strict=True):
                if not reader.is_whole(number):
                    continue
                pcm = audio_of(record)
                if np.frombuffer(pcm, np.int16).size == info.length:
                    yield here[number], pcm
        reader.close()
