"""``drumsmith info``: what a file says of how it was made."""

import argparse
import json
from pathlib import Path
from typing import Any

HELP = "show what made a sound: model, label, seed, settings"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="made by drumsmith")
    parser.add_argument("--json", action="store_true", help="the same and more, for programs")


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...common.sounds.recipe import read_recipe

    found = {path: read_recipe(path) for path in args.files}
    if args.json:
        content = [{"file": str(p)} | json.loads(r.to_text()) for p, r in found.items()]
        print(json.dumps(content, indent=1))
        return None
    for path, recipe in found.items():
        print(path)
        for key, value in _facts(path, recipe).items():
            print(f"  {key:10} {value}")
    return None


def _facts(path: Path, recipe: Any) -> dict[str, str]:
    facts = {"label": recipe.label or _shares(recipe.class_weights)}
    facts["seed"] = str(recipe.seed) if recipe.z is None else f"z of {len(recipe.z)} numbers"
    version = "" if recipe.version is None else f", version {recipe.version}"
    facts["model"] = f"{recipe.model_id}{version}"
    facts["made by"] = f"drumsmith {recipe.made_by}"
    steps = recipe.processing.to_json()
    facts["settings"] = ", ".join(f"{k} {v}" for k, v in steps.items()) or "as the model made it"
    return facts | _format(path)


def _format(path: Path) -> dict[str, str]:
    from ...common.sounds.wav import WavError, read_wav

    try:
        wav = read_wav(path)
    except WavError:
        return {}  # a recipe survives in other formats
    seconds = len(wav.audio) / wav.sample_rate
    bits = "float" if wav.encoding == "float" else f"{wav.encoding} bit"
    return {"format": f"{seconds:.3g} s at {wav.sample_rate} Hz, {bits}"}


def _shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:g}" for name, share in shares.items())
