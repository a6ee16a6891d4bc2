"""Does a server stay right, up and small?

Mixed load from several clients for some minutes, a new version every few seconds (every third one
broken, every fourth removed again), bad requests among the calls, and a client that drops its
connection in the middle of calls. Every good answer is compared with what one of the versions
would say. Fails on a wrong answer, a failed good request, a bad request that is not refused, or
memory that grows.

    python benchmarks/serving/soak.py [--minutes 10] [--every 10] [--clients 6]

Ends with a line that begins `soak`.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from drumsmith.serving.client.client import Client
from drumsmith.serving.client.errors import ClientError, InvalidRequestError
from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.saved_model.description import Description

LATENT_DIM, LENGTH, LABELS = 16, 4096, ("kick", "snare", "cymbal")
MODELS = 3
BAD_SHARE = 0.05
GROWTH_LIMIT_MB = 60.0


def main() -> int:
    """Run the soak; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--every", type=float, default=10.0, help="seconds between versions")
    parser.add_argument("--clients", type=int, default=6)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        return _soak(Path(scratch), args)


def _soak(scratch: Path, args: argparse.Namespace) -> int:
    stock = [_export(scratch / "stock", seed) for seed in range(MODELS)]
    models = scratch / "models"
    models.mkdir()
    shutil.copytree(stock[0], models / "1")
    command = [sys.executable, "-m", "drumsmith.cli.main", "serve", str(models), "--port", "0"]
    with (
        open(scratch / "log", "w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as server,
    ):
        assert server.stdout
        target = server.stdout.readline().split()[-1]
        tally = Tally()
        stop = threading.Event()
        callers = [
            threading.Thread(target=_call, args=(target, number, tally, stop))
            for number in range(args.clients)
        ]
        callers.append(threading.Thread(target=_drop_connections, args=(target, stop)))
        for caller in callers:
            caller.start()
        memory = _publish(models, stock, server, args)
        stop.set()
        for caller in callers:
            caller.join()
        server.terminate()
        code = server.wait(60)
    # What is loaded first is not growth: the first fifth is left out.
    settled = memory[len(memory) // 5 :]
    growth = float(np.median(settled[-3:]) - np.median(settled[:3]))
    print(
        f"soak {args.minutes:g} min: {tally.good} good answers, {tally.refused} bad requests "
        f"refused, {len(tally.wrong)} wrong, {len(memory)} versions, memory {memory[0]:.0f} -> "
        f"{settled[0]:.0f} -> {memory[-1]:.0f} MB, exit {code}"
    )
    for line in tally.wrong[:5]:
        print(line)
    return int(bool(tally.wrong) or growth > GROWTH_LIMIT_MB or code != 0)


class Tally:
    """What the callers saw."""

    def __init__(self):
        self.good = 0
        self.refused = 0
        self.wrong: list[str] = []


def _frozen(seed: int):
    rng = np.random.default_rng(seed)
    hidden = rng.normal(0, 0.3, (LATENT_DIM + len(LABELS), 256)).astype(np.float32)
    kernel = rng.normal(0, 0.1, (256, LENGTH)).astype(np.float32)
    return lambda z, w: tf.tanh(tf.nn.relu(tf.concat([z, w], 1) @ hidden) @ kernel)


def _export(folder: Path, seed: int) -> Path:
    description = Description(LABELS, 44100, LATENT_DIM, LENGTH)
    return export_generator(_frozen(seed), description, folder)


def _call(target: str, number: int, tally: Tally, stop: threading.Event) -> None:
    rng = np.random.default_rng(number)
    versions = [_frozen(seed) for seed in range(MODELS)]
    with Client(target, timeout_s=30) as client:
        while not stop.is_set():
            batch = int(rng.integers(1, 9))
            z = rng.standard_normal((batch, LATENT_DIM)).astype(np.float32)
            label = rng.integers(0, len(LABELS), batch)
            bad = rng.random() < BAD_SHARE
            if bad:
                label[-1] = rng.choice([-1, 99])
            try:
                audio = client.from_z(z, label)
            except InvalidRequestError as error:
                if bad:
                    tally.refused += 1
                else:
                    tally.wrong.append(f"a good request was refused: {error}")
                continue
            except ClientError as error:
                tally.wrong.append(f"{type(error).__name__}: {error}")
                continue
            weights = np.eye(len(LABELS), dtype=np.float32)[label]
            distances = [float(np.abs(v(z, weights).numpy() - audio).max()) for v in versions]
            if bad or min(distances) > 1e-5:
                tally.wrong.append(f"a wrong answer: {min(distances):.1e}, bad request: {bad}")
            tally.good += 1


def _drop_connections(target: str, stop: threading.Event) -> None:
    z = np.zeros((32, LATENT_DIM), np.float32)
    while not stop.is_set():
        client = Client(target)
        caller = threading.Thread(target=_quietly, args=(client, z))
        caller.start()
        time.sleep(0.01)
        client.close()
        caller.join()
        stop.wait(0.2)


def _quietly(client: Client, z: np.ndarray) -> None:
    with contextlib.suppress(ClientError, ValueError):
        client.from_z(z, np.zeros(len(z), np.int32))


def _publish(models: Path, stock: list[Path], server: subprocess.Popen, args) -> list[float]:
    """Put a version into the folder every few seconds; return the server's memory at each."""
    memory = []
    end = time.monotonic() + 60 * args.minutes
    number = 1
    while time.monotonic() < end:
        time.sleep(args.every)
        memory.append(_memory_mb(server.pid))
        number += 1
        if number % 3 == 0:
            (models / str(number)).mkdir()
        else:
            aside = models / f".{number}.partial"
            shutil.copytree(stock[number % len(stock)], aside)
            aside.rename(models / str(number))
        if number % 4 == 0:
            time.sleep(args.every / 2)
            shutil.rmtree(models / str(number))
        for old in [p for p in models.iterdir() if p.name.isdecimal() and int(p.name) < number - 6]:
            shutil.rmtree(old)
    return memory


def _memory_mb(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
