"""``drumsmith doctor``: what looked wrong in a run, and when."""

import argparse
from itertools import groupby
from pathlib import Path

HELP = "print what looked wrong in a training run, and what to try"

FAR = 0.1
"""Share of the steps before which no run has learnt more than the envelope of its sounds."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of the training run")


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...training.run.run_folder import RunFolder
    from ...training.run.run_log import read_lines

    folder = RunFolder(args.run)
    config, _ = folder.load()
    scalars = read_lines(folder.scalars_file)
    at = scalars[-1]["step"] if scalars else 0
    print(f"{args.run}: step {at} of {config.steps}")
    if at < FAR * config.steps:
        print("far from trained: what an export of it makes is noise more than drums")
    for entry in folder.history():
        print(f"from step {entry['step']} on: precision {entry['precision']}, {entry['why']}")
    found = read_lines(folder.diagnoses_file)
    if not found:
        print("nothing looked wrong so far")
    for step, group in groupby(found, key=lambda line: line["step"]):
        for line in group:
            print(f"step {step}: {line['message']}; {line['advice']}")
    return 0
