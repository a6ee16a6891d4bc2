"""Recipes of sounds near others, and between them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..common.errors import UserError
from ..common.latent import path_z, vary_z
from ..common.sounds.recipe import Recipe
from .rendering import SoundSource, latent_vectors


def vary_recipes(
    source: SoundSource, base: Recipe, n: int, amount: float, seed: int = 0
) -> list[Recipe]:
    """Return ``n`` recipes at one distance around a sound: see `vary_z`.

    Raises:
        UserError: ``amount`` is not in [0, 1].

    """
    place = latent_vectors(source, [base])[0]
    try:
        places = vary_z(place, amount, n, seed)
    except ValueError as error:
        raise UserError(f"--{error}") from error
    return [at(base, z) for z in places]


def path_recipes(
    source: SoundSource, start: Recipe, end: Recipe, steps: int, how: str = "spherical"
) -> list[Recipe]:
    """Return recipes on the way from one sound to another, both ends included.

    Between labels, their shares change evenly.

    Raises:
        UserError: ``steps`` is less than 2.

    """
    try:
        a, b = latent_vectors(source, [start, end])
        places = path_z(a, b, steps, how)
    except ValueError as error:
        raise UserError(str(error)) from error
    recipes = [at(start, z) for z in places]
    if _shares(start) == _shares(end):
        return recipes
    ways = np.linspace(0.0, 1.0, steps)
    return [_between(r, start, end, float(t)) for r, t in zip(recipes, ways, strict=True)]


def at(base: Recipe, z: np.ndarray) -> Recipe:
    """Return a recipe like another at a place (latent_dim,)."""
    place = tuple(np.asarray(z, np.float32).tolist())
    return replace(base, seed=None, z=place, truncation=1.0, digest="")


def _between(recipe: Recipe, start: Recipe, end: Recipe, t: float) -> Recipe:
    a, b = _shares(start), _shares(end)
    shares = {name: (1 - t) * a.get(name, 0.0) + t * b.get(name, 0.0) for name in {**a, **b}}
    return replace(recipe, label=None, class_weights=shares)


def _shares(recipe: Recipe) -> Mapping[str, float]:
    return dict(recipe.class_weights) if recipe.label is None else {recipe.label: 1.0}
