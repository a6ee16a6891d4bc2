"""Frechet distance: how far two clouds of features are apart, taken as two Gaussians.

Dowson and Landau, "The Frechet distance between multivariate normal distributions", Journal of
Multivariate Analysis 12, 1982; on embeddings, Heusel et al., NeurIPS 2017 (images) and Kilgour et
al., Interspeech 2019 (audio).

The estimate is biased upwards for few samples, nearly as 1/n. `extrapolated_distance` fits that
line and returns where it meets infinity: Chong and Forsyth, "Effectively unbiased FID and Inception
Score and where to find them", CVPR 2020, section 4. It still takes as many sounds on both sides.

```
distance  |                    o       sizes n/2 ... n of both clouds
          |             o
          |       o  o
          |   _ -
          | x                          x: the figure, at 1/n = 0
          +-----------------------> 1/n
```
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Gaussian:
    """Mean (d,) and covariance (d, d) of a cloud of features."""

    mean: np.ndarray
    covariance: np.ndarray


def fit_gaussian(features: np.ndarray) -> Gaussian:
    """Return mean and unbiased covariance of ``features``, shape (n, d), n >= 2."""
    features = np.asarray(features, np.float64)
    if len(features) < 2:
        raise ValueError(f"a covariance needs two sounds at least, got {len(features)}")
    return Gaussian(features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False)))


def gaussian_distance(a: Gaussian, b: Gaussian) -> float:
    """Return the squared Frechet distance of two Gaussians.

    ```
    |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a^1/2 C_b C_a^1/2)^1/2)
    ```

    The symmetric form has real, non-negative eigenvalues also for singular covariances, where the
    usual root of C_a C_b leaves the real numbers.
    """
    root = _symmetric_root(a.covariance)
    eigenvalues = np.linalg.eigvalsh(root @ b.covariance @ root)
    cross = np.sqrt(np.maximum(eigenvalues, 0.0)).sum()
    shift = np.sum((a.mean - b.mean) ** 2)
    spread = np.trace(a.covariance) + np.trace(b.covariance) - 2.0 * cross
    return float(max(shift + spread, 0.0))


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the squared Frechet distance of two clouds of features, (n, d) and (m, d)."""
    return gaussian_distance(fit_gaussian(a), fit_gaussian(b))


SIZES = 4
"""Sizes of subsets, evenly spaced from half the sounds to all, that the line is fitted to."""

REPEATS = 6
"""Random subsets of each size."""

SOUNDS_PER_DIMENSION = 4
"""Sounds that each dimension needs, or the line bends: a smallest subset has half of them."""


def usable_dimensions(sounds: int, dimensions: int) -> int:
    """Return how many of the leading ``dimensions`` that many sounds can tell apart."""
    return max(1, min(dimensions, sounds // SOUNDS_PER_DIMENSION))


def extrapolated_distance(a: np.ndarray, b: np.ndarray, seed: int = 0) -> float:
    """Return the squared Frechet distance at infinitely many sounds, not under 0.

    Args:
        a: a cloud of features, shape (n, d), n at least `SOUNDS_PER_DIMENSION` times d.
        b: another, shape (m, d); as many as the smaller cloud has are used of both at once.
        seed: of the subsets.

    """
    rng = np.random.default_rng(seed)
    most = min(len(a), len(b))
    sizes = np.unique(np.linspace(max(2, most // 2), most, SIZES).round().astype(int))
    sizes = np.repeat(sizes, REPEATS)
    distances = [
        frechet_distance(rng.permutation(a)[:size], rng.permutation(b)[:size]) for size in sizes
    ]
    if sizes[0] == sizes[-1]:
        return float(np.mean(distances))
    return max(float(np.polyfit(1.0 / sizes, distances, 1)[1]), 0.0)


def _symmetric_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
