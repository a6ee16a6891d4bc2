"""``drumsmith models``: what a folder of exported models holds."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...common.errors import UserError

HELP = "list exported models: the pretrained one, or those of a folder"
EXTRA = "serve"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument(
        "models",
        metavar="MODELS",
        type=Path,
        nargs="?",
        help="folder of exported models (default: the pretrained model)",
    )
    parser.add_argument("--json", action="store_true", help="the same and more, for programs")


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    from ...common.tables import print_table
    from ...serving.pretrained import model_card, pretrained_models
    from ...serving.saved_model.versions import find_version, list_versions

    models = args.models or pretrained_models()
    find_version(models)  # complains where there is none
    card = None if args.models else model_card()
    found = [_facts(number, folder) for number, folder in list_versions(models).items()]
    if args.json:
        content = {"models": str(models), "card": card and str(card), "versions": found}
        print(json.dumps(content, indent=1, ensure_ascii=False))
        return None
    print_table(_COLUMNS, [_row(one) for one in found])
    print(f"folder: {models}")
    if card:
        print(f"made of, good at, licence: {card}")
    return None


def _facts(number: int, folder: Path) -> dict[str, Any]:
    from ...serving.saved_model.description import Description

    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    where = {"version": number, "folder": str(folder), "bytes": size}
    try:
        description = Description.read(folder)
    except UserError as error:
        return where | {"error": str(error)}
    return where | {
        "model_id": description.model_id,
        "labels": list(description.labels),
        "sample_rate": description.sample_rate,
        "length": description.length,
        "seconds": description.length / description.sample_rate,
        "latent_dim": description.latent_dim,
        "preparation": dict(description.preparation),
        "training": dict(description.summary),
    }


_COLUMNS = ("version", "model", "labels", "sound", "latent", "size", "training")


def _row(one: dict[str, Any]) -> list[str]:
    version, size = str(one["version"]), f"{one['bytes'] / 1e6:.1f} MB"
    if "error" in one:
        return [version, "?", "?", "?", "?", size, one["error"]]
    return [
        version,
        one["model_id"],
        ", ".join(one["labels"]),
        f"{one['seconds']:.3g} s at {one['sample_rate']} Hz",
        str(one["latent_dim"]),
        size,
        _training(one["training"]),
    ]


def _training(summary: Mapping[str, Any]) -> str:
    # The summary's form is free: every part of it may be missing.
    width = summary.get("config", {}).get("width")
    steps = summary.get("step", summary.get("steps"))
    words = (
        summary.get("preset"),
        None if steps is None else f"{steps} steps",
        None if width is None else f"width {width}",
    )
    return ", ".join(word for word in words if word)
