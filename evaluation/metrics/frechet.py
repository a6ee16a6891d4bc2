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

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from .descriptors import is_kick
from .registry import DISTANCES, Metric, Target, register
from .sampling import Estimate, estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features


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


SOURCE = "Heusel et al. 2017; Kilgour et al. 2019; extrapolated after Chong and Forsyth 2020"

DRAWS = 30
"""Subsets drawn for an interval: each takes `SIZES` times `REPEATS` distances."""

SIZES = 4
"""Sizes of subsets, evenly spaced from half the sounds to all, that the line is fitted to."""

REPEATS = 10
"""Random subsets of each size."""

SOUNDS_PER_DIMENSION = 4
"""Sounds that each dimension needs, or the line bends: a smallest subset has half of them."""


def usable_dimensions(sounds: int, dimensions: int) -> int:
    """Return how many of the leading ``dimensions`` that many sounds can tell apart."""
    return max(1, min(dimensions, sounds // SOUNDS_PER_DIMENSION))


def extrapolated_distance(
    a: np.ndarray, b: np.ndarray, seed: int = 0, most: int | None = None
) -> float:
    """Return the squared Frechet distance at infinitely many sounds.

    It has no bias, so that it may be a little under 0 where the clouds are alike.

    Args:
        a: a cloud of features, shape (n, d), n at least `SOUNDS_PER_DIMENSION` times d.
        b: another, shape (m, d).
        seed: of the subsets.
        most: sounds of the largest subset of each cloud; as many as the smaller has by default.

    """
    rng = np.random.default_rng(seed)
    most = min(len(a), len(b), most or len(a))
    sizes = np.unique(np.linspace(max(2, most // 2), most, SIZES).round().astype(int))
    distances = np.array(
        [np.mean(_distances(_subsets(a, size, rng), _subsets(b, size, rng))) for size in sizes]
    )
    if len(sizes) == 1:
        return float(distances[0])
    return float(np.polyfit(1.0 / sizes, distances, 1)[1])


def _subsets(cloud: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return random subsets of a cloud (n, d), (REPEATS, size, d)."""
    order = rng.random((REPEATS, len(cloud))).argsort(axis=1)
    return cloud[order[:, :size]]


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return `frechet_distance` of each pair of clouds, (k, n, d) and (k, m, d), at once: (k,)."""
    shift = np.sum((a.mean(axis=1) - b.mean(axis=1)) ** 2, axis=1)
    first, second = _covariances(a), _covariances(b)
    values, vectors = np.linalg.eigh(first)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))[:, None]) @ vectors.swapaxes(1, 2)
    eigenvalues = np.linalg.eigvalsh(root @ second @ root)
    cross = np.sqrt(np.maximum(eigenvalues, 0.0)).sum(axis=1)
    traces = np.trace(first, axis1=1, axis2=2) + np.trace(second, axis1=1, axis2=2)
    return np.maximum(shift + traces - 2.0 * cross, 0.0)


def _covariances(clouds: np.ndarray) -> np.ndarray:
    centred = clouds - clouds.mean(axis=1, keepdims=True)
    return centred.swapaxes(1, 2) @ centred / (clouds.shape[1] - 1)


def _symmetric_root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T


def frechet(
    embedding: str, candidate: "Features", reference: "Features", chunk: int, seed: int
) -> Estimate:
    """Measure the distance at infinite n on one embedding, on as many dimensions as n allows."""
    points, real = candidate.points[embedding], reference.points[embedding]
    kept = usable_dimensions(min(chunk, len(real)), points.shape[1])
    points, real = points[:, :kept], real[:, :kept]
    found = estimate(
        lambda i: extrapolated_distance(points[i], real, seed, chunk),
        len(points),
        seed=seed,
        draws=DRAWS,
    )
    # The draws keep what is under 0: they say how far off the figure may be.
    return replace(found, value=max(found.value, 0.0), lowest=0.0)


def _register(embedding: str, title: str, unit: str, words: str, **options) -> None:
    register(
        Metric(
            f"frechet_{embedding}",
            f"Frechet distance, {title}",
            unit,
            DISTANCES,
            "lower",
            "Squared Frechet distance of two Gaussians, fitted to the sounds and to as many "
            "held-out real sounds of the same class, extrapolated to infinitely many sounds; on "
            f"{words}.",
            SOURCE,
            partial(frechet, embedding),
            "held out",
            embedding=embedding,
            **options,
        )
    )


_register(
    "logmel",
    "log-mel",
    "dB²",
    "log-mel spectrograms (64 bands, 23 ms frames every 5.8 ms, in dB down to -80) on the 16 "
    "leading principal directions of real training sounds, a quarter of the number of sounds at "
    "most",
    target=Target(
        1.3,
        "ratio",
        "as near to real sounds as other real ones",
        "further from real sounds than other real ones",
    ),
)
_register(
    "low",
    "under 300 Hz",
    "dB²",
    "levels under 300 Hz (six bands an octave, 186 ms frames every 46 ms, in dB down to -60), "
    "principal directions as for log-mel",
    target=Target(
        1.3, "ratio", "the body of real kicks", "the low end differs from that of real kicks"
    ),
    applies=is_kick,
)
_register(
    "pitch",
    "pitch track",
    "octave²",
    "the pitch under 300 Hz, in octaves, in six pieces from the start to 320 ms",
    applies=is_kick,
)
_register(
    "classifier",
    "classifier",
    "",
    "the label classifier's last layer before the classes (32 numbers)",
)
_register(
    "extra",
    "third embedding",
    "",
    "the embedding given as a SavedModel, sounds resampled and zero-padded behind for it",
)
