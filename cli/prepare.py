"""``drumsmith prepare``."""

import argparse
import os
from pathlib import Path

from ..common.errors import UserError

HELP = "make records for training from a folder of audio files"

DESCRIPTION = """\
Reads every sound of COLLECTION, prepares it as the paper does (mono, one sample rate, leading
silence cut, cut or padded to one length, faded to 0 at both ends, peak-normalised) and writes
RECORDS: sharded TFRecords and dataset.json. RECORDS appears whole or not at all. Files that cannot
be used are skipped, and named with the reason at the end and in dataset.json.

WAV of any depth, FLAC, OGG, MP3, AIFF and whatever else libsndfile reads.
"""

EXAMPLES = """\
examples:
  drumsmith prepare samples records
      samples/kick/*.wav, samples/snare/deep/*.flac, ...: the first sub-folder is the label
  drumsmith prepare manifest.csv records --where licence=CC0 --group machine
      rows of a CSV with the columns path (relative to the CSV) and label; validation sounds come
      from machines that training never hears
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = DESCRIPTION, EXAMPLES
    add = parser.add_argument
    add("collection", metavar="COLLECTION", type=Path, help="folder by label, or CSV path,label")
    add("records", metavar="RECORDS", type=Path, help="folder to make")
    _add_choice(parser)
    _add_preparation(parser)
    add("--compress", action="store_true", help="GZIP: smaller to send, slower to open")
    add("--overwrite", action="store_true", help="replace RECORDS if it holds records")
    add(
        *("--jobs",),
        metavar="N",
        type=int,
        default=os.cpu_count() or 1,
        help="files decoded at once (default: %(default)s, the processors)",
    )


def _add_choice(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("which sounds").add_argument
    add(
        *("--where",),
        metavar="COLUMN=VALUE",
        action="append",
        default=[],
        help="of a CSV, only these rows; repeated with another column: and, with the same: or; "
        "VALUE may hold * and ?",
    )
    add(
        *("--where-not",),
        metavar="COLUMN=VALUE",
        action="append",
        default=[],
        help="of a CSV, none of these rows",
    )
    add(
        *("--group",),
        metavar="COLUMN",
        help="of a CSV: sounds that share this column's value stay on one side of the split",
    )
    add(
        *("--valid-share",),
        metavar="SHARE",
        type=float,
        default=0.1,
        help="share of each label kept for validation (default: %(default)s)",
    )
    add(
        *("--test-share",),
        metavar="SHARE",
        type=float,
        default=0.0,
        help="share of each label kept for test: neither training nor the choice of a checkpoint "
        "sees it (default: %(default)s)",
    )
    add(
        *("--split",),
        metavar="COLUMN",
        help="of a CSV: the column that says train, valid or test, in place of the shares",
    )


def _add_preparation(parser: argparse.ArgumentParser) -> None:
    # Equal to the defaults of tfrecords.preparation.Preparation, which loads TensorFlow; a test
    # compares them.
    options = (
        ("sample_rate", "HZ", int, 44100, "sample rate of the records"),
        ("length", "SAMPLES", int, 16384, "samples per sound; the paper's networks need 16384"),
        ("fade_in_ms", "MS", float, 0.5, "linear fade at a sound's start, short: attacks survive"),
        ("fade_out_ms", "MS", float, 20.0, "linear fade at a sound's end"),
        ("onset_db", "DB", float, 40.0, "a sound starts when it is so far below its peak"),
        ("silent_db", "DB", float, 60.0, "a file is silent if its peak is so far below full scale"),
    )
    group = parser.add_argument_group("preparation")
    for name, unit, kind, default, words in options:
        group.add_argument(
            f"--{name.replace('_', '-')}",
            metavar=unit,
            type=kind,
            default=default,
            help=f"{words} (default: {default})",
        )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    where = _conditions("--where", args.where)
    where_not = _conditions("--where-not", args.where_not)
    if args.jobs < 1:
        raise UserError(f"--jobs {args.jobs} is below 1")
    from ..tfrecords.collection.collection import RowFilter
    from ..tfrecords.preparing.preparation import Preparation
    from ..tfrecords.preparing.prepare import Options, prepare
    from ..tfrecords.preparing.report import print_report

    try:
        options = Options(
            preparation=Preparation(
                sample_rate=args.sample_rate,
                length=args.length,
                fade_in_ms=args.fade_in_ms,
                fade_out_ms=args.fade_out_ms,
                onset_db=args.onset_db,
                silent_db=args.silent_db,
            ),
            rows=RowFilter(where, where_not),
            group=args.group,
            split=args.split,
            valid_share=args.valid_share,
            test_share=args.test_share,
            compression="GZIP" if args.compress else "",
            overwrite=args.overwrite,
        )
    except ValueError as error:
        raise UserError(str(error)) from None
    info = prepare(args.collection, args.records, options, parallel=args.jobs)
    print_report(info, args.records)
    return 0


def _conditions(option: str, items: list[str]) -> dict[str, list[str]]:
    where: dict[str, list[str]] = {}
    for item in items:
        column, equals, value = item.partition("=")
        if not column or not equals:
            raise UserError(f"{option} {item!r} is not of the form COLUMN=VALUE")
        where.setdefault(column, []).append(value)
    return where
