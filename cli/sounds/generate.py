"""``drumsmith generate``: sounds of a label, as WAV files."""

import argparse
import secrets
from collections.abc import Iterator
from itertools import chain, count
from typing import Any

from ...common.errors import UserError
from .output_options import add_names_option, add_output_options, parse_mix, processing
from .source import ELSEWHERE, add_source_options, open_source

HELP = "make sounds of a label: with the pretrained model, one of yours, or a server"
EXTRA = "serve"
__all__ = ["ELSEWHERE", "EXTRA", "HELP", "add_arguments", "run"]

LARGEST_SEED = 2**63 - 1
ALL = "all"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument(
        "label", metavar="LABEL", nargs="?", help="what to make, such as kick, or all"
    )
    parser.add_argument("--mix", help="between labels instead: kick=0.6,snare=0.4")
    parser.add_argument(
        "-n", "--count", type=int, default=1, help="how many of each label (default: 1)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        help="of the first sound; the next has SEED + 1 and so on (default: drawn at random, and "
        "faulty sounds are left out). A file's name holds its seed, which makes the same sound "
        "again",
    )
    parser.add_argument(
        "--truncation",
        type=float,
        default=1.0,
        metavar="FACTOR",
        help="draw z towards the middle: below 1 sounds are safer and more alike (default: 1)",
    )
    parser.add_argument("--keep-all", action="store_true", help="keep faulty sounds, too")
    add_names_option(parser)
    add_output_options(parser)
    add_source_options(parser)


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...common.sounds.faults import any_fault
    from ...common.sounds.sound_files import check_folder
    from ...instruments.drawing import Drawing
    from .sound_writer import write_all

    first = _first_seed(args)
    options = processing(args)
    check_folder(args.out)
    with open_source(args) as source:
        origins = _origins(source, args)
        # Who names a seed wants that sound, whatever it is.
        keep = args.keep_all or args.seed is not None
        drawing = Drawing(source, None if keep else any_fault)
        sounds = [
            drawing.sounds(_recipes(source, args, origin, first, options), args.count)
            for origin in origins
        ]
        write_all(chain.from_iterable(sounds), args.count * len(origins), args)
    if drawing.left_out:
        print(
            f"{drawing.left_out} of {drawing.drawn} drawn were faulty and are left out; "
            "--keep-all writes them, too"
        )
    return None


def _first_seed(args: argparse.Namespace) -> int:
    if args.count < 1:
        raise UserError(f"-n must be at least 1, but is {args.count}")
    if not 0 < args.truncation <= 1:
        raise UserError(f"--truncation must be above 0 and at most 1, but is {args.truncation:g}")
    first = secrets.randbits(31) if args.seed is None else args.seed
    if not 0 <= first <= LARGEST_SEED - args.count:
        raise UserError(f"--seed must be 0 or more and fit into 63 bits, but is {first}")
    return first


def _origins(source: Any, args: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what recipes say of labels: one for each label, or the mix."""
    from ...instruments.rendering import find_label

    if (args.mix is None) == (args.label is None):
        raise UserError("name a LABEL, all, or shares with --mix kick=0.6,snare=0.4")
    if args.mix is not None:
        shares = parse_mix(args.mix)
        known = {find_label(source.labels, name): share for name, share in shares.items()}
        return [{"class_weights": known}]
    if args.label.casefold() == ALL and args.label not in source.labels:
        return [{"label": label} for label in source.labels]
    return [{"label": find_label(source.labels, args.label)}]


def _recipes(
    source: Any, args: argparse.Namespace, origin: dict[str, Any], first: int, options: Any
) -> Iterator[Any]:
    from ...common.sounds.recipe import Recipe

    common = {**origin, "processing": options, "version": source.version}
    common["truncation"] = args.truncation
    return (Recipe(source.model_id, seed=seed, **common) for seed in count(first))
