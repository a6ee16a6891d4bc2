"""How many sounds a second does a server give, and how soon?

For each width: exports a generator with random weights, measures what its graph gives in-process
(latency of one sound, and sounds per second at the best batch size), then starts `drumsmith serve`
on a free port of the loopback and lets 1, 4, 16 and 64 clients call it without pause. Everything
shares this machine's cores, the clients included.

    python benchmarks/serve_load.py [--widths 16 64] [--clients 1 4 16 64] [--seconds 6]

Prints one line per measurement, and for each width a line that begins `ratio`: throughput at 16
clients against in-process, and one client's p50 against in-process latency.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BATCHES = (1, 2, 4, 8, 12, 16, 32, 64)
PROCESSES = 2

CLIENTS = """
import json, sys, threading, time
import numpy as np
from drumsmith.serving.client import Client
target, (threads, seconds, sounds) = sys.argv[1], map(float, sys.argv[2:])
threads, sounds = int(threads), int(sounds)
latencies, errors = [], []
def call(number):
    rng = np.random.default_rng(number)
    with Client(target, timeout_s=60) as client:
        z = rng.standard_normal((sounds, client.latent_dim)).astype(np.float32)
        label = np.arange(sounds) % len(client.labels)
        for _ in range(3):
            client.from_z(z, label)
        ready.wait()
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            try:
                client.from_z(z, label)
            except Exception as error:
                errors.append(type(error).__name__)
            latencies.append(time.perf_counter() - start)
ready = threading.Barrier(threads)
workers = [threading.Thread(target=call, args=(n,)) for n in range(threads)]
[w.start() for w in workers]
[w.join() for w in workers]
print(json.dumps({"latencies": latencies, "errors": errors}))
"""

IN_PROCESS = """
import json, os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
from pathlib import Path
import numpy as np
from drumsmith.serving.description import Description
from drumsmith.serving.session import SavedModelSession
from drumsmith.serving.warmup import sample_inputs
folder, seconds, batches = Path(sys.argv[1]), float(sys.argv[2]), json.loads(sys.argv[3])
description, result = Description.read(folder), {}
with SavedModelSession(folder) as session:
    for batch in batches:
        inputs = sample_inputs(description, "serving_default", batch)
        for _ in range(3):
            session.run(inputs)
        took, end = [], time.perf_counter() + seconds
        while (start := time.perf_counter()) < end or len(took) < 5:
            session.run(inputs)
            took.append(time.perf_counter() - start)
        result[batch] = [float(np.median(took)), batch * len(took) / sum(took)]
print(json.dumps(result))
"""


def main() -> None:
    """Run the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--widths", type=int, nargs="+", default=[16, 64])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement")
    parser.add_argument("--sounds", type=int, default=1, help="in one request")
    args = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {args.sounds} sounds a request")
    for width in args.widths:
        with tempfile.TemporaryDirectory() as scratch:
            _measure(width, Path(scratch), args)


def _measure(width: int, models: Path, args: argparse.Namespace) -> None:
    version = _export(width, models)
    alone = _in_process(version, args.seconds / 4)
    latency_ms = 1000 * alone[args.sounds if args.sounds in BATCHES else 1][0]
    best = max(alone, key=lambda batch: alone[batch][1])
    best_rate = alone[best][1]
    print(
        f"width {width} in-process: {latency_ms:.2f} ms a request, "
        f"{best_rate:.0f} sounds/s at batch {best}"
    )
    rates, medians = {}, {}
    with _server(models) as target:
        for clients in args.clients:
            rates[clients], medians[clients] = _load(target, width, clients, args)
    if 16 in rates and 1 in medians:
        limit = 1.5 * latency_ms + 1
        print(
            f"ratio width {width}: 16 clients {rates[16] / best_rate:.2f} of in-process; "
            f"one client p50 {medians[1]:.2f} ms, limit {limit:.2f} ms"
        )


def _load(target: str, width: int, clients: int, args: argparse.Namespace) -> tuple[float, float]:
    per_process = [clients // PROCESSES + (n < clients % PROCESSES) for n in range(PROCESSES)]
    options = [str(args.seconds), str(args.sounds)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CLIENTS, target, str(threads), *options], stdout=subprocess.PIPE
        )
        for threads in per_process
        if threads
    ]
    answers = [json.loads(process.communicate()[0]) for process in processes]
    latencies = sorted(value for answer in answers for value in answer["latencies"])
    errors = [error for answer in answers for error in answer["errors"]]
    good = len(latencies) - len(errors)
    p50, p95, p99 = (1000 * latencies[int(q * (len(latencies) - 1))] for q in (0.5, 0.95, 0.99))
    rate = good * args.sounds / args.seconds
    print(
        f"width {width} {clients:3} clients: {rate:6.0f} sounds/s, "
        f"p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} ms, {len(errors)} errors"
    )
    return rate, p50


def _export(width: int, models: Path) -> Path:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from drumsmith.model.generator import Generator
    from drumsmith.serving.description import Description
    from drumsmith.serving.export import export_generator

    generator = Generator(width=width)
    generator.build()
    description = Description(
        ("kick", "snare", "cymbal"), 44100, generator.latent_dim, generator.length
    )
    return export_generator(generator.frozen(), description, models)


def _in_process(version: Path, seconds: float) -> dict[int, tuple[float, float]]:
    command = [sys.executable, "-c", IN_PROCESS, str(version), str(seconds), json.dumps(BATCHES)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return {int(batch): tuple(values) for batch, values in json.loads(done.stdout).items()}


@contextmanager
def _server(models: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "drumsmith.cli.main", "serve", str(models), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        try:
            yield line.split()[-1]
        finally:
            process.terminate()
            time.sleep(0.1)


if __name__ == "__main__":
    main()
