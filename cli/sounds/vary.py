"""``drumsmith vary``: the same drum, hit a little differently."""

import argparse
import dataclasses
from pathlib import Path

from .origin import add_label_option, one_model, recipe_of_file, recipe_of_seed
from .output_options import add_names_option, add_output_options, chosen_processing
from .source import ELSEWHERE, add_source_options, open_source

HELP = "make variations of a sound: small steps are the same drum hit again, large ones others"
EXTRA = "serve"
__all__ = ["ELSEWHERE", "EXTRA", "HELP", "add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("sound", metavar="FILE|SEED", help="a file made by drumsmith, or a seed")
    add_label_option(parser)
    parser.add_argument("-n", "--count", type=int, default=8, help="how many (default: 8)")
    parser.add_argument(
        "--amount",
        type=float,
        default=0.1,
        help="from 0 to 1: 0.1 is the same drum hit again, 1 another drum (default: 0.1)",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of the variations, not negative (default: 0)"
    )
    add_names_option(parser, "SOUND-v{n:02}")
    add_output_options(parser)
    add_source_options(parser)


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...common.errors import UserError
    from ...instruments.drawing import Drawing
    from ...instruments.moves import vary_recipes
    from .sound_writer import write_all

    if args.count < 1 or args.seed < 0:
        raise UserError("-n must be at least 1 and --seed at least 0")
    base = recipe_of_file(args.sound)
    with open_source(args, one_model([base])) as source:
        if base is None:
            base = recipe_of_seed(source, args.sound, args)
        base = dataclasses.replace(base, processing=chosen_processing(args, base.processing))
        stem = base_name(args.sound, base)
        args.names = args.names.replace("SOUND", stem)
        recipes = vary_recipes(source, base, args.count, args.amount, args.seed)
        write_all(Drawing(source).sounds(iter(recipes), args.count), args.count, args)
    return None


def base_name(word: str, base) -> str:
    """Return how files of a sound's relatives begin; braces would be read as fields."""
    stem = Path(word).stem if base.seed is None or Path(word).exists() else f"{base.name}-{word}"
    return stem.replace("{", "(").replace("}", ")")
