"""``drumsmith prepare``."""

import argparse
from pathlib import Path

from ...common.errors import UserError

HELP = "make records for training from a folder of audio files"

DESCRIPTION = """\
Reads every sound of COLLECTION, prepares it as the paper does (mono, one sample rate, cut at its
onset, cut or padded to one length, faded to 0 at both ends, peak-normalised) and writes RECORDS:
sharded TFRecords, dataset.json and files.jsonl. RECORDS appears, or changes, whole or not at all;
COLLECTION is never changed. A second call decodes what is new or changed and drops what is gone.

Files that cannot be used, loops, files of several hits and copies of another sound are left out,
and named with the reason at the end and in dataset.json.

WAV of any depth, RF64, AIFF, FLAC, OGG, MP3, CAF and whatever else libsndfile reads, told by their
content.
"""

EXAMPLES = """\
examples:
  drumsmith prepare samples records
      samples/kick/*.wav, samples/snare/deep/*.flac, ...: the first sub-folder is the label
  drumsmith prepare samples records --labels names --dry-run
      labels from file names (bd, kick, snr, hh, crash, ...) whatever the folders; shows which
      name was taken for what, and does nothing
  drumsmith prepare samples records --labels kick='BD*,Kick*' --labels snare='SD*'
      these labels and no others
  drumsmith prepare manifest.csv records --where licence=CC0 --group machine --test-share 0.1
      rows of a CSV with the columns path (relative to the CSV) and label; validation and test
      sounds come from machines that training never hears
  drumsmith prepare samples records --html listen.html
      a page to listen to the doubtful ones and strike out what is wrong
  drumsmith prepare samples records --beam --runner=FlinkRunner --flink_master=HOST:8081
      the same records, made on many machines that all see both folders; every word after --beam
      goes to Apache Beam, whose DirectRunner works here on trial
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = DESCRIPTION, EXAMPLES
    add = parser.add_argument
    add("collection", metavar="COLLECTION", type=Path, help="folder by label, or CSV path,label")
    add("records", metavar="RECORDS", type=Path, help="folder to make or bring up to date")
    add("--dry-run", action="store_true", help="show which sounds get which label; do nothing")
    add(
        *("--html",),
        metavar="FILE",
        type=Path,
        help="write a page to listen to the sounds, the doubtful ones first",
    )
    _add_choice(parser)
    _add_split(parser)
    _add_preparation(parser)
    add("--compress", action="store_true", help="GZIP: smaller to send, slower to open")
    add("--overwrite", action="store_true", help="prepare everything anew if RECORDS exists")
    add(
        *("--jobs",),
        metavar="N",
        type=int,
        help="files decoded at once (default: as many as processors, fewer for few files)",
    )
    add(
        *("--beam",),
        nargs=argparse.REMAINDER,
        metavar="OPTION",
        help="let a runner of Apache Beam do the work, and pass it all that follows "
        "(pip install 'drumsmith[beam]', here and on the workers)",
    )
    add(
        *("--decoder",),
        choices=("soundfile", "tensorflow-io"),
        default="soundfile",
        help="what decodes; tensorflow-io falls back to soundfile for what it cannot read "
        "(default: %(default)s)",
    )


def _add_choice(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("which sounds").add_argument
    add(
        *("--labels",),
        metavar="HOW",
        action="append",
        default=[],
        help="of a folder: 'names' for built-in rules over file and folder names; a file of lines "
        "LABEL = WORDS, which extends them; LABEL=PATTERNS, which alone replaces them; 'folders' "
        "to mean the first sub-folder even where it looks like a pack (default: the first "
        "sub-folder); may be repeated",
    )
    add(
        *("--family",),
        metavar="LABEL=KINDS",
        action="append",
        default=[],
        help="a label that stands for others, too: --family cymbal=closed_hat,open_hat,crash,ride; "
        "a model learns it from all their sounds and its own; may be repeated",
    )
    add(
        *("--exclude",),
        metavar="FILE",
        type=Path,
        help="paths to leave out, one a line (default: RECORDS.exclude.txt, if it is there)",
    )
    add(
        *("--copies",),
        choices=("skip", "keep"),
        default="skip",
        help="sounds that repeat another one, at any level, rate or codec: skip, or keep on the "
        "same side of the split (default: %(default)s)",
    )
    add(
        *("--several-hits",),
        choices=("skip", "first", "keep"),
        default="skip",
        help="loops and files of several hits: skip, cut before the second, or keep as they are "
        "(default: %(default)s)",
    )
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


def _add_split(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("training, validation, test").add_argument
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
        *("--group",),
        metavar="COLUMN",
        help="of a CSV: sounds that share this column's value stay on one side of the split",
    )
    add(
        *("--split",),
        metavar="COLUMN",
        help="of a CSV: the column that says train, valid or test, in place of the shares",
    )


def _add_preparation(parser: argparse.ArgumentParser) -> None:
    # Equal to the defaults of Preparation, whose module is slow to load; a test compares them.
    options = (
        ("sample_rate", "HZ", int, 44100, "sample rate of the records"),
        ("length", "SAMPLES", int, 16384, "samples per sound; the paper's networks need 16384"),
        ("fade_in_ms", "MS", float, 0.5, "linear fade at a sound's start, short: attacks survive"),
        ("fade_out_ms", "MS", float, 20.0, "linear fade at a sound's end"),
        ("onset_db", "DB", float, 40.0, "out of silence, a sound starts so far below its peak"),
        ("silent_db", "DB", float, 60.0, "a file is silent if its peak is so far below full scale"),
        ("rumble_hz", "HZ", float, 10.0, "what lies below is removed; 0 leaves it"),
        ("shortest_ms", "MS", float, 5.0, "a sound that lasts less is left out"),
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
    if args.jobs is not None and args.jobs < 1:
        raise UserError(f"--jobs {args.jobs} is below 1")
    options = _options(args)
    if args.dry_run:
        from ...tfrecords.preparing.label_report import print_labels
        from ...tfrecords.preparing.prepare import list_sounds

        print_labels(list_sounds(args.collection, options))
        return 0
    from ...tfrecords.preparing.report import print_report

    if args.beam is None:
        from ...tfrecords.preparing.prepare import prepare

        info = prepare(args.collection, args.records, options, parallel=args.jobs)
    else:
        from ...tfrecords.beam.prepare import prepare_with_beam

        info = prepare_with_beam(
            args.collection, args.records, options, arguments=args.beam, parallel=args.jobs
        )
    print_report(info, args.records)
    if args.html:
        from ...tfrecords.preparing.page import write_page

        print(write_page(args.html, args.records))
    return 0


def _options(args: argparse.Namespace):
    where = _conditions("--where", args.where)
    where_not = _conditions("--where-not", args.where_not)
    from ...tfrecords.collection.collection import RowFilter
    from ...tfrecords.collection.exclusion import read_exclusions, usual_file
    from ...tfrecords.collection.naming import read_rules
    from ...tfrecords.preparing.options import Options
    from ...tfrecords.preparing.preparation import Preparation

    usual = usual_file(args.records)
    exclude = args.exclude or (usual if usual.is_file() else None)
    rules = [option for option in args.labels if option != "folders"]
    if len(rules) not in (0, len(args.labels)):
        raise UserError("--labels folders stands alone: folders say all labels or none")
    try:
        return Options(
            preparation=Preparation(
                sample_rate=args.sample_rate,
                length=args.length,
                fade_in_ms=args.fade_in_ms,
                fade_out_ms=args.fade_out_ms,
                onset_db=args.onset_db,
                silent_db=args.silent_db,
                rumble_hz=args.rumble_hz,
                shortest_ms=args.shortest_ms,
                several_hits=args.several_hits,
            ),
            rows=RowFilter(where, where_not),
            group=args.group,
            split=args.split,
            rules=read_rules(rules) if rules else None,
            packs_are_labels="folders" in args.labels,
            families=_families(args.family),
            excluded=read_exclusions(exclude) if exclude else frozenset(),
            copies=args.copies,
            valid_share=args.valid_share,
            test_share=args.test_share,
            decoder=args.decoder,
            compression="GZIP" if args.compress else "",
            overwrite=args.overwrite,
        )
    except ValueError as error:
        raise UserError(str(error)) from None


def _families(items: list[str]) -> dict[str, list[str]]:
    families: dict[str, list[str]] = {}
    for item in items:
        name, _, words = item.partition("=")
        kinds = [word.strip() for word in words.split(",") if word.strip()]
        if not name or not kinds:
            raise UserError(f"--family {item!r} is not of the form LABEL=KIND,KIND,...")
        families[name] = list(dict.fromkeys([*families.get(name, []), *kinds]))
    return families


def _conditions(option: str, items: list[str]) -> dict[str, list[str]]:
    where: dict[str, list[str]] = {}
    for item in items:
        column, equals, value = item.partition("=")
        if not column or not equals:
            raise UserError(f"{option} {item!r} is not of the form COLUMN=VALUE")
        where.setdefault(column, []).append(value)
    return where
