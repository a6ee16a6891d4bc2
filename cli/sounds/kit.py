"""``drumsmith kit``: an instrument that samplers play."""

import argparse
from pathlib import Path
from typing import Any

from ...common.errors import UserError
from .output_options import add_processing_options, processing
from .source import ELSEWHERE, add_source_options, open_source

HELP = "make a drum kit: SFZ, Decent Sampler, Hydrogen, DrumGizmo and plain WAV files"
EXTRA = "kits,serve"
__all__ = ["ELSEWHERE", "EXTRA", "HELP", "add_arguments", "run"]

FORMATS = ("sfz", "decentsampler", "hydrogen", "drumgizmo")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("out", metavar="OUT", type=Path, help="folder of the kit, named after it")
    parser.add_argument(
        "--pads",
        type=Path,
        metavar="FILE",
        help="YAML that says what is on which pad (default: a whole General MIDI kit from the "
        "model's labels)",
    )
    parser.add_argument(
        "--print-pads",
        action="store_true",
        help="print the pads as YAML, to edit, and make nothing",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="another seed, another kit (default: 0)"
    )
    parser.add_argument(
        "--round-robins", type=int, default=4, help="sounds that take turns (default: 4)"
    )
    parser.add_argument(
        "--velocities", type=int, default=3, help="layers from soft to loud (default: 3)"
    )
    parser.add_argument(
        "--amount",
        type=float,
        default=0.1,
        help="how far the sounds of a pad are apart: 0.1 is one drum (default: 0.1)",
    )
    parser.add_argument(
        "--formats",
        nargs="+",
        choices=FORMATS,
        default=FORMATS,
        help="samplers to write for (default: all)",
    )
    parser.add_argument("--zip", action="store_true", help="write OUT.zip, too")
    group = parser.add_argument_group("output")
    add_processing_options(group)
    parser.set_defaults(bits="24", trim=-70.0, fade_out=3.0)
    add_source_options(parser)


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...common.progress import progress
    from ...instruments.kit.kit import make_kit
    from ...instruments.kit.writing import hydrogen_archive, write_kit, zip_kit

    if args.seed < 0:
        raise UserError(f"--seed must be 0 or more, but is {args.seed}")
    if not args.print_pads:
        _require_free(args.out)
    options = processing(args)
    with open_source(args) as source:
        pads = _pads(source, args)
        if args.print_pads:
            _print(pads)
            return None
        count = sum(pad.round_robins * pad.velocities for pad in pads)
        with progress("sounds", count) as meter:
            kit = make_kit(source, args.out.name, pads, options, meter.advance)
    write_kit(kit, args.out, args.formats)
    print(f"{args.out}: {len(pads)} pads, {count} sounds at {kit.sample_rate} Hz")
    for pad in pads:
        print(f"  {pad.note:3}  {pad.name:12} {pad.label}, seed {pad.seed}")
    if "hydrogen" in args.formats:
        print(hydrogen_archive(kit, args.out))
    if args.zip:
        print(zip_kit(args.out))
    return None


def _require_free(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out} holds something already; choose another folder")
    if not out.name or set(out.name) & set('"<>&\\'):
        raise UserError(f"{out.name!r} is no name for a kit")


def _pads(source: Any, args: argparse.Namespace) -> Any:
    from ...instruments.kit.choosing import choose_seeds
    from ...instruments.kit.pads import default_pads, parse_pads

    values = {
        "round_robins": args.round_robins,
        "velocities": args.velocities,
        "amount": args.amount,
    }
    if args.pads is None:
        pads = default_pads(source.labels, **values)
    else:
        pads = parse_pads(_read_yaml(args.pads), source.labels, **values)
    return choose_seeds(source, pads, args.seed)


def _read_yaml(path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} is not YAML: {reason}") from error


def _print(pads: Any) -> None:
    import yaml

    from ...instruments.kit.pads import pads_to_json

    print(yaml.safe_dump(pads_to_json(pads), sort_keys=False, allow_unicode=True), end="")
