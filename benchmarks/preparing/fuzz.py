"""Prepares 2,000 files cut, flipped or spliced at random: each is used or named, none hangs.

    python benchmarks/preparing/fuzz.py [--files 2000] [--seed 0]

The files are those of tests/tfrecords/preparing/test_fuzz.py, of every kind that is read.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from drumsmith.tfrecords.decoding.supervisor import decode_all
from drumsmith.tfrecords.preparing.preparation import Preparation

sys.path.append(str(Path(__file__).parents[2] / "tests" / "helpers"))
from audio_files import write_harmed_files


def main() -> int:
    """Harm, prepare, count; 1 where a file is lost or neither used nor named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = write_harmed_files(Path(folder), args.files, np.random.default_rng(args.seed))
        begun = time.perf_counter()
        results = {result.number: result for result in decode_all(paths, Preparation())}
        took = time.perf_counter() - begun
    lost = set(paths) - set(results)
    odd = [number for number, done in results.items() if bool(done.reason) == bool(done.pcm)]
    used = sum(bool(done.pcm) for done in results.values())
    noted = sum(bool(done.pcm) and bool(done.facts.notes) for done in results.values())
    print(
        f"{len(paths)} files: {used} used, {noted} of them with a note, {len(results) - used} "
        f"named with a reason, {len(lost)} lost, {len(odd)} neither or both; {took:.0f} s"
    )
    reasons = Counter(done.reason.split(" (")[0] for done in results.values() if done.reason)
    for reason, count in reasons.most_common(8):
        print(f"  {count} {reason}")
    return 1 if lost or odd else 0


if __name__ == "__main__":
    sys.exit(main())
