"""Kills a progressive run at random moments, goes on each time, and compares with one never killed.

    python benchmarks/training/kill_and_resume.py --kills 10

Uses records and runs in a temporary folder; prints each kill and, at the end, the largest
difference between the two runs' weights, which must be exactly 0.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from drumsmith.tfrecords.collection.synthesis import synthesise_collection
from drumsmith.training.run.checkpoints import list_checkpoints, newest_whole, step_of

SETTINGS = {
    "latent_dim": 8,
    "blocks": 4,
    "batch_size": 8,
    "checkpoint_every": 20,
    "log_every": 10,
    "preview_every": 200,
}


def train(records: Path, run: Path, steps: int) -> subprocess.Popen:
    """Start a training in a process of its own."""
    settings = [f"--set={name}={value}" for name, value in SETTINGS.items()]
    words = ["train", str(records), str(run), "--preset=tiny", f"--steps={steps}", "--progressive"]
    return subprocess.Popen(
        [sys.executable, "-m", "drumsmith.cli.main", *words, *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def saved(run: Path) -> int:
    """Step of the newest checkpoint, 0 before the first."""
    found = list_checkpoints(run / "checkpoints")
    return step_of(found[-1]) if found else 0


def main() -> None:
    """Kill, go on, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        collection, records = Path(folder, "collection"), Path(folder, "records")
        synthesise_collection(collection, counts=20, seed=1)
        prepare = ["prepare", str(collection), str(records), "--length=4096"]
        subprocess.run([sys.executable, "-m", "drumsmith.cli.main", *prepare], check=True)
        whole, killed = Path(folder, "whole"), Path(folder, "killed")
        if train(records, whole, args.steps).wait():
            sys.exit("the run that was never killed failed")
        done = kill_often(records, killed, args, rng)
        compare(whole, killed, done)


def kill_often(records: Path, run: Path, args: argparse.Namespace, rng: random.Random) -> int:
    """Kill the run ``args.kills`` times, then let it end; return how many kills hit it alive."""
    kills = 0
    targets = sorted(rng.sample(range(30, args.steps - 30), args.kills))
    for target in targets:
        process = train(records, run, args.steps)
        while process.poll() is None and saved(run) < target - SETTINGS["checkpoint_every"]:
            time.sleep(0.05)
        time.sleep(rng.uniform(0, 1.5))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()
        print(f"kill {kills}: near step {target}, newest checkpoint {saved(run)}", flush=True)
    if train(records, run, args.steps).wait():
        sys.exit("the killed run could not be brought to its end")
    return kills


def compare(whole: Path, killed: Path, kills: int) -> None:
    """Print the largest difference of any array in the two final checkpoints."""
    _, first, _ = newest_whole(whole / "checkpoints")
    _, second, _ = newest_whole(killed / "checkpoints")
    if set(first) != set(second):
        sys.exit("the two runs ended with different variables")
    difference = max(float(np.abs(first[name] - second[name]).max()) for name in first)
    print(f"{kills} kills; {len(first)} arrays; largest difference {difference:g}")
    sys.exit(0 if difference == 0 else 1)


if __name__ == "__main__":
    main()
