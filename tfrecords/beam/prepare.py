"""A collection becomes records on an Apache Beam runner: the same bytes as by ``prepare``.

    caller                             runner, on all its machines
    list the files, labels by name
                           -- files -> decode, prepare, fingerprint, hash
    near neighbours       <-- facts --
                           -- pairs -> compare the sounds of each pair
    copies, split         <-- likeness
                           -- plans -> write a shard each
    dataset.json, rename  <-- check sums

What grows with the audio is done by the runner: each arrow to the right is one pipeline over a text
file of jobs. What needs all sounds at once stays with the caller, over fingerprints of 64 bytes and
a kilobyte of facts a sound: a k-d tree groups fingerprints that lie near each other, at most five
neighbours a sound, so that pairs grow as the sounds do and not as their square. A million files are
about 1.5 GB at the caller, 33 GB between the pipelines, and ten pairs to compare for every file at
most.

The collection and the records lie on a disk that the caller and all workers see under the same
path, and workers have ``drumsmith[beam]`` installed. Nothing there needs TensorFlow. A worker that
dies is the runner's to replace, and its files are decoded again; a file that kills the decoder is
skipped by name, as everywhere. RECORDS appears, or changes, by one rename at the end: whatever
fails before leaves it as it was.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from ..preparing.options import Options
from ..preparing.prepare import prepare_with
from ..records.dataset_info import DatasetInfo
from .engine import BeamEngine


def prepare_with_beam(
    collection: Path,
    records: Path,
    options: Options | None = None,
    *,
    arguments: Sequence[str] = (),
    parallel: int | None = None,
) -> DatasetInfo:
    """Make a folder of records from a collection, or bring one up to date, by Apache Beam.

    Args:
        collection: a folder with a sub-folder per label, or a CSV ``path,label``.
        records: the folder to make.
        options: how; the defaults are the paper's.
        arguments: for Beam, such as ``--runner=FlinkRunner``; its DirectRunner by default.
        parallel: threads of the DirectRunner; as many as there are processors by default.

    Returns:
        What the records hold, and what was skipped.

    Raises:
        UserError: nothing in the collection is usable, ``records`` is taken, or there is no such
            runner.
    """
    workers = parallel or os.cpu_count() or 1
    return prepare_with(
        lambda options, spool: BeamEngine(options, spool, arguments, workers),
        Path(collection).absolute(),
        Path(records).absolute(),
        options,
    )
