"""How many sounds a second does a server give, and how soon?

For each width: exports a generator with random weights, measures what its graph gives in-process
(latency of one request, and sounds per second at the best batch size), then starts `drumsmith
serve` on a free port of the loopback and lets 1, 4, 16 and 64 clients call it without pause. The
best batch size is measured in-process again before and after the 16 clients, which are compared
with the mean: machines change their pace. What an empty server takes, one in Python that gives each
call a finished answer of that size, bounds what any server in Python can reach.

Callers are on other machines as a rule. Where there are two cores or more, the graph in-process and
the server run on the same ones, and the callers on the last core alone; `--shared` lets all share
everything. The callers are cheap (see `clients.py`): the server is measured, not they.

    python benchmarks/serving/load.py [--widths 16 64] [--clients 1 4 16 64] [--sounds 1 8]
        [--signature wav] [--seconds 4] [--shared]

Prints one line per measurement, and for each width and size of request a line that begins
`verdict`; last, the table of sizes in serving/README.md. Times of processors are the server's own,
so that they hold on a busy machine as well.
"""

import argparse
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from reference import Alone, EmptyServer, InProcess
from server_process import Cores, Result, Served, answer_of, export_width, load

BATCHES = (1, 2, 4, 8, 12, 16, 32, 64)
TARGET = 0.85
COMPARED = 16
"""Clients for whom the target is stated."""

HEAD = """| width | sounds a request | sounds/s | of in-process | bound | p50, p99 | one caller: \
p50, limit | of a core for a sound | memory |
|---|---|---|---|---|---|---|---|---|"""


@dataclass
class Row:
    """A line of the table: one width and one size of request.

    ``share`` is of the graph in-process, ``bound`` what an empty server would leave of it, times
    are in ms, memory in MB.
    """

    width: int
    sounds: int
    many: Result | None = None
    share: float = float("nan")
    bound: float = float("nan")
    lone_ms: float = float("nan")
    limit_ms: float = float("nan")
    memory: float = float("nan")

    def __str__(self) -> str:
        return (
            f"| {self.width} | {self.sounds} | {self.rate:.0f} | {self.share:.2f} | "
            f"{self.bound:.2f} | {self.quantiles} ms | {self.lone_ms:.1f}, {self.limit_ms:.1f} ms"
            f" | {self.cost:.2f} ms | {self.memory / 1e3:.2f} GB |"
        )

    @property
    def rate(self) -> float:
        """Sounds a second."""
        return self.many.rate * self.sounds if self.many else float("nan")

    @property
    def quantiles(self) -> str:
        """The median and the last hundredth."""
        return ", ".join(f"{self.many.quantile_ms(q):.0f}" for q in (0.5, 0.99) if self.many)

    @property
    def cost(self) -> float:
        """Milliseconds of a core for a sound."""
        return _cpu_ms(self.many, self.sounds) if self.many else float("nan")


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--widths", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--sounds", type=int, nargs="+", default=[1], help="in one request")
    parser.add_argument("--signature", default="serving_default")
    parser.add_argument("--shared", action="store_true", help="clients on the server's cores")
    args = parser.parse_args()
    cores = Cores.split(args.shared)
    print(f"{cores}; load {os.getloadavg()[0]:.1f}; signature {args.signature}")
    rows = []
    for width in args.widths:
        with tempfile.TemporaryDirectory() as scratch:
            rows += _measure(width, Path(scratch), cores, args)
    print(HEAD, *rows, sep="\n")


def _measure(width: int, models: Path, cores: Cores, args: argparse.Namespace) -> list[Row]:
    rows = [Row(width, sounds) for sounds in args.sounds]
    version = export_width(width, models)
    with InProcess(version, args.signature, cores) as graph, Served(models, cores) as server:
        alone = {batch: graph.measure(batch, args.seconds / 4) for batch in BATCHES}
        best = max(alone, key=lambda batch: alone[batch].rate)
        print(
            f"width {width} in-process: {1e3 * alone[1].latency_s:.2f} ms for one sound, "
            f"{alone[best].rate:.0f} sounds/s at batch {best}, "
            f"{1e3 * alone[best].cpu_s:.2f} ms of a core for a sound"
        )
        for row in rows:
            _measure_requests(row, graph, best, server, args)
            row.memory = server.memory_mb()
        print(f"memory of the server, width {width}: {server.memory_mb():.0f} MB")
        load(server, 1, 1.0, 256, args.signature)
        print(
            f"memory of the server, width {width}, after requests of 256 sounds: "
            f"{server.memory_mb():.0f} MB"
        )
    return rows


def _measure_requests(
    row: Row, graph: InProcess, best: int, server: Served, args: argparse.Namespace
) -> None:
    results = {}
    width, sounds = row.width, row.sounds
    for clients in args.clients:
        compared = clients == COMPARED
        before = graph.measure(best, args.seconds / 2) if compared else None
        result = results[clients] = load(server, clients, args.seconds, sounds, args.signature)
        print(
            f"width {width} {clients:3} clients x {sounds} sounds: {result.rate * sounds:6.0f} "
            f"sounds/s, {result.words()}, {_cpu_ms(result, sounds):.2f} ms of a core for a sound"
        )
        if before:
            after = graph.measure(best, args.seconds / 2)
            row.many, row.share = result, _compare(width, sounds, result, before, after)
            cpu_ms = 1e3 * (before.cpu_s + after.cpu_s) / 2
            row.bound = _bound(width, sounds, cpu_ms, server, args)
    if 1 in results:
        median = results[1].quantile_ms(0.5)
        limit = 1.5e3 * graph.measure(sounds, args.seconds / 2).latency_s + 1
        row.lone_ms, row.limit_ms = median, limit
        print(
            f"verdict width {width}, {sounds} sounds a request: one client's p50 {median:.2f} ms "
            f"(limit {limit:.2f}): {_passed(median <= limit)}"
        )


def _compare(width: int, sounds: int, result: Result, before: Alone, after: Alone) -> float:
    share = result.rate * sounds / ((before.rate + after.rate) / 2)
    cpu_ms = 1e3 * (before.cpu_s + after.cpu_s) / 2
    print(
        f"verdict width {width}, {sounds} sounds a request: {COMPARED} clients get {share:.2f} of "
        f"in-process (target {TARGET}; by processor time {cpu_ms / _cpu_ms(result, sounds):.2f}; "
        f"in-process {before.rate:.0f} sounds/s before, {after.rate:.0f} after): "
        f"{_passed(share >= TARGET)}"
    )
    return share


def _bound(
    width: int, sounds: int, cpu_ms: float, server: Served, args: argparse.Namespace
) -> float:
    with EmptyServer(answer_of(server, sounds, args.signature), server.cores) as empty:
        result = load(empty, COMPARED, args.seconds / 2, sounds, args.signature)
    call_ms = _cpu_ms(result, 1)
    bound = cpu_ms / (cpu_ms + call_ms / sounds)
    print(
        f"width {width}, {sounds} sounds a request: an empty server takes {call_ms:.2f} ms of a "
        f"core for a call; with the graph's time that is {bound:.2f} of in-process"
    )
    return bound


def _cpu_ms(result: Result, sounds: int) -> float:
    return 1e3 * result.cpu_s / (result.calls * sounds)


def _passed(good: bool) -> str:
    return "reached" if good else "NOT reached"


if __name__ == "__main__":
    main()
