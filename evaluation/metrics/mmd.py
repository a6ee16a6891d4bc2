"""Kernel distance: the squared maximum mean discrepancy, without bias.

Gretton et al., "A kernel two-sample test", JMLR 13, 2012, lemma 6; with the cubic kernel of
Binkowski et al., "Demystifying MMD GANs", ICLR 2018, section 4:

```
k(x, y) = (x . y / d + 1)^3
MMD^2 = mean over i != j of k(x_i, x_j) + mean over i != j of k(y_i, y_j) - 2 mean k(x_i, y_j)
```

Being unbiased it may be slightly negative, and sets of different sizes can be compared.
"""

import numpy as np


def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cubic kernel of every pair, shape (n, m), for (n, d) and (m, d)."""
    base = a @ b.T / a.shape[1] + 1.0
    return base * base * base


def kernel_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the unbiased squared discrepancy of two clouds of features, (n, d) and (m, d).

    Raises:
        ValueError: one cloud has fewer than two sounds.

    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"a kernel distance needs two sounds, got {len(a)} and {len(b)}")
    return discrepancy(kernel(a, a), mean_within(kernel(b, b)), kernel(a, b))


def discrepancy(within_a: np.ndarray, mean_b: float, between: np.ndarray) -> float:
    """Return the same from kernels already computed, so that subsets need no new ones.

    Args:
        within_a: (n, n).
        mean_b: `mean_within` of the other set.
        between: (n, m), or its mean over the other set, (n,).

    """
    return mean_within(within_a) + mean_b - 2.0 * float(between.mean())


def mean_within(gram: np.ndarray) -> float:
    """Return the mean kernel of two different members of a set, from all pairs (n, n)."""
    n = len(gram)
    return float((gram.sum() - np.trace(gram)) / (n * (n - 1)))


def standardise(reference: np.ndarray):
    """Return a function that shifts and scales features so that ``reference`` has unit variance.

    One scale for all dimensions: the kernel keeps its meaning whatever the embedding's unit, and
    the dimensions keep their weights.
    """
    mean = reference.mean(axis=0)
    scale = max(float(np.sqrt(np.mean((reference - mean) ** 2))), 1e-12)
    return lambda features: (features - mean) / scale
