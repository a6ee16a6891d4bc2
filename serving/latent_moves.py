"""Variations and paths, the same for a model in this process and one behind a server."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from ..common.latent import path_z, vary_z


class _Mixes(Protocol):
    def mix(self, z: np.ndarray, class_weights: Mapping[str, float]) -> np.ndarray:
        """Return sounds between classes, float32 (batch, length)."""


class LatentMoves:
    """Gives `vary` and `path` to whatever has `mix`."""

    def vary(
        self: _Mixes,
        z: np.ndarray,
        label: str | Mapping[str, float],
        n: int = 1,
        *,
        amount: float = 0.1,
        seed: int = 0,
    ) -> np.ndarray:
        """Generate around a place: the same drum, hit a little differently.

        Args:
            z: (latent_dim,).
            label: its name, or shares by label: ``{"kick": 0.6, "snare": 0.4}``.
            n: how many.
            amount: 0.1 is the same drum hit again, 1 another drum.
            seed: of the directions.

        Returns:
            Audio, float32 (n, length).

        """
        return self.mix(vary_z(z, amount, n, seed), shares_of(label))

    def path(
        self: _Mixes,
        a: np.ndarray,
        b: np.ndarray,
        label: str | Mapping[str, float],
        steps: int = 8,
        *,
        how: str = "spherical",
    ) -> np.ndarray:
        """Generate on the way from one place to another, both included.

        Args:
            a: (latent_dim,).
            b: (latent_dim,).
            label: its name, or shares by label.
            steps: how many sounds.
            how: "spherical" or "linear".

        Returns:
            Audio, float32 (steps, length).

        """
        return self.mix(path_z(a, b, steps, how), shares_of(label))


def shares_of(label: str | Mapping[str, float]) -> Mapping[str, float]:
    """Return shares by label; a name stands for all of one."""
    return {label: 1.0} if isinstance(label, str) else label
