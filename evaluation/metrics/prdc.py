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
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from .registry import AT_LEAST_ZERO, COVER, SHARE, Metric, Target, register
from .sampling import Estimate, estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features

NEAREST = 5
"""Neighbours that a ball reaches to, as in the reference implementation's examples."""

EMBEDDING = "logmel"

REFERENCE_CHUNKS = 4
"""Subsets of the reference, each as large as a chunk, that neighbours are looked for in."""


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


def neighbours(
    which: str, candidate: "Features", reference: "Features", chunk: int, seed: int
) -> Estimate:
    """Measure one of the four, at equal numbers of sounds on both sides."""
    points, real = candidate.points[EMBEDDING], reference.points[EMBEDDING]
    subsets = _subsets(len(real), min(chunk, len(real)), seed)
    return estimate(
        lambda i: float(np.mean([getattr(prdc(real[s], points[i]), which) for s in subsets])),
        len(points),
        chunk=chunk,
        seed=seed,
        bounds=AT_LEAST_ZERO if which == "density" else SHARE,
    )


def _subsets(count: int, size: int, seed: int) -> list[np.ndarray]:
    if size >= count:
        return [np.arange(count)]
    rng = np.random.default_rng(seed)
    return [rng.permutation(count)[:size] for _ in range(REFERENCE_CHUNKS)]


def _register(which: str, definition: str, source: str, target: Target | None = None) -> None:
    register(
        Metric(
            which,
            which.capitalize(),
            "",
            COVER,
            "higher",
            f"{definition} On log-mel, against held-out real sounds; {NEAREST} neighbours, equal "
            "numbers of sounds on both sides.",
            source,
            partial(neighbours, which),
            "held out",
            target,
        )
    )


_KYNKAANNIEMI, _NAEEM = "Kynkaanniemi et al. 2019", "Naeem et al. 2020"

_register("precision", "Share of judged sounds that lie in a real sound's ball.", _KYNKAANNIEMI)
_register(
    "recall",
    "Share of real sounds that lie in a judged sound's ball.",
    _KYNKAANNIEMI,
    Target(
        0.6,
        "ratio",
        "as much variety as the sounds it learned from",
        "less variety than the sounds it learned from",
        at_least=True,
    ),
)
_register(
    "density", "Mean number of real balls that a judged sound lies in, over 5; 1 is even.", _NAEEM
)
_register(
    "coverage",
    "Share of real sounds whose ball of 5 real neighbours holds a judged sound.",
    _NAEEM,
    Target(
        0.9,
        "ratio",
        "covers the kinds of real sounds",
        "kinds of real sounds are missing",
        at_least=True,
    ),
)
