"""Prepares 20,000 files, twice, and lets sox decode the same list on the same processors.

    python benchmarks/preparing/many_files.py DRUMS [--files 20000] [--jobs N]

The collection is made of the FLAC files under DRUMS in a temporary folder: each again and again, as
it is, half as loud, cut, and read as if it had other rates, so that part of them are copies. For
each run it prints files per second, processor time a file (of all processes), and the largest
resident memory of any one process. sox runs once a file, as producers' scripts do, as many at once
as prepare has workers.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

# What is made of a drum: gain, share that is kept, rate that it is read as.
VARIANTS = (
    (1.0, 1.0, 44100),
    (0.5, 1.0, 44100),
    (1.0, 0.7, 44100),
    (1.0, 1.0, 42000),
    (1.0, 1.0, 47000),
    (1.0, 1.0, 48000),
    (0.9, 1.0, 50000),
)

# Runs a command and says what it and the processes it waited for took.
MEASURED = """
import json, resource, subprocess, sys, time
begun = time.perf_counter()
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
took = time.perf_counter() - begun
print(json.dumps([code, took, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""

SOX = 'sox -G "$1" -c 1 -r 44100 -b 16 -e signed-integer -t raw - > /dev/null'


def main() -> None:
    """Make the collection, run everything, print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("drums", type=Path)
    parser.add_argument("--files", type=int, default=20000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        collection, records = Path(folder, "collection"), Path(folder, "records")
        paths = make_collection(sorted(args.drums.rglob("*.flac")), collection, args.files)
        prepare = [
            *(sys.executable, "-m", "drumsmith", "prepare", str(collection), str(records)),
            *("--labels", "folders", "--jobs", str(args.jobs)),
        ]
        first = measured("prepare, first run", prepare, len(paths))
        listing = Path(folder, "list")
        listing.write_text("\0".join(map(str, paths)))
        xargs = ["xargs", "-0", "-a", str(listing), "-P", str(args.jobs), "-n", "1"]
        sox = measured("sox, the same list", [*xargs, "sh", "-c", SOX, "sox"], len(paths))
        again = measured("prepare, second run", prepare, len(paths))
        print(
            f"sox takes {sox[0] / first[0]:.2f} times prepare's wall time and "
            f"{sox[1] / first[1]:.2f} times its processor time; the second run takes "
            f"{again[0] / first[0]:.2f} and {again[1] / first[1]:.2f} times the first's"
        )


def make_collection(drums: list[Path], root: Path, count: int) -> list[Path]:
    """Write so many files, by label; return their paths."""
    paths: list[Path] = []
    for number in range(count):
        source, (gain, share, rate) = drums[number % len(drums)], VARIANTS[number // len(drums)]
        audio, _ = soundfile.read(source, dtype="float32")
        label = root / source.parent.name
        label.mkdir(parents=True, exist_ok=True)
        path = label / f"{source.stem} {number}.flac"
        kept = audio[: max(1, int(len(audio) * share))]
        soundfile.write(path, np.clip(gain * kept, -1, 1), rate, subtype="PCM_16")
        paths.append(path)
    return paths


def measured(name: str, command: list[str], files: int) -> tuple[float, float]:
    """Run a command, print what it took, return wall and processor seconds."""
    answer = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], check=True, stdout=subprocess.PIPE
    )
    code, wall, cpu, peak = json.loads(answer.stdout)
    if code:
        sys.exit(f"{name} ended with {code}")
    print(
        f"{name}: {files} files, {files / wall:.0f} files/s, {1000 * cpu / files:.1f} ms of "
        f"processor time a file, {wall:.0f} s, at most {peak / 1024:.0f} MB in one process",
        flush=True,
    )
    return wall, cpu


if __name__ == "__main__":
    main()
