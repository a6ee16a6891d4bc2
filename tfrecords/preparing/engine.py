"""Who does the work that grows with a collection: decoding, comparing, writing.

Everything else, such as the search among fingerprints and the split, needs to know all sounds and
is done by the caller, over about a kilobyte a sound. ``LocalEngine`` works with the processors of
this machine; ``tfrecords.beam`` has one that works on any runner of Apache Beam.
"""

import contextlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from ..decoding.messages import Facts
from ..decoding.supervisor import STALLED_S, decode_all
from ..records.dataset_info import Shard
from ..records.example import encode
from ..records.shards import write_shard
from .options import Options
from .spool import Place, Spool


class Prepared(NamedTuple):
    """What became of one file: where its samples lie, or why it has none."""

    number: int
    place: Place | None
    reason: str
    facts: Facts


class Pair(NamedTuple):
    """Two sounds that may be one, the better first, and the lower rate of their files in Hz."""

    better: Place
    worse: Place
    rate: int


class PlannedRecord(NamedTuple):
    """A record to write: where its samples lie, the label's index, the path in the collection."""

    place: Place
    label: int
    path: str


@dataclass(frozen=True)
class ShardPlan:
    """One shard to write, and the records in it."""

    name: str
    split: str
    records: list[PlannedRecord]


class Engine(Protocol):
    """Who does the work that grows with a collection."""

    def decode(self, files: Mapping[int, str]) -> Generator[Prepared, None, None]:
        """Decode and prepare files, number -> path, into the spool, in whatever order."""
        ...

    def compare(self, pairs: Iterable[Pair]) -> dict[Pair, float]:
        """Compare pairs of sounds beforehand; what is missing here is compared when it is needed.

        Returns:
            Pair -> ``duplicates.likeness``.
        """
        ...

    def write(self, folder: Path, plans: Iterable[ShardPlan]) -> Iterator[Shard]:
        """Write shards, in the order of the plans."""
        ...


MakeEngine = Callable[[Options, Spool], Engine]


class LocalEngine:
    """Work on one machine: a decoding process for each processor.

    Args:
        options: what to make.
        spool: where prepared sounds go.
        parallel: files decoded at once; as many as there are processors by default.
        stalled_s: a decoder that is silent for so many seconds is given up.
    """

    def __init__(
        self,
        options: Options,
        spool: Spool,
        *,
        parallel: int | None = None,
        stalled_s: float = STALLED_S,
    ):
        self._options, self._spool = options, spool
        self._parallel, self._stalled_s = parallel, stalled_s

    def decode(self, files: Mapping[int, str]) -> Generator[Prepared, None, None]:
        """Decode and prepare files, number -> path, into the spool, in whatever order."""
        results = decode_all(
            files,
            self._options.preparation,
            parallel=self._parallel,
            stalled_s=self._stalled_s,
            decoder=self._options.decoder,
        )
        with contextlib.closing(results):
            for number, pcm, reason, facts in results:
                place = None if reason else self._spool.append(pcm)
                yield Prepared(number, place, reason, facts)

    def compare(self, pairs: Iterable[Pair]) -> dict[Pair, float]:
        """Compare nothing beforehand: a sound whose first pair is one needs no other."""
        return {}

    def write(self, folder: Path, plans: Iterable[ShardPlan]) -> Iterator[Shard]:
        """Write shards, in the order of the plans."""
        for plan in plans:
            yield write_planned(folder, plan, self._spool, self._options.compression)


def write_planned(folder: Path, plan: ShardPlan, spool: Spool, compression: str) -> Shard:
    """Write one shard into a folder."""
    records = (encode(spool.read(place), label, path) for place, label, path in plan.records)
    return write_shard(folder, plan.name, plan.split, records, compression)
