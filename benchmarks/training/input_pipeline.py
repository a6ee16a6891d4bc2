"""How many sounds per second the input pipeline gives, alone, and whether its memory stays flat.

    TF_CPP_MIN_LOG_LEVEL=3 python benchmarks/training/input_pipeline.py

Writes 2,000 and 100,000 records (made by repeating 1,000; 3.3 GB) into a temporary folder that is
removed again, and reads each with several options, every case in a fresh process. The last column
compares with what training takes: a step of 5 critic batches of 64 in ``--step-seconds``.
"""

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from drumsmith.tfrecords.reading.augmentation import Augmentation
from drumsmith.tfrecords.reading.pipeline import training_dataset
from drumsmith.tfrecords.records import schema
from drumsmith.tfrecords.records.dataset_info import DatasetInfo, Source, count_labels
from drumsmith.tfrecords.records.shards import shard_name, write_shard

LABELS = ("cymbal", "kick", "snare")
LENGTH = 16384
REPEATED = 1000  # records in one shard
STEP_SOUNDS = 5 * 64
SOME = Augmentation(gain_db=6, shift_samples=200, polarity=True)

CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "balanced": {"balanced": True},
    "length 1024": {"length": 1024},
    "gain, shift, polarity": {"augmentation": SOME},
    "and resampling": {"augmentation": replace(SOME, resample=0.05)},
}


@dataclass(frozen=True)
class Reading:
    """One measured case: sounds per second, and resident memory in MB at three times."""

    per_second: float
    epochs: float
    opened_mb: float
    warm_mb: float
    end_mb: float


def main() -> None:
    """Measure every case and print one table."""
    args = _arguments()
    table = Table("records", "options", title=f"batches of {args.batch_size}, {args.seconds:g} s")
    for name in ("sounds/s", "epochs", "MB opened", "MB warm", "MB at the end", "x a step's use"):
        table.add_column(name, justify="right")
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        for count in args.records:
            records = _write_records(Path(folder), count)
            for name in CASES:
                reading = _in_fresh_process(records, name, args.batch_size, args.seconds)
                share = reading.per_second * args.step_seconds / STEP_SOUNDS
                table.add_row(
                    f"{count:,}",
                    name,
                    f"{reading.per_second:,.0f}",
                    f"{reading.epochs:.2f}",
                    *(f"{mb:,.0f}" for mb in (reading.opened_mb, reading.warm_mb, reading.end_mb)),
                    f"{share:.1f}",
                )
                print(f"{count} records, {name}: {reading.per_second:.0f} sounds/s", flush=True)
            shutil.rmtree(records)
    Console(width=110).print(table)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, nargs="+", default=[2_000, 100_000])
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=8.0, help="per case, after warming up")
    parser.add_argument(
        "--step-seconds", type=float, default=1.7, help="a training step; 1.7 at width 16, 2 cores"
    )
    parser.add_argument("--folder", type=Path, help="for the records; the system's by default")
    args = parser.parse_args()
    needed = max(args.records) * 2.1 * LENGTH
    if shutil.disk_usage(args.folder or tempfile.gettempdir()).free < needed:
        sys.exit(f"{needed / 1e9:.1f} GB of disk are needed: choose another --folder")
    return args


def _write_records(folder: Path, count: int) -> Path:
    """Repeat one shard until there are ``count`` records."""
    records = folder / f"records-{count}"
    records.mkdir()
    shards = max(1, count // REPEATED)
    each = count // shards
    rng = np.random.default_rng(0)
    noise = rng.integers(-32767, 32767, (64, LENGTH)).astype(np.int16)
    names = [shard_name("train", number, shards) for number in range(shards)]
    data = (schema.encode(noise[n % 64], n % 3, f"{n}.wav") for n in range(each))
    first = write_shard(records, names[0], "train", data, "")
    for name in names[1:]:
        shutil.copyfile(records / names[0], records / name)
    sources = [Source(f"{n % each}.wav", LABELS[n % each % 3], "train", "") for n in range(count)]
    DatasetInfo(
        labels=LABELS,
        counts=count_labels(sources, LABELS),
        sample_rate=44100,
        length=LENGTH,
        preparation={"fade_out_samples": 882},
        sources=sources,
        skipped=[],
        shards=[replace(first, file=name) for name in names],
    ).save(records)
    return records


def _in_fresh_process(records: Path, case: str, batch_size: int, seconds: float) -> Reading:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (records, case, batch_size, seconds))


def _measure(records: Path, case: str, batch_size: int, seconds: float) -> Reading:
    batches = iter(training_dataset(records, batch_size=batch_size, seed=1, **CASES[case]))
    next(batches)
    opened = _resident_mb()
    _consume(batches, seconds / 4)  # tf.data finds its parallelism
    warm = _resident_mb()
    start = time.monotonic()
    count = batch_size * _consume(batches, seconds)
    took = time.monotonic() - start
    total = DatasetInfo.load(records).count("train")
    return Reading(count / took, count / total, opened, warm, _resident_mb())


def _consume(batches: Any, seconds: float) -> int:
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        next(batches)
        count += 1
    return count


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
