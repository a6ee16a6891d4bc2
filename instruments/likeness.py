"""New sounds near a given one: where a model has it, and how near its sounds come."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..common.errors import UserError
from ..common.latent import vary_z
from ..common.latent_prior import draw_z
from ..common.sounds.recipe import Recipe
from .distance import distance_db

OUTSIDE_DB = 12.0
"""Distance from which a sound is outside what a model knows."""

OWN, FURTHER = 16, 1.4
"""Sounds of the model's own that the encoder hears for comparison, and how many times the largest
z squared of theirs that of a sound is, from which it is outside: real drums of machines that the
model never met stay within, while sines, chords and vowels, though made well enough, do not."""

ROUNDS, TRIED = 3, 32
"""Of the search around the place that the encoder gives."""

DRAWN_FOR_EACH = 3
"""Places tried for each answer: far from the sound, some are of another class."""

REACH = 0.3
"""Amount of the first round's steps; each round halves it."""


@dataclass(frozen=True)
class Found:
    """Where a model has a sound.

    Attributes:
        z: float32 (latent_dim,).
        label: the label under which it is nearest.
        share: of that label in what the encoder heard, in [0, 1].
        distance_db: of the model's sound there.
        further: z squared where the encoder puts it, over the largest of sounds that the model
            made itself: how unlikely it would be to meet that sound among the model's.

    """

    z: np.ndarray
    label: str
    share: float
    distance_db: float
    further: float

    @property
    def outside(self) -> bool:
        """Whether the sound is outside what the model knows."""
        return self.distance_db > OUTSIDE_DB or self.further > FURTHER


@contextmanager
def made_ready(source: Any) -> Iterator[None]:
    """Let a model in this process prepare itself while something else is done.

    The first call of a signature takes a second; here those that `find` needs run beside the body.

    Args:
        source: a `LocalModel`; a server has made its first calls when it started.

    """
    # What goes wrong here goes wrong again, and is said, where the answer is wanted.
    with ThreadPoolExecutor(2) as pool:
        pool.submit(source.encode, np.full((1, source.length), 1e-3, np.float32))
        pool.submit(source.from_z, np.zeros((1, source.latent_dim), np.float32), [0])
        yield


def find(source: Any, audio: np.ndarray, label: str | None = None) -> Found:
    """Find a sound in a model: ask its encoder, then look around there.

    Args:
        source: a `LocalModel` or `Client`.
        audio: float32 (length,), prepared as the model's sounds are.
        label: look under this label, whatever the encoder hears.

    Raises:
        UserError: the model has no encoder, or no such label.

    """
    heard = source.encode(audio[np.newaxis])
    weights = np.asarray(heard.class_weights[0])
    if label is None:
        label = source.labels[int(np.argmax(weights))]
    z = np.asarray(heard.z[0], np.float32)
    number = list(source.labels).index(label)
    with ThreadPoolExecutor(1) as beside:
        furthest = beside.submit(_furthest, source, number)
        nearest, distance = _search(source, audio, z, number)
        further = float(np.sum(np.square(z)) / furthest.result())
    return Found(nearest, label, float(weights[number]), distance, further)


def _search(source: Any, audio: np.ndarray, z: np.ndarray, number: int) -> tuple[np.ndarray, float]:
    """Return the place near ``z`` whose sound is nearest, and its distance in dB."""
    for turn in range(ROUNDS):
        places = np.concatenate([z[None], vary_z(z, REACH / 2**turn, TRIED, seed=turn)])
        made = source.from_z(places, np.full(len(places), number, np.int32))
        distances = distance_db(made, audio)
        z = places[np.argmin(distances)].astype(np.float32)
    return z, float(distances.min())


def _furthest(source: Any, number: int) -> float:
    """Return the largest z squared that the encoder finds of the model's own sounds of a label."""
    # A model has an encoder only with a flow, which starts from the normal distribution.
    drawn = draw_z("normal", np.random.default_rng(0), OWN, source.latent_dim)
    own = source.encode(source.from_z(drawn, np.full(OWN, number, np.int32))).z
    return np.square(own).sum(axis=1).max()


def near(source: Any, found: Found, n: int, amount: float, seed: int) -> list[Recipe]:
    """Return ``n`` recipes around what was found, all different.

    Of more places than are asked for, those are taken whose sounds the model itself hears as the
    label of ``found``; where there are too few, the others follow.

    Args:
        source: the model.
        found: what `find` returned.
        n: how many.
        amount: from 0, as near as it can, to 1, another drum.
        seed: of the directions.

    Raises:
        UserError: ``amount`` is not in [0, 1].

    """
    try:
        places = vary_z(found.z, amount, DRAWN_FOR_EACH * n, seed).astype(np.float32)
    except ValueError as error:
        raise UserError(f"--{error}") from error
    number = list(source.labels).index(found.label)
    alike, other = [], []
    for some in np.split(places, DRAWN_FOR_EACH):
        made = source.from_z(some, np.full(len(some), number, np.int32))
        heard = np.argmax(source.encode(made).class_weights, axis=1) == number
        alike.extend(some[heard])
        other.extend(some[~heard])
        if len(alike) >= n:
            break
    return [
        Recipe(
            source.model_id,
            found.label,
            z=tuple(place.tolist()),
            version=source.version,
        )
        for place in [*alike, *other][:n]
    ]
