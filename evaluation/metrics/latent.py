"""The latent space: is a path through it smooth, and how many directions does it have?

Distances between sounds are root mean squares of the differences of log-mel cells, in dB.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...common.latent import lerp, slerp

Generate = Callable[[np.ndarray], np.ndarray]
"""Takes z (n, latent_dim), returns features (n, d) whose Euclidean distances are in dB."""

Interpolation = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

STEP = 1e-2
"""Step along a path, as a share of it; 1e-4 in the source, too little for 32-bit audio in dB."""

PATH_POINTS = 17
"""Places on a path among which the largest jump is looked for."""

DIFFERENCE = 0.05
"""Step in z for derivatives."""


INTERPOLATIONS: dict[str, Interpolation] = {"lerp": lerp, "slerp": slerp}


def path_lengths(
    generate: Generate, a: np.ndarray, b: np.ndarray, t: np.ndarray, interpolate: Interpolation
) -> np.ndarray:
    """Return the perceptual path length at one place of each path, shape (n,).

    Karras et al., "A style-based generator architecture", CVPR 2019, section 4.1: the mean of
    |G(path(t)) - G(path(t + e))|^2 / e^2 over places and paths.

    Args:
        generate: latent to features.
        a: starts, shape (n, latent_dim).
        b: ends.
        t: places, shape (n,), in [0, 1].
        interpolate: `lerp` or `slerp`.

    """
    t = t[:, None] * (1.0 - STEP)
    here = generate(interpolate(a, b, t))
    there = generate(interpolate(a, b, t + STEP))
    return np.sum((there - here) ** 2, axis=1) / STEP**2


def largest_jumps(
    generate: Generate, a: np.ndarray, b: np.ndarray, interpolate: Interpolation
) -> np.ndarray:
    """Return each path's largest step over its mean step, shape (n,): 1 for an even path.

    Args:
        generate: latent to features.
        a: starts, shape (n, latent_dim).
        b: ends.
        interpolate: `lerp` or `slerp`.

    """
    t = np.tile(np.linspace(0.0, 1.0, PATH_POINTS), len(a))[:, None]
    ends = (np.repeat(a, PATH_POINTS, axis=0), np.repeat(b, PATH_POINTS, axis=0))
    features = generate(interpolate(*ends, t)).reshape(len(a), PATH_POINTS, -1)
    steps = np.linalg.norm(np.diff(features, axis=1), axis=2)  # (n, PATH_POINTS - 1)
    return steps.max(axis=1) / np.maximum(steps.mean(axis=1), 1e-12)


@dataclass(frozen=True)
class ActiveDirections:
    """Directions of the latent space, by how much they change the sound.

    Attributes:
        directions: orthonormal columns, strongest first, shape (latent_dim, latent_dim).
        shares: of the mean squared change, summing to 1, shape (latent_dim,).

    """

    directions: np.ndarray
    shares: np.ndarray


def active_directions(generate: Generate, places: np.ndarray) -> ActiveDirections:
    """Return the principal directions of the mean of J'J over places, J the generator's Jacobian.

    Constantine, "Active subspaces", SIAM 2015, chapter 3; derivatives by forward differences.

    Args:
        generate: latent to features.
        places: where derivatives are taken, shape (n, latent_dim).

    """
    latent_dim = places.shape[1]
    total = np.zeros((latent_dim, latent_dim))
    for place in places:
        around = place + np.concatenate(
            [np.zeros((1, latent_dim)), DIFFERENCE * np.eye(latent_dim)]
        )
        features = np.asarray(generate(around), np.float64)
        jacobian = (features[1:] - features[0]) / DIFFERENCE  # (latent_dim, d)
        total += jacobian @ jacobian.T
    values, vectors = np.linalg.eigh(total)
    values = np.maximum(values[::-1], 0.0)
    return ActiveDirections(vectors[:, ::-1], values / max(values.sum(), 1e-12))
