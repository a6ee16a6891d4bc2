"""The engine that hands the heavy steps to a runner of Apache Beam."""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions

from ...common.errors import UserError
from ..decoding.messages import Facts
from ..preparing.engine import Pair, Prepared, ShardPlan
from ..preparing.options import Options
from ..preparing.spool import Place, Spool
from ..records.dataset_info import Shard
from .steps import ComparePairs, DecodeFiles, WriteShards

_DIRECT = ("DirectRunner", "FnApiRunner", "BundleBasedDirectRunner")


class BeamEngine:
    """Each step is one pipeline, from a text file of jobs to text files of results.

    Args:
        options: what to make.
        spool: where prepared sounds go, on a disk that all workers see.
        arguments: for Beam.
        workers: threads of the DirectRunner, unless ``arguments`` say otherwise.

    Raises:
        UserError: Beam does not understand the arguments.
    """

    def __init__(self, options: Options, spool: Spool, arguments: Sequence[str], workers: int):
        self._options, self._spool = options, spool
        self._beam_options = _beam_options(arguments, workers)
        self._runs = 0

    def decode(self, files: Mapping[int, str]) -> Generator[Prepared, None, None]:
        """Decode and prepare files, number -> path, into the spool, in whatever order."""
        jobs = (json.dumps([number, path]) for number, path in files.items())
        step = DecodeFiles(str(self._spool.folder), self._options)
        for line in self._run("decode", jobs, step):
            number, place, reason, facts = json.loads(line)
            found = Place(*place) if place else None
            yield Prepared(number, found, reason, Facts.from_dict(facts))

    def compare(self, pairs: Iterable[Pair]) -> dict[Pair, float]:
        """Compare pairs of sounds: pair -> likeness."""
        preparation = self._options.preparation
        step = ComparePairs(str(self._spool.folder), preparation.length, preparation.sample_rate)
        self._spool.flush()
        found = {}
        for line in self._run("compare", map(json.dumps, pairs), step):
            (better, worse, rate), likeness = json.loads(line)
            found[Pair(Place(*better), Place(*worse), rate)] = likeness
        return found

    def write(self, folder: Path, plans: Iterable[ShardPlan]) -> Iterator[Shard]:
        """Write shards, in the order of the plans."""
        lines: list[str] = []
        order: dict[str, int] = {}
        for plan in plans:
            order[plan.name] = len(order)
            lines.append(json.dumps([plan.name, plan.split, plan.records]))
        step = WriteShards(
            str(self._spool.folder),
            self._options.preparation.length,
            str(folder),
            self._options.compression,
        )
        self._spool.flush()
        written = (Shard(**json.loads(line)) for line in self._run("write", lines, step))
        yield from sorted(written, key=lambda shard: order[shard.file])

    def _run(self, name: str, jobs: Iterable[str], step: beam.PTransform) -> Iterator[str]:
        """Run one step over jobs, a line each; yield its results, a line each, in any order."""
        self._runs += 1
        folder = self._spool.folder / f"{self._runs}-{name}"
        folder.mkdir()
        file = folder / "jobs"
        with file.open("w") as stream:
            stream.writelines(f"{job}\n" for job in jobs)
        if not file.stat().st_size:
            return
        with beam.Pipeline(options=self._beam_options) as pipeline:
            _ = (
                pipeline
                | "read jobs" >> beam.io.ReadFromText(str(file))
                # Between workers, however the file was read.
                | "spread" >> beam.Reshuffle()
                | name >> step
                | "write results" >> beam.io.WriteToText(str(folder / "done"))
            )
        for result in sorted(folder.glob("done-*")):
            with result.open() as stream:
                yield from stream


def _beam_options(arguments: Sequence[str], workers: int) -> PipelineOptions:
    try:
        options = PipelineOptions(list(arguments))
        runner = options.view_as(StandardOptions).runner or _DIRECT[0]
        beam.runners.create_runner(runner)
    except (ValueError, ImportError, AttributeError, SystemExit) as error:
        detail = str(error).splitlines()[0] if str(error) else "see its message"
        raise UserError(f"Apache Beam does not take {' '.join(arguments)}: {detail}") from None
    if runner in _DIRECT and not any("--direct_" in argument for argument in arguments):
        direct = options.view_as(DirectOptions)
        direct.direct_num_workers = workers
        direct.direct_running_mode = "multi_threading"
    return options
