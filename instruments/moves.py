"""Recipes of sounds near others, and between them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..common.errors import UserError
from ..common.latent import between_z, lerp, path_z, vary_z
from ..common.sounds.recipe import Recipe
from .distance import distance_db
from .rendering import SoundSource, latent_vectors, weights_row

LOOKED_AT = 4
"""Places for each step of a path at which its sound is looked at."""


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
    source: SoundSource,
    start: Recipe,
    end: Recipe,
    steps: int,
    how: str = "spherical",
    spacing: str = "sound",
) -> list[Recipe]:
    """Return recipes on the way from one sound to another, both ends included.

    Between labels, their shares change as far as z does.

    Args:
        source: the model.
        start: the first sound.
        end: the last one.
        steps: how many.
        how: the way from z to z, see `path_z`.
        spacing: "sound" takes steps that are equally large to the ear, "z" such as z has: between
            two kinds of drum a model may change little for long, and then all at once.

    Raises:
        UserError: ``steps`` is less than 2, or ``how`` is no way.

    """
    a, b = latent_vectors(source, [start, end])
    try:
        places = path_z(a, b, steps, how)
    except ValueError as error:
        raise UserError(str(error)) from error
    t = np.linspace(0.0, 1.0, steps)
    if spacing == "sound":
        dense = np.linspace(0.0, 1.0, LOOKED_AT * (steps - 1) + 1)
        t = evenly(dense, _sounds(source, start, end, between_z(a, b, dense, how), dense), steps)
        places = between_z(a, b, t, how)
    recipes = [at(start, z) for z in places]
    if _shares(start) == _shares(end):
        return recipes
    return [_between(r, start, end, float(at_t)) for r, at_t in zip(recipes, t, strict=True)]


def evenly(t: np.ndarray, sounds: np.ndarray, steps: int) -> np.ndarray:
    """Return ``steps`` places on a way, between which the sound changes equally far.

    Args:
        t: (n,), increasing, where the way was looked at.
        sounds: (n, length), what was heard there.
        steps: at least 2.

    """
    gone = np.concatenate([[0.0], np.cumsum(distance_db(sounds[1:], sounds[:-1]))])
    if gone[-1] == 0.0:
        return np.linspace(t[0], t[-1], steps)
    return np.interp(np.linspace(0.0, gone[-1], steps), gone, t)


def _sounds(
    source: SoundSource, start: Recipe, end: Recipe, places: np.ndarray, t: np.ndarray
) -> np.ndarray:
    a, b = (weights_row(source.labels, _shares(recipe)) for recipe in (start, end))
    return source.mix(places, lerp(a, b, t[:, None]).astype(np.float32))


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
