"""``drumsmith recall``: a sound made again from its file."""

import argparse
from pathlib import Path
from typing import Any

from ...common.errors import UserError
from .source import ELSEWHERE, add_source_options, open_source

HELP = "make a sound again from its file: the file says which model, seed and settings made it"
EXTRA = "serve"
__all__ = ["ELSEWHERE", "EXTRA", "HELP", "add_arguments", "run"]

DIFFERS = 1
"""Exit code where a sound comes out otherwise."""

ROUNDING_STEPS = 2
"""Of 16 bits: what another processor, or a batch of several sounds, makes of the same sum."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="made by drumsmith")
    parser.add_argument(
        "--out", type=Path, help="folder to write to (default: compare with FILE, write nothing)"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files that hold another sound"
    )
    add_source_options(parser)


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...common.sounds.recipe import read_recipe
    from ...common.sounds.sound_files import check_folder
    from ...instruments.rendering import render

    recipes = {path: read_recipe(path) for path in args.files}
    if args.out is not None:
        check_folder(args.out)
        _require_names(args.files)
    same = True
    for model_id in dict.fromkeys(recipe.model_id for recipe in recipes.values()):
        mine = {path: r for path, r in recipes.items() if r.model_id == model_id}
        with open_source(args, model_id) as source:
            for path, recipe in mine.items():
                (sound,) = render(source, [recipe])
                same &= _tell(path, sound, args)
    return None if same else DIFFERS


def _tell(path: Path, sound: Any, args: argparse.Namespace) -> bool:
    """Compare and write one sound; return whether it is the same again."""
    from ...common.sounds.sound_files import data_digest, write_sound

    same, verdict = True, "the same, sample for sample"
    if data_digest(sound.data) != sound.recipe.digest:
        same, verdict = _difference(path, sound)
    print(f"{path}: {verdict}")
    if args.out is not None:
        target = args.out / f"{path.stem}.wav"
        write_sound(target, sound, overwrite=args.overwrite)
        print(target)
    return same


def _difference(path: Path, sound: Any) -> tuple[bool, str]:
    """Say how far the file's samples are from the sound's, and whether that is rounding alone."""
    import numpy as np

    from ...common.sounds.wav import FULL_SCALE, WavError, quantise, read_wav

    edited = "the file was edited, or another kind of processor made it"
    try:
        audio = read_wav(path).audio[:, 0]
    except WavError:
        return False, "made again; this is no WAV file, so that samples cannot be compared"
    again = quantise(sound.audio, sound.recipe.processing.encoding)
    if len(again) != len(audio):
        return False, f"{len(again)} samples instead of {len(audio)}: {edited}"
    largest = float(np.abs(again - audio).max(initial=0.0))
    if largest <= ROUNDING_STEPS / FULL_SCALE:
        return True, f"the same but for rounding, {largest:.1e} of full scale at most"
    return False, f"differs by {largest:.1e} of full scale at most: {edited}"


def _require_names(files: list[Path]) -> None:
    stems = [path.stem for path in files]
    double = next((stem for stem in stems if stems.count(stem) > 1), None)
    if double is not None:
        raise UserError(f"two files are called {double}: recall them into folders of their own")
