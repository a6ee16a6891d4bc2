"""``drumsmith like``: new sounds near a given one."""

import argparse
from contextlib import nullcontext
from pathlib import Path

from .output_options import add_names_option, add_output_options, processing
from .source import add_source_options, open_source

HELP = "make new sounds near one of yours, or near one made with the mouth"
EXTRA = "kits,serve"

PICTURES_IN_A_ROW = 9
"""Your sound and eight answers."""

PICTURES = (".png", ".svg", ".pdf")
"""Endings of files that a picture can be drawn into."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("sound", metavar="SOUND", type=Path, help="any audio file")
    parser.add_argument("-n", "--count", type=int, default=8, help="how many")
    parser.add_argument(
        "--amount",
        type=float,
        default=0.2,
        help="from 0, as near as the model can, to 1, another drum",
    )
    parser.add_argument("--label", help="what it is, where the model hears something else")
    parser.add_argument("--seed", type=int, default=0, help="of the new sounds, not negative")
    parser.add_argument(
        "--picture",
        type=Path,
        help=f"draw your sound and the new ones into this file ({', '.join(PICTURES)})",
    )
    add_names_option(parser, "SOUND-like{n:02}")
    add_output_options(parser)
    add_source_options(parser)


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    import dataclasses

    from ...common.errors import UserError
    from ...common.sounds.sound_files import check_folder
    from ...instruments.drawing import Drawing
    from ...instruments.likeness import find, made_ready, near
    from ...instruments.rendering import find_label, render_raw
    from .heard_sound import read_sound
    from .sound_writer import write_all

    if args.count < 1 or args.seed < 0:
        raise UserError("-n must be at least 1 and --seed at least 0")
    if not args.sound.is_file():
        raise UserError(f"no file {args.sound}: like takes an audio file")
    if args.picture and args.picture.suffix not in PICTURES:
        raise UserError(f"--picture {args.picture} must end in one of {', '.join(PICTURES)}")
    check_folder(args.out)
    with open_source(args) as source:
        label = find_label(source.labels, args.label) if args.label else None
        with nullcontext() if args.server else made_ready(source):
            audio = read_sound(args.sound, source)
        found = find(source, audio, label)
        print(_words(args.sound, found))
        recipes = [
            dataclasses.replace(recipe, processing=processing(args))
            for recipe in near(source, found, args.count, args.amount, args.seed)
        ]
        stem = args.sound.stem.replace("{", "(").replace("}", ")")
        args.names = args.names.replace("SOUND", stem)
        write_all(Drawing(source).sounds(iter(recipes), args.count), args.count, args)
        if args.picture:
            _draw(args, audio, render_raw(source, recipes), source.sample_rate)
    return None


def _draw(args: argparse.Namespace, audio, answers, sample_rate: int) -> None:
    import numpy as np

    from ...evaluation.report.figures import preview_figure

    titles = [args.sound.stem, *(f"like it, {n}" for n in range(1, 1 + len(answers)))]
    sounds = np.concatenate([audio[np.newaxis], answers])
    preview_figure(sounds, titles, sample_rate, args.picture, columns=PICTURES_IN_A_ROW)
    print(args.picture)


def _words(path: Path, found) -> str:
    words = f"{path.name} is heard as {found.label}; the nearest is {found.distance_db:.1f} dB away"
    if found.outside:
        words += ": it is outside what this model knows, expect no more than a resemblance"
    return words
