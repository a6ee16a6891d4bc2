"""How many sounds a second does a server give, and how soon?

For each width: exports a generator with random weights, measures what its graph gives in-process
(latency of one request, and sounds per second at the best batch size), then starts `drumsmith
serve` on a free port of the loopback and lets 1, 4, 16 and 64 clients call it without pause.

Callers are on other machines as a rule. Where there are two cores or more, the graph in-process and
the server run on the same ones, and the callers on the last core alone; `--shared` lets all share
everything. The callers are cheap (see `serve_clients.py`): the server is measured, not they.

    python benchmarks/serve_load.py [--widths 16 64] [--clients 1 4 16 64] [--sounds 1 8]
        [--signature wav] [--seconds 4] [--shared]

Prints one line per measurement, and for each width and size of request a line that begins
`verdict`. Times of processors are the server's own, so that they hold on a busy machine as well.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from serve_process import Cores, Served, export_width, load

BATCHES = (1, 2, 4, 8, 12, 16, 32, 64)
THROUGHPUT_TARGET = 0.85

IN_PROCESS = """
import json, os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.sched_setaffinity(0, json.loads(sys.argv[5]))
from pathlib import Path
import numpy as np
from drumsmith.serving.description import Description
from drumsmith.serving.session import SavedModelSession
from drumsmith.serving.warmup import sample_inputs
folder, seconds, batches = Path(sys.argv[1]), float(sys.argv[2]), json.loads(sys.argv[3])
signature, description, result = sys.argv[4], Description.read(folder), {}
with SavedModelSession(folder) as session:
    for batch in batches:
        inputs = sample_inputs(description, signature, batch)
        for _ in range(3):
            session.run(inputs, signature=signature)
        took, busy, end = [], time.process_time(), time.perf_counter() + seconds
        while (start := time.perf_counter()) < end or len(took) < 5:
            session.run(inputs, signature=signature)
            took.append(time.perf_counter() - start)
        busy = (time.process_time() - busy) / len(took) / batch
        result[batch] = [float(np.median(took)), batch * len(took) / sum(took), busy]
print(json.dumps(result))
"""


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
    for width in args.widths:
        with tempfile.TemporaryDirectory() as scratch:
            _measure(width, Path(scratch), cores, args)


def _measure(width: int, models: Path, cores: Cores, args: argparse.Namespace) -> None:
    version = export_width(width, models)
    alone = _in_process(version, cores, args)
    best = max(alone, key=lambda batch: alone[batch][1])
    _, best_rate, busy = alone[best]
    print(
        f"width {width} in-process: {1e3 * alone[1][0]:.2f} ms for one sound, {best_rate:.0f} "
        f"sounds/s at batch {best}, {1e3 * busy:.2f} ms of a core for a sound"
    )
    with Served(models, cores) as server:
        for sounds in args.sounds:
            rates, busy_ms, medians = {}, {}, {}
            for clients in args.clients:
                result = load(server, clients, args.seconds, sounds, args.signature)
                busy_ms[clients] = 1e3 * result.cpu_s / (result.calls * sounds)
                rates[clients], medians[clients] = result.rate * sounds, result.quantile_ms(0.5)
                print(
                    f"width {width} {clients:3} clients x {sounds} sounds: {rates[clients]:6.0f} "
                    f"sounds/s, {result.words()}, {busy_ms[clients]:.2f} ms of a core for a sound"
                )
            if 16 in rates and 1 in rates:
                limit = 1.5e3 * _latency(alone, sounds) + 1
                share = rates[16] / best_rate
                print(
                    f"verdict width {width}, {sounds} sounds a request: 16 clients get "
                    f"{share:.2f} of in-process (target {THROUGHPUT_TARGET}; by processor time "
                    f"{1e3 * busy / busy_ms[16]:.2f}): "
                    f"{_passed(share >= THROUGHPUT_TARGET)}; one client's p50 {medians[1]:.2f} ms "
                    f"(limit {limit:.2f}): {_passed(medians[1] <= limit)}"
                )
        print(f"memory of the server, width {width}: {server.memory_mb():.0f} MB")
        load(server, 1, 1.0, 256, args.signature)
        print(
            f"memory of the server, width {width}, after requests of 256 sounds: "
            f"{server.memory_mb():.0f} MB"
        )


def _latency(alone: dict[int, tuple[float, float, float]], sounds: int) -> float:
    nearest = min(alone, key=lambda batch: abs(batch - sounds))
    return alone[nearest][0] * sounds / nearest


def _passed(good: bool) -> str:
    return "reached" if good else "NOT reached"


def _in_process(
    version: Path, cores: Cores, args: argparse.Namespace
) -> dict[int, tuple[float, float, float]]:
    command = [sys.executable, "-c", IN_PROCESS, str(version), str(args.seconds / 4)]
    command += [json.dumps(BATCHES), args.signature, json.dumps(cores.server)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return {int(batch): tuple(values) for batch, values in json.loads(done.stdout).items()}


if __name__ == "__main__":
    main()
