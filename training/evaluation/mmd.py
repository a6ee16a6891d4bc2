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
    return (a @ b.T / a.shape[1] + 1.0) ** 3


def kernel_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the unbiased squared discrepancy of two clouds of features, (n, d) and (m, d).

    Raises:
        ValueError: one cloud has fewer than two sounds.

    """
    if min(len(a), len(b)) < 2:
        raise ValueError(f"a kernel distance needs two sounds, got {len(a)} and {len(b)}")
    return (
        _mean_off_diagonal(kernel(a, a))
        + _mean_off_diagonal(kernel(b, b))
        - 2 * float(kernel(a, b).mean())
    )


def standardise(reference: np.ndarray):
    """Return a function that shifts and scales features so that ``reference`` has unit variance.

    One scale for all dimensions: the kernel keeps its meaning whatever the embedding's unit, and
    the dimensions keep their weights.
    """
    mean = reference.mean(axis=0)
    scale = max(float(np.sqrt(np.mean((reference - mean) ** 2))), 1e-12)
    return lambda features: (features - mean) / scale


def _mean_off_diagonal(gram: np.ndarray) -> float:
    n = len(gram)
    return float((gram.sum() - np.trace(gram)) / (n * (n - 1)))
