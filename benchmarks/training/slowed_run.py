"""What the doctor says of a run that is slowed on purpose.

    python benchmarks/training/slowed_run.py

Trains preset small for 20 steps on synthesised drums three times: as it is, with one thread
for an operation, and beside as many busy processes as there are cores; prints the doctor's lines.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drumsmith.common.processor import describe_processor, usable_cores
from drumsmith.tfrecords.collection.synthesis import synthesise_collection
from drumsmith.tfrecords.preparing.prepare import prepare
from drumsmith.training.callbacks.pace import STEPS

DRUMSMITH = [sys.executable, "-m", "drumsmith.cli.main"]


def main() -> None:
    """Slow it, and print."""
    print(describe_processor())
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        synthesise_collection(place / "sounds", counts=30, seed=0)
        prepare(place / "sounds", place / "records")
        _doctor(place, "as it is")
        _doctor(place, "one thread", TF_NUM_INTRAOP_THREADS="1")
        with _busy(usable_cores()):
            _doctor(place, "busy cores")


def _doctor(place: Path, name: str, **variables: str) -> None:
    run = place / name
    command = ["train", str(place / "records"), str(run), "--preset", "small"]
    subprocess.run(
        [*DRUMSMITH, *command, "--steps", str(STEPS)],
        env=os.environ | variables,
        check=True,
        capture_output=True,
    )
    done = subprocess.run([*DRUMSMITH, "doctor", str(run)], capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if " a step takes " in line]
    print(f"{name}: {lines[0] if lines else 'nothing'}", flush=True)


@contextmanager
def _busy(count: int) -> Iterator[None]:
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


if __name__ == "__main__":
    main()
