"""Precision, recall, density and coverage: are the sounds real enough, and are all kinds there?

Precision and recall: Kynkaanniemi et al., "Improved precision and recall metric for assessing
generative models", NeurIPS 2019. Density and coverage: Naeem et al., "Reliable fidelity and
diversity metrics for generative models", ICML 2020, equations 1 to 5. All four stand on balls
around each sound that reach to its k-th nearest neighbour of its own kind.

Their values depend on the numbers of sounds: use equal numbers on both sides, as `sampling` does.
With n sounds of one distribution on each side, coverage is expected to be
1 - (n-1)...(n-k) / ((2n-1)...(2n-k)), 0.97 for k = 5.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

NEAREST = 5
"""Neighbours that a ball reaches to, as in the reference implementation's examples."""


@dataclass(frozen=True)
class Prdc:
    """The four figures: all but density lie in [0, 1], density is about 1 for equal sets."""

    precision: float
    recall: float
    density: float
    coverage: float


def prdc(real: np.ndarray, candidate: np.ndarray, nearest: int = NEAREST) -> Prdc:
    """Compare two clouds of features.

    Args:
        real: shape (n, d).
        candidate: shape (m, d).
        nearest: neighbours that a ball reaches to; lowered where a cloud is too small.

    Raises:
        ValueError: one cloud has fewer than two sounds.

    """
    if min(len(real), len(candidate)) < 2:
        raise ValueError(f"prdc needs two sounds at least, got {len(real)} and {len(candidate)}")
    real_radii = radii(cdist(real, real), nearest)
    candidate_radii = radii(cdist(candidate, candidate), nearest)
    distances = cdist(real, candidate)  # (n, m)
    in_real = distances < real_radii[:, None]
    in_candidate = distances < candidate_radii[None, :]
    return Prdc(
        precision=float(in_real.any(axis=0).mean()),
        recall=float(in_candidate.any(axis=1).mean()),
        density=float(in_real.sum(axis=0).mean() / min(nearest, len(real) - 1)),
        coverage=float((distances.min(axis=1) < real_radii).mean()),
    )


def radii(distances: np.ndarray, nearest: int) -> np.ndarray:
    """Return each sound's distance to its k-th neighbour from the (n, n) distances of a cloud."""
    # Index 0 of a sorted row is the sound itself.
    k = min(nearest, len(distances) - 1)
    return np.partition(distances, k, axis=1)[:, k]
