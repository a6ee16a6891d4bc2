"""Sounds from recipes, by whatever model runs them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from ..common.errors import UserError
from ..common.latent import truncate_z
from ..common.likely import no_such
from ..common.sounds.recipe import Recipe
from ..common.sounds.sound_files import Sound


class SoundSource(Protocol):
    """What a model offers, in this process (`LocalModel`) or behind a server (`Client`)."""

    version: int | None

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes."""

    @property
    def sample_rate(self) -> int:
        """In Hz."""

    @property
    def model_id(self) -> str:
        """Short name of the weights."""

    def seeded(self, seed: Sequence[int], label: Sequence[int]) -> np.ndarray:
        """Return sounds of seeds, (batch, length)."""

    def from_z(self, z: np.ndarray, label: Sequence[int]) -> np.ndarray:
        """Return sounds of latent vectors, (batch, length)."""

    def mix(self, z: np.ndarray, class_weights: np.ndarray) -> np.ndarray:
        """Return sounds between classes, (batch, length)."""

    def z_of(self, seed: Sequence[int]) -> np.ndarray:
        """Return the latent vectors of seeds, (batch, latent_dim)."""


def render(source: SoundSource, recipes: Sequence[Recipe]) -> list[Sound]:
    """Make sounds, in the order of their recipes.

    Raises:
        UserError: the model has no such label.

    """
    audio = render_raw(source, recipes)
    return [finish(a, source.sample_rate, r) for a, r in zip(audio, recipes, strict=True)]


def render_raw(source: SoundSource, recipes: Sequence[Recipe]) -> list[np.ndarray]:
    """Make the sounds as the model gives them, before `finish`: float32 (length,) each.

    One by one: in a batch, kernels are chosen by its size and round otherwise, by 1e-5 in the
    pretrained model, and a sound would not be the same again when it is recalled alone.
    """
    return [_alone(source, recipe) for recipe in recipes]


def finish(audio: np.ndarray, sample_rate: int, recipe: Recipe) -> Sound:
    """Process a sound as its recipe says."""
    if recipe.processing.is_plain:
        return Sound(audio, sample_rate, recipe)
    # Plain sounds need none of what this imports: the light client makes them, too.
    from .effects import process

    return Sound(*process(audio, sample_rate, recipe.processing), recipe)


def latent_vectors(source: SoundSource, recipes: Sequence[Recipe]) -> np.ndarray:
    """Return z of each recipe, float32 (n, latent_dim)."""
    seeds = [recipe.seed for recipe in recipes if recipe.seed is not None]
    of_seeds = iter(source.z_of(seeds) if seeds else ())
    z = [next(of_seeds) if r.z is None else np.array(r.z, np.float32) for r in recipes]
    return np.stack([truncate_z(v, r.truncation) for v, r in zip(z, recipes, strict=True)])


def find_label(labels: Sequence[str], word: str) -> str:
    """Return the model's label that ``word`` names, whatever its capitals.

    Raises:
        UserError: there is none; the message says the likely one.

    """
    if word in labels:
        return word
    same = [label for label in labels if label.casefold() == word.casefold()]
    if len(same) == 1:
        return same[0]
    raise UserError(no_such("label", word, labels, "the model knows"))


def weights_row(labels: Sequence[str], shares: Mapping[str, float]) -> np.ndarray:
    """Return shares by name as one row of class weights, float32 (classes,)."""
    row = np.zeros(len(labels), np.float32)
    for name, share in shares.items():
        row[labels.index(find_label(labels, name))] = share
    return row


def _alone(source: SoundSource, recipe: Recipe) -> np.ndarray:
    labels = source.labels
    if recipe.label is None:
        shares = weights_row(labels, recipe.class_weights)[None]
        return source.mix(latent_vectors(source, [recipe]), shares)[0]
    number = [labels.index(find_label(labels, recipe.label))]
    if not _is_seeded(recipe) or recipe.seed is None:
        return source.from_z(latent_vectors(source, [recipe]), number)[0]
    return source.seeded([recipe.seed], number)[0]


def _is_seeded(recipe: Recipe) -> bool:
    """Tell whether the seed alone says z, so that the model may draw it."""
    return recipe.seed is not None and recipe.truncation == 1.0
