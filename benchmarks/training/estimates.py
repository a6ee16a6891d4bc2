"""How well `train --dry-run` foretells the first 50 steps.

    python benchmarks/training/estimates.py [--presets small-fast drums small-progressive]

For each preset: the time of a step as a dry run says it, then 50 steps of a real run on records of
synthesised drums, and the ratio of the two, on the clock and in processor seconds (which other
processes disturb less). The first ten steps of a run compile its graph: they are in one column and
left out of the other. A progressive preset's first 50 steps are of its first stage.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drumsmith.common.processor import describe_processor
from drumsmith.tfrecords.collection.synthesis import synthesise_collection
from drumsmith.tfrecords.preparing.prepare import prepare
from drumsmith.training.config.presets import preset
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import read_lines

PRESETS = ("small-fast", "drums", "small-progressive")
STEPS, LOGGED_EVERY = 50, 10

# In a process of its own, as the command times it.
FORETELL = """
import dataclasses, sys
from drumsmith.training.config.presets import preset
from drumsmith.training.config.step_timing import time_step
from drumsmith.training.settled_precision import settle

config = preset(sys.argv[1])
config = dataclasses.replace(config, precision=settle(config).precision)
taken = time_step(config, 3, config.schedule.phases[0])
print(taken.seconds, taken.processor_seconds)
"""


def main() -> None:
    """Measure and print a row for each preset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presets", nargs="+", default=PRESETS)
    args = parser.parse_args()
    print(describe_processor())
    print(
        f"{'preset':18}{'':10}{'dry run':>9}{'steps 11-50':>13}{'ratio':>7}{'1-50':>9}{'ratio':>7}"
    )
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder) / "records"
        synthesise_collection(Path(folder) / "sounds", counts=30, seed=0)
        prepare(Path(folder) / "sounds", records)
        for name in args.presets:
            told = _foretold(name)
            found = _run(name, records, RunFolder(Path(folder) / name))
            for unit, one, (after, all_of_them) in zip(
                ("clock s", "cpu s"), told, found, strict=True
            ):
                print(
                    f"{name:18}{unit:10}{one:9.3f}{after:13.3f}{one / after:7.2f}"
                    f"{all_of_them:9.3f}{one / all_of_them:7.2f}",
                    flush=True,
                )


def _foretold(name: str) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", FORETELL, name], capture_output=True, text=True, check=True
    )
    clock, processor = done.stdout.split()[-2:]
    return float(clock), float(processor)


def _run(name: str, records: Path, run: RunFolder) -> list[tuple[float, float]]:
    """Train 50 steps; return clock and processor seconds of a step, without and with the first."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "drumsmith.cli.main", "train", str(records), str(run.path)),
            *("--preset", name, "--set", f"log_every={LOGGED_EVERY}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert preset(name).steps > STEPS
    while len(read_lines(run.scalars_file)) < STEPS // LOGGED_EVERY:
        if process.poll() is not None:
            sys.exit(f"training {name} failed")
        time.sleep(0.2)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    lines = read_lines(run.scalars_file)[: STEPS // LOGGED_EVERY]
    times = []
    for key in ("seconds", "processor_seconds"):
        seconds = [line[key] for line in lines]
        times.append((sum(seconds[1:]) / (STEPS - LOGGED_EVERY), sum(seconds) / STEPS))
    return times


if __name__ == "__main__":
    main()
