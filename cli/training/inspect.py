"""``drumsmith inspect``."""

import argparse
from pathlib import Path

from ...common.errors import UserError

HELP = "show what is in a folder of records, check it, take a sound back out"

DESCRIPTION = """\
Prints what RECORDS holds: sounds per label and part, lengths, rates and levels, what was left out
and why. --verify reads every shard and compares its check sum; a damaged record is named with its
shard and place, and the exit code is 1. --sound writes one sound as a WAV file.
"""

EXAMPLES = """\
examples:
  drumsmith inspect records
  drumsmith inspect records --verify
  drumsmith inspect records --sound kick/BD01.wav --out BD01.wav
  drumsmith inspect records --schema > dataset.schema.json
      the JSON Schema of dataset.json, and what a TFRecord holds
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description, parser.epilog = DESCRIPTION, EXAMPLES
    add = parser.add_argument
    add("records", metavar="RECORDS", type=Path, help="folder made by 'drumsmith prepare'")
    add("--verify", action="store_true", help="read every record and compare all check sums")
    add("--sound", metavar="PATH", help="a sound's path in the collection: write it to --out")
    add("--out", metavar="FILE", type=Path, help="WAV file for --sound (default: its name here)")
    add("--html", metavar="FILE", type=Path, help="write a page to listen to the sounds")
    add("--schema", action="store_true", help="print the schema of dataset.json and stop")


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    if args.schema:
        from ...tfrecords.records.published import schema_text

        print(schema_text())
        return 0
    from ...tfrecords.records.dataset_info import DatasetInfo

    info = DatasetInfo.load(args.records)
    if args.sound:
        return _write_sound(args, info)
    if args.verify:
        return _verify(args.records, info)
    if args.html:
        from ...tfrecords.preparing.page import write_page

        print(write_page(args.html, args.records))
        return 0
    from ...tfrecords.preparing.report import print_report

    print_report(info, args.records)
    return 0


def _write_sound(args: argparse.Namespace, info) -> int:
    from ...common.publish import publish_file
    from ...common.sounds.wav import FULL_SCALE, wav_bytes
    from ...tfrecords.preparing.previous import read_previous

    found = dict(read_previous(args.records, info, {args.sound}))
    if args.sound not in found:
        reasons = [item.reason for item in info.skipped if item.path == args.sound]
        raise UserError(
            f"{args.records} has no sound {args.sound}: "
            + (f"it {reasons[0]}" if reasons else "dataset.json lists all under 'sources'")
        )
    out = args.out or Path(Path(args.sound).stem + ".wav")
    import numpy as np

    pcm = np.frombuffer(found[args.sound], np.int16)
    # In the file's own scale, so that its samples are exactly those of the record.
    with publish_file(out) as partial:
        partial.write_bytes(wav_bytes(pcm / FULL_SCALE, info.sample_rate))
    print(f"{out}: {len(pcm)} samples at {info.sample_rate} Hz")
    return 0


def _verify(records: Path, info) -> int:
    from ...tfrecords.records.verification import verify_checksums

    damaged = [str(damage) for damage in verify_checksums(records, info)]
    for line in damaged:
        print(line)
    count = sum(shard.records for shard in info.shards)
    state = f"{len(damaged)} of them damaged" if damaged else "all as they were written"
    print(f"{records}: {count} records in {len(info.shards)} shards, {state}")
    return 1 if damaged else 0
