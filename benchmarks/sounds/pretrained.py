"""What a user of the pretrained model waits for, and what everyone who installs drumsmith loads.

    python benchmarks/sounds/pretrained.py [--models MODELS] [--runs 7]

cold: the whole process of ``drumsmith generate kick -n 1`` in a fresh interpreter, median of the
runs, and where its time goes; warm: one sound from a loaded model, median and 99th percentile of
200; size: of the model. Each beside its target; exits with 1 where one is missed. Needs a quiet
machine, and files that the system has read before (the first run is not counted).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from drumsmith.serving import pretrained

COLD_S = 6.0
WARM_MS = 10.0
WARM_CALLS = 200

PHASES = ("import TensorFlow", "load the model", "first sound")
PROGRAM = """
import os, sys, time
from pathlib import Path
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
began = time.perf_counter()
from drumsmith.serving.saved_model.local_model import LocalModel
imported = time.perf_counter()
model = LocalModel(Path(sys.argv[1]))
loaded = time.perf_counter()
model.seeded([1], [0])
print(imported - began, loaded - imported, time.perf_counter() - loaded)
"""


def main() -> int:
    """Measure and print; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, help="(default: the pretrained model)")
    parser.add_argument("--label", default="kick")
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    models = args.models or pretrained.pretrained_models()
    cold = _cold(models, args.label, args.runs)
    parts = _parts(models, args.runs)
    warm = _warm(models, args.label)
    size = sum(
        p.stat().st_size for p in (args.models or pretrained.folder()).rglob("*") if p.is_file()
    )
    met = [
        _print("cold", statistics.median(cold), "s", COLD_S, f"{min(cold):.2f} to {max(cold):.2f}"),
        _print("warm", statistics.median(warm), "ms", WARM_MS, f"p99 {_p99(warm):.2f}"),
        _print("size", size / 1e6, "MB", pretrained.LARGEST_BYTES / 1e6, ""),
    ]
    words = ", ".join(f"{name} {s:.2f} s" for name, s in zip(PHASES, parts, strict=True))
    print(f"of cold: {words}; the rest is the interpreter and the file")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    return 0 if all(met) else 1


def _cold(models: Path, label: str, runs: int) -> list[float]:
    with tempfile.TemporaryDirectory() as out:
        command = ["-m", "drumsmith.cli.main", "generate", label, "-n", "1", "--out", out]
        return [seconds for seconds, _ in _times([*command, "--models", str(models)], runs)]


def _parts(models: Path, runs: int) -> list[float]:
    answers = [answer for _, answer in _times(["-c", PROGRAM, str(models)], runs)]
    return [
        statistics.median(column)
        for column in zip(*(map(float, a.split()) for a in answers), strict=True)
    ]


def _times(command: list[str], runs: int) -> list[tuple[float, str]]:
    """Return seconds and words of each of so many processes, after one that is not counted."""
    found = []
    for _ in range(1 + runs):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, check=False
        )
        found.append((time.perf_counter() - began, done.stdout))
        if done.returncode:
            sys.exit(done.stderr)
    return found[1:]


def _warm(models: Path, label: str) -> list[float]:
    from drumsmith.serving.saved_model.local_model import LocalModel

    with LocalModel(models) as model:
        number = model.labels.index(label)
        model.seeded([0], [number])
        times = []
        for seed in range(WARM_CALLS):
            began = time.perf_counter()
            model.seeded([seed], [number])
            times.append(1000 * (time.perf_counter() - began))
    return times


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]


def _print(name: str, value: float, unit: str, target: float, more: str) -> bool:
    met = value <= target
    note = f"  ({more})" if more else ""
    print(f"{name}  {value:7.2f} {unit:3} target {target:g} {unit:3} {'ok' if met else 'NO'}{note}")
    return met


if __name__ == "__main__":
    sys.exit(main())
