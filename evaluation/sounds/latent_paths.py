"""The paths of figure 4: through a latent space of three dimensions, or three directions of it."""

from dataclasses import dataclass

import numpy as np

from ...common.latent_prior import draw_z, usual_length
from ..metrics.latent import active_directions, lerp, slerp
from ..metrics.latent_metrics import in_decibels
from .sources import SoundSource, generate_in_batches

STEPS = 9
"""Places on a path."""

PLACES = 4
"""Places at which the directions' strength is measured."""

ANGLE = 2 * np.pi / 3
"""Between the ends of a path, seen from the origin."""

PRINCIPAL = "principal"
RANDOM = "random"


@dataclass(frozen=True)
class LatentPaths:
    """Paths and their sounds.

    Attributes:
        points: coordinates, shape (paths, steps, 3).
        audio: shape (paths, steps, length).
        names: one for each path.
        axis_names: of the coordinates.
        title: says which space is shown.

    """

    points: np.ndarray
    audio: np.ndarray
    names: tuple[str, ...]
    axis_names: tuple[str, ...]
    title: str


def latent_paths(
    source: SoundSource, label: str, seed: int = 0, directions: str = PRINCIPAL
) -> LatentPaths:
    """Walk two pairs of ends, each in a straight line and along the arc.

    In a latent space of more than three dimensions the paths stay in the space of three directions:
    those that change the sound most, or random ones. Ends are as far from the origin as z usually
    is, and 120 degrees apart, so that line and arc part; all other coordinates are 0.

    Args:
        source: the generator.
        label: name of the class.
        seed: of ends and random directions.
        directions: `PRINCIPAL` or `RANDOM`; of no matter for three dimensions or fewer.

    """
    rng = np.random.default_rng(seed)
    number = list(source.labels).index(label)
    basis, words, axis_names = _basis(source, number, rng, directions)
    starts, ends = _ends(rng, 2, usual_length(source.latent_prior, max(source.latent_dim, 3)))
    t = np.linspace(0.0, 1.0, STEPS)[:, None]
    points = np.stack(
        [
            way(np.tile(a, (STEPS, 1)), np.tile(b, (STEPS, 1)), t)
            for a, b in zip(starts, ends, strict=True)
            for way in (lerp, slerp)
        ]
    )
    audio = generate_in_batches(source, points.reshape(-1, 3) @ basis.T, number)
    return LatentPaths(
        points=points,
        audio=audio.reshape(len(points), STEPS, -1),
        names=("A linear", "A spherical", "B linear", "B spherical"),
        axis_names=axis_names,
        title=f"{label}: {words}",
    )


def _ends(rng: np.random.Generator, count: int, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Return starts and ends, (count, 3) each, ``radius`` from the origin, `ANGLE` apart."""
    draws = rng.standard_normal((count, 3, 2))
    along, across = np.moveaxis(np.linalg.qr(draws)[0], 2, 0)
    return radius * along, radius * (np.cos(ANGLE) * along + np.sin(ANGLE) * across)


def _basis(
    source: SoundSource, number: int, rng: np.random.Generator, directions: str
) -> tuple[np.ndarray, str, tuple[str, ...]]:
    """Return columns (latent_dim, 3) that coordinates are multiplied with, and words for them."""
    own = tuple(f"$z_{i}$" for i in (1, 2, 3))
    if source.latent_dim <= 3:
        # Fewer than three: what is missing stays without effect.
        return np.eye(3)[: source.latent_dim], "the latent space", own
    axis_names = tuple(f"direction {i}" for i in (1, 2, 3))
    if directions == RANDOM:
        basis, _ = np.linalg.qr(rng.standard_normal((source.latent_dim, 3)))
        words = f"three random directions of the {source.latent_dim} of the latent space"
        return basis, words, axis_names
    places = draw_z(source.latent_prior, rng, PLACES, source.latent_dim)
    active = active_directions(in_decibels(source, number), places)
    words = (
        f"the three of {source.latent_dim} latent directions that change the sound most "
        f"({active.shares[:3].sum():.0%} of all change)"
    )
    return active.directions[:, :3], words, axis_names
