"""Kernel distance: the squared maximum mean discrepancy, without bias.

Gretton et al., "A kernel two-sample test", JMLR 13, 2012, lemma 6; with the cubic kernel of
Binkowski et al., "Demystifying MMD GANs", ICLR 2018, section 4:

```
k(x, y) = (x . y / d + 1)^3
MMD^2 = mean over i != j of k(x_i, x_j) + mean over i != j of k(y_i, y_j) - 2 mean k(x_i, y_j)
```

Being unbiased it may be slightly negative, and sets of different sizes can be compared.
"""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .registry import DISTANCES, Metric, register
from .sampling import Estimate, estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features


def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cubic kernel of every pair, shape (n, m), for (n, d) and (m, d)."""
    base = a @ b.T / a.shape[1] + 1.0
    return base * base * base


def discrepancy(within_a: np.ndarray, mean_b: float, between: np.ndarray) -> float:
    """Return the unbiased squared discrepancy, from kernels that are computed once for all subsets.

    Args:
        within_a: (n, n).
        mean_b: `mean_within` of the other set.
        between: (n, m), or its mean over the other set, (n,).

    """
    return mean_within(within_a) + mean_b - 2.0 * float(between.mean())


def mean_within(gram: np.ndarray) -> float:
    """Return the mean kernel of two different members of a set, from all pairs (n, n).

    Raises:
        ValueError: the set has fewer than two sounds.

    """
    if (n := len(gram)) < 2:
        raise ValueError(f"a kernel distance needs two sounds, got {n}")
    return float((gram.sum() - np.trace(gram)) / (n * (n - 1)))


def standardise(reference: np.ndarray):
    """Return a function that shifts and scales features so that ``reference`` has unit variance.

    One scale for all dimensions: the kernel keeps its meaning whatever the embedding's unit, and
    the dimensions keep their weights.
    """
    mean = reference.mean(axis=0)
    scale = max(float(np.sqrt(np.mean((reference - mean) ** 2))), 1e-12)
    return lambda features: (features - mean) / scale


def kernel_distance(
    embedding: str, candidate: "Features", reference: "Features", chunk: int, seed: int
) -> Estimate:
    """Measure the discrepancy on one embedding, scaled to the reference's unit variance."""
    scale = standardise(reference.points[embedding])
    points, real = scale(candidate.points[embedding]), scale(reference.points[embedding])
    within = kernel(points, points)
    between = kernel(points, real).mean(axis=1)
    within_real = mean_within(kernel(real, real))
    return estimate(
        lambda i: discrepancy(within[np.ix_(i, i)], within_real, between[i]),
        len(points),
        chunk=chunk,
        seed=seed,
    )


for _embedding, _title in (
    ("logmel", "log-mel"),
    ("classifier", "classifier"),
    ("extra", "third embedding"),
):
    register(
        Metric(
            f"kernel_{_embedding}",
            f"Kernel distance, {_title}",
            "",
            DISTANCES,
            "lower",
            "Unbiased squared maximum mean discrepancy, cubic kernel, to held-out real sounds of "
            "the same class, on the same numbers as the Frechet distance, scaled to unit variance "
            "of the real ones.",
            "Gretton et al. 2012, lemma 6; Binkowski et al. 2018, section 4",
            partial(kernel_distance, _embedding),
            "held out",
            embedding=_embedding,
            digits=3,
        )
    )
