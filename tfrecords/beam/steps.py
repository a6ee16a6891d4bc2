"""What the workers of a Beam runner do; jobs and results are lines of JSON.

A worker that dies, or is replaced because it is slow, does its jobs twice at worst: each attempt
writes files of its own, and Beam passes on the results of one.
"""

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import apache_beam as beam

from ..decoding.supervisor import Workers
from ..preparing.duplicates import likeness
from ..preparing.engine import PlannedRecord, ShardPlan, write_planned
from ..preparing.options import Options
from ..preparing.spool import Place, Spool

# Files decoded into one file of the spool: few enough to lose little, enough for few files.
_FILES = {"min_batch_size": 32, "max_batch_size": 256}


class DecodeFiles(beam.PTransform):
    """[number, path] -> [number, place in the spool or null, reason, facts].

    Args:
        folder: of the spool.
        options: how files are prepared.
    """

    def __init__(self, folder: str, options: Options):
        super().__init__()
        self._folder, self._options = folder, options

    def expand(self, jobs: beam.PCollection) -> beam.PCollection:
        """Batch the files, so that the spool has few."""
        return (
            jobs | beam.BatchElements(**_FILES) | beam.ParDo(_Decode(self._folder, self._options))
        )


class ComparePairs(beam.PTransform):
    """[better place, worse place, rate] -> [the same, likeness].

    Args:
        folder: of the spool.
        length: samples per sound.
        sample_rate: of the prepared sounds, in Hz.
    """

    def __init__(self, folder: str, length: int, sample_rate: int):
        super().__init__()
        self._folder, self._length, self._sample_rate = folder, length, sample_rate

    def expand(self, jobs: beam.PCollection) -> beam.PCollection:
        """Each pair on its own."""
        return jobs | beam.Map(_compare, self._folder, self._length, self._sample_rate)


class WriteShards(beam.PTransform):
    """[name, split, records] -> a Shard's fields.

    Args:
        folder: of the spool.
        length: samples per sound.
        records: the folder of the shards, which is not published yet.
        compression: "" or "GZIP".
    """

    def __init__(self, folder: str, length: int, records: str, compression: str):
        super().__init__()
        self._arguments = folder, length, records, compression

    def expand(self, jobs: beam.PCollection) -> beam.PCollection:
        """Each shard on its own."""
        return jobs | beam.Map(_write, *self._arguments)


class _Decode(beam.DoFn):
    """Decodes in a process of its own, which may die of a file and takes no worker with it."""

    def __init__(self, folder: str, options: Options):
        super().__init__()
        self._folder, self._options = folder, options
        self._workers: Workers | None = None

    def setup(self) -> None:
        preparation, decoder = self._options.preparation, self._options.decoder
        self._workers = Workers(preparation, parallel=1, decoder=decoder)

    def process(self, jobs: Iterable[str]) -> Iterator[str]:
        assert self._workers is not None
        files = {number: path for number, path in map(json.loads, jobs)}
        spool = Spool(Path(self._folder), self._options.preparation.length, uuid.uuid4().hex)
        results = []
        for number, pcm, reason, facts in self._workers.decode(files):
            place = None if reason else spool.append(pcm)
            results.append(json.dumps([number, place, reason, asdict(facts)]))
        spool.close()
        yield from results

    def teardown(self) -> None:
        if self._workers is not None:
            self._workers.close()


def _compare(job: str, folder: str, length: int, sample_rate: int) -> str:
    better, worse, rate = json.loads(job)
    spool = Spool(Path(folder), length)
    first, second = spool.read(Place(*better)), spool.read(Place(*worse))
    return json.dumps([[better, worse, rate], likeness(first, second, sample_rate, rate)])


def _write(job: str, folder: str, length: int, records: str, compression: str) -> str:
    name, split, planned = json.loads(job)
    # Aside, in the spool's folder, which goes with all that failed attempts leave there.
    plan = ShardPlan(
        uuid.uuid4().hex,
        split,
        [PlannedRecord(Place(*place), label, path) for place, label, path in planned],
    )
    shard = write_planned(Path(folder), plan, Spool(Path(folder), length), compression)
    # Two attempts at one shard write the same bytes: whichever is renamed last changes nothing.
    os.replace(Path(folder) / plan.name, Path(records) / name)
    return json.dumps(asdict(shard) | {"file": name})
