"""``drumsmith path``: the way from one sound to another."""

import argparse
import dataclasses

from .origin import add_label_option, one_model, recipe_of_file, recipe_of_seed
from .output_options import add_names_option, add_output_options, chosen_processing
from .source import ELSEWHERE, add_source_options, open_source
from .vary import base_name

HELP = "make the sounds on the way from one to another, between labels, too"
EXTRA = "serve"
# Those of `path_z`, whose module loads NumPy.
HOWS = ("spherical", "linear")
SPACINGS = ("sound", "z")
__all__ = ["ELSEWHERE", "EXTRA", "HELP", "add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    for name, words in (("start", "where to start"), ("end", "where to end")):
        parser.add_argument(
            name, metavar="FILE|SEED", help=f"{words}: a file made by drumsmith, or a seed"
        )
    add_label_option(parser)
    parser.add_argument(
        "--steps", type=int, default=8, help="sounds, both ends included (default: 8)"
    )
    parser.add_argument(
        "--how",
        choices=HOWS,
        default="spherical",
        help="along the arc, where z usually is, or straight through (default: spherical)",
    )
    parser.add_argument(
        "--spacing",
        choices=SPACINGS,
        default="sound",
        help="steps equally large to the ear, or in the latent space (default: sound)",
    )
    add_names_option(parser, "START-to-END-{n:02}")
    add_output_options(parser)
    add_source_options(parser)


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...instruments.drawing import Drawing
    from ...instruments.moves import path_recipes
    from .sound_writer import write_all

    words = (args.start, args.end)
    found = [recipe_of_file(word) for word in words]
    with open_source(args, one_model(found)) as source:
        # A seed has the label of the file at the other end.
        args.label = args.label or next((r.label for r in found if r is not None), None)
        start, end = (
            recipe_of_seed(source, word, args) if recipe is None else recipe
            for word, recipe in zip(words, found, strict=True)
        )
        start = dataclasses.replace(start, processing=chosen_processing(args, start.processing))
        args.names = args.names.replace("START", base_name(args.start, start))
        args.names = args.names.replace("END", base_name(args.end, end))
        recipes = path_recipes(source, start, end, args.steps, args.how, args.spacing)
        write_all(Drawing(source).sounds(iter(recipes), args.steps), args.steps, args)
    return None
