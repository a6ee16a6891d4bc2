"""``drumsmith prepare``."""

import argparse

HELP = "make records for training from a folder of audio files"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("collection")
    parser.add_argument("records")
    parser.add_argument("--where", action="append", default=[])
    parser.add_argument("--group")


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from pathlib import Path

    from ..tfrecords.prepare import Options, prepare

    where: dict[str, list[str]] = {}
    for item in args.where:
        column, _, value = item.partition("=")
        where.setdefault(column, []).append(value)
    info = prepare(
        Path(args.collection), Path(args.records), Options(where=where, group=args.group)
    )
    print(info.counts, len(info.skipped))
    return 0
