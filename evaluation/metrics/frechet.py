"""Frechet distance: how far two clouds of features are apart, taken as two Gaussians.

Dowson and Landau, "The Frechet distance between multivariate normal distributions", Journal of
Multivariate Analysis 12, 1982; on embeddings, Heusel et al., NeurIPS 2017 (images) and Kilgour et
al., Interspeech 2019 (audio).

The estimate is biased upwards for few samples (Chong and Forsyth, CVPR 2020): compare only figures
taken with the same numbers of sounds, as `sampling` arranges.
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


def _symmetric_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
