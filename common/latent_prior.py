"""What z is drawn from: every z in the project is drawn through here.

Plain NumPy, so that whatever describes a model may read it without TensorFlow.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

LATENT_PRIORS = ("normal", "uniform")
"""N(0, 1), or uniform on [-1, 1], each element by itself."""

_VARIANCES = {"normal": 1.0, "uniform": 1.0 / 3.0}

T = TypeVar("T")


def z_from(prior: str, normal: Callable[[], T], uniform: Callable[[], T]) -> T:
    """Make z from a source of random numbers, which may be one of TensorFlow's.

    Args:
        prior: one of `LATENT_PRIORS`.
        normal: draws from N(0, 1).
        uniform: draws from [0, 1).

    """
    if prior == "normal":
        return normal()
    return 2.0 * uniform() - 1.0  # type: ignore[operator, return-value] # arrays and tensors do


def draw_z(prior: str, rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw z, float32 ``shape``, whose last axis is latent_dim."""
    z = z_from(prior, lambda: rng.standard_normal(shape), lambda: rng.random(shape))
    return z.astype(np.float32)


def usual_length(prior: str, latent_dim: int) -> float:
    """How far from the origin z usually is: the root of its mean squared length."""
    return float(np.sqrt(_VARIANCES[prior] * latent_dim))
