"""A server for the benchmarks: started on cores of its own, called by cheap callers on others."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from clients import connect, request

from drumsmith.serving.client.connection import PREDICT

CALLERS = Path(__file__).with_name("clients.py")


@dataclass(frozen=True)
class Cores:
    """Which cores the server has, and which its callers."""

    server: list[int]
    clients: list[int]

    @classmethod
    def split(cls, shared: bool) -> "Cores":
        """Give the callers the last core, where there are several; all share otherwise."""
        cores = sorted(os.sched_getaffinity(0))
        if shared or len(cores) == 1:
            return cls(cores, cores)
        return cls(cores[:-1], cores[-1:])

    def __str__(self) -> str:
        return f"server on {len(self.server)} core(s), callers " + (
            "on the same" if self.server == self.clients else f"on {len(self.clients)} other(s)"
        )


class Listening:
    """A server process, on cores of its own; its first line ends in its address.

    A context manager.
    """

    def __init__(self, command: list[str], cores: Cores):
        self.cores = cores
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            # Before TensorFlow counts the cores.
            preexec_fn=lambda: os.sched_setaffinity(0, cores.server),
        )
        assert self.process.stdout
        self.target = self.process.stdout.readline().split()[-1]

    def cpu_s(self) -> float:
        """Return the seconds of processors that the server has used."""
        text = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(text[11]) + int(text[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Return what the server holds in memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


class Served(Listening):
    """`drumsmith serve` on a free port."""

    def __init__(self, models: Path, cores: Cores, *options: str):
        command = [sys.executable, "-m", "drumsmith.cli.main", "serve", str(models), "--port", "0"]
        super().__init__([*command, *options], cores)


@dataclass(frozen=True)
class Result:
    """What the callers saw: latencies in seconds, sorted, and how long it took.

    ``cpu_s`` is the processor time that the server used meanwhile.
    """

    good: list[float]
    refused: dict[str, list[float]]
    seconds: float
    cpu_s: float

    @property
    def calls(self) -> int:
        """How many were answered."""
        return len(self.good)

    @property
    def rate(self) -> float:
        """Answered calls a second."""
        return self.calls / self.seconds

    def quantile_ms(self, q: float) -> float:
        """Return a quantile of the answered calls' latency."""
        return 1e3 * quantile(self.good, q)

    def words(self) -> str:
        """Return latencies and refusals as text."""
        p50, p95, p99 = (self.quantile_ms(q) for q in (0.5, 0.95, 0.99))
        refused = {code: len(took) for code, took in self.refused.items()}
        return f"p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} ms, not answered: {refused or 'none'}"


def quantile(values: list[float], q: float) -> float:
    """Return a quantile of sorted values; not a number if there are none."""
    return values[int(q * (len(values) - 1))] if values else float("nan")


def load(
    server: Listening,
    clients: int,
    seconds: float,
    sounds: int,
    signature: str = "serving_default",
    rate: float = 0.0,
) -> Result:
    """Let callers call; see `clients.Load`."""
    wanted = {
        "target": server.target,
        "clients": clients,
        "seconds": seconds,
        "sounds": sounds,
        "signature": signature,
        "rate": rate,
        "cores": server.cores.clients,
    }
    command = [sys.executable, str(CALLERS), json.dumps(wanted)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as callers:
        assert callers.stdout
        callers.stdout.readline()
        before = server.cpu_s()
        text, _ = callers.communicate(timeout=seconds + 120)
        used = server.cpu_s() - before
    answer = json.loads(text)
    refused = {code: sorted(took) for code, took in answer["refused"].items()}
    return Result(sorted(answer["good"]), refused, answer["seconds"], used)


def answer_of(server: Listening, sounds: int, signature: str) -> bytes:
    """Return the bytes of one answer."""
    with connect(server.target) as channel:
        return channel.unary_unary(PREDICT)(request(sounds, signature), timeout=60)


def export_width(width: int, models: Path) -> Path:
    """Export a generator of that width with random weights."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from drumsmith.model.network_config import NetworkConfig
    from drumsmith.model.networks import build_generator
    from drumsmith.serving.export.exporter import export_generator
    from drumsmith.serving.saved_model.description import Description

    generator = build_generator(NetworkConfig(width=width), 3)
    description = Description(
        ("kick", "snare", "cymbal"), 44100, generator.latent_dim, generator.length
    )
    return export_generator(generator.frozen(), description, models)
