"""Options that say how sounds are written: format, level, length, names."""

import argparse
from pathlib import Path

from ...common.errors import UserError
from ...common.sounds.processing import Processing

DEFAULT_NAMES = "{label}-{seed}"


def add_output_options(parser: argparse.ArgumentParser, out: str = "sounds") -> None:
    """Add the options that `processing` and the writer read."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "--out", type=Path, default=Path(out), help=f"folder to write to (default: {out})"
    )
    group.add_argument(
        "--overwrite", action="store_true", help="replace files that hold another sound"
    )
    add_processing_options(group)


def add_processing_options(group: argparse._ActionsContainer) -> None:
    """Add the options that `processing` reads."""
    group.add_argument(
        "--rate",
        type=int,
        help="sample rate in Hz: 44100, 48000, 96000, ... (default: the model's)",
    )
    group.add_argument(
        "--bits", choices=("16", "24", "float"), default="16", help="of a sample (default: 16)"
    )
    group.add_argument("--peak", type=float, metavar="DB", help="level of the peak, such as -1")
    group.add_argument(
        "--loudness", type=float, metavar="LUFS", help="of the loudest 100 ms, such as -14"
    )
    group.add_argument(
        "--fade-in", type=float, default=0.0, metavar="MS", help="at the start (default: 0)"
    )
    group.add_argument(
        "--fade-out", type=float, default=0.0, metavar="MS", help="at the end (default: 0)"
    )
    group.add_argument(
        "--trim", type=float, metavar="DB", help="cut the tail this far below the peak, such as -60"
    )
    group.add_argument(
        "--gate", type=float, metavar="DB", help="silence what is this far below the peak"
    )
    group.add_argument("--high-pass", type=float, metavar="HZ", help="remove what is below")
    group.add_argument(
        "--drive", type=float, default=0.0, metavar="DB", help="into a soft limiter (default: 0)"
    )
    group.add_argument(
        "--tune",
        metavar="NOTE",
        help="move the fundamental to A1, F#2, or a MIDI number (C4 is 60)",
    )


def add_names_option(parser: argparse.ArgumentParser, default: str = DEFAULT_NAMES) -> None:
    """Add the pattern of file names."""
    parser.add_argument(
        "--names",
        default=default,
        metavar="PATTERN",
        help="of files; may hold {label}, {seed}, {n:02}, {note} (of the fundamental), {model} "
        f"(default: {default})".replace("%", "%%"),
    )


def processing(args: argparse.Namespace) -> Processing:
    """Return the `Processing` that the options ask for.

    Raises:
        UserError: a value is out of range.

    """
    from ...instruments.pitch import parse_note

    return Processing(
        tune_note=None if args.tune is None else parse_note(args.tune),
        drive_db=args.drive,
        high_pass_hz=args.high_pass,
        gate_db=args.gate,
        sample_rate=args.rate,
        trim_db=args.trim,
        fade_in_ms=args.fade_in,
        fade_out_ms=args.fade_out,
        peak_db=args.peak,
        loudness_db=args.loudness,
        encoding=args.bits,
    )


def chosen_processing(args: argparse.Namespace, before: Processing) -> Processing:
    """Return what the options ask for; a sound's own processing where they ask for nothing."""
    chosen = processing(args)
    return before if chosen == Processing() else chosen


def parse_mix(words: str) -> dict[str, float]:
    """Return the shares of ``kick=0.6,snare=0.4``.

    Raises:
        UserError: it is not written so.

    """
    shares = {}
    for part in words.split(","):
        name, _, share = part.partition("=")
        try:
            shares[name.strip()] = float(share)
        except ValueError:
            raise UserError(f"--mix is written as kick=0.6,snare=0.4, not {words}") from None
    return shares
