"""A sound named on the command line: by its file, or by its seed and label."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...common.errors import UserError

if TYPE_CHECKING:
    from ...common.sounds.recipe import Recipe


def add_label_option(parser: argparse.ArgumentParser) -> None:
    """Add the label that a seed alone does not say."""
    parser.add_argument("--label", help="of a sound named by its seed, such as kick")


def recipe_of_file(word: str) -> "Recipe | None":
    """Return the recipe of a sound's file; None if ``word`` is a seed.

    Raises:
        UserError: it is neither.

    """
    from ...common.sounds.recipe import read_recipe

    if word.isascii() and word.isdecimal() and not Path(word).exists():
        return None
    return read_recipe(Path(word))


def recipe_of_seed(source: Any, word: str, args: argparse.Namespace) -> "Recipe":
    """Return the recipe of a seed under ``--label``.

    Raises:
        UserError: there is no label.

    """
    from ...common.sounds.recipe import Recipe
    from ...instruments.rendering import find_label

    if args.label is None:
        raise UserError(f"{word} is a seed: say of what, such as --label {source.labels[0]}")
    label = find_label(source.labels, args.label)
    return Recipe(source.model_id, label, seed=int(word), version=source.version)


def one_model(recipes: "list[Recipe | None]") -> str | None:
    """Return the id of the model that made all of the sounds; None if only seeds are named.

    Raises:
        UserError: they come from two models.

    """
    ids = {recipe.model_id for recipe in recipes if recipe is not None}
    if len(ids) > 1:
        raise UserError(f"these sounds come from different models: {', '.join(sorted(ids))}")
    return next(iter(ids), None)
