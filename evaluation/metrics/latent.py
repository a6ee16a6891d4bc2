"""The latent space: is a path through it smooth, and how many directions does it have?

Distances between sounds are root mean squares of the differences of log-mel cells, in dB.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Generate = Callable[[np.ndarray], np.ndarray]
"""Takes z (n, latent_dim), returns features (n, d) whose Euclidean distances are in dB."""

Interpolation = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

STEP = 1e-2
"""Step along a path, as a share of it; 1e-4 in the source, too little for 32-bit audio in dB."""

PATH_POINTS = 17
"""Places on a path among which the largest jump is looked for."""

DIFFERENCE = 0.05
"""Step in z for derivatives."""


def lerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Interpolate linearly: a + t (b - a), for (n, d), (n, d) and (n, 1)."""
    return a + t * (b - a)


def slerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Interpolate along the arc, for (n, d), (n, d) and (n, 1).

    Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985, as White, "Sampling
    generative networks", 2016, uses it on latents: lengths change evenly from one end's to the
    other's.

    ```
    sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b,   w the angle between a and b
    ```
    """
    lengths = np.linalg.norm(a, axis=-1, keepdims=True) * np.linalg.norm(b, axis=-1, keepdims=True)
    cosine = np.sum(a * b, axis=-1, keepdims=True) / np.maximum(lengths, 1e-12)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    sine = np.sin(angle)
    straight = sine < 1e-4
    safe = np.where(straight, 1.0, sine)
    arc = np.sin((1 - t) * angle) / safe * a + np.sin(t * angle) / safe * b
    return np.where(straight, lerp(a, b, t), arc)


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
