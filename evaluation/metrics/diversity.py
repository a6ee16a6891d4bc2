"""How different the sounds of one class are from each other."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform

from .registry import AT_LEAST_ZERO, COVER, LATENT, SHARE, Metric, register
from .sampling import Estimate, estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features

EMBEDDING = "logmel"


def mean_distance(features: np.ndarray) -> float:
    """Return the mean Euclidean distance of two different sounds, from (n, d), n >= 2.

    The pairwise form of Zhu et al., "Toward multimodal image-to-image translation", NeurIPS 2017,
    which takes the mean perceptual distance of random pairs.
    """
    return float(pdist(np.asarray(features, np.float64)).mean())


def vendi_score(features: np.ndarray, bandwidth: float) -> float:
    """Return the effective number of different sounds among n: 1 if all are one, n if none alike.

    Friedman and Dieng, "The Vendi score: a diversity evaluation metric for machine learning",
    TMLR 2023: the exponential of the entropy of the eigenvalues of K / n, here with the kernel
    exp(-|x - y|^2 / (2 bandwidth^2)).

    Args:
        features: shape (n, d).
        bandwidth: distance at which sounds begin to count as different; the median distance of
            real sounds to their nearest neighbour is a good one.

    """
    squares = squareform(pdist(np.asarray(features, np.float64), "sqeuclidean"))
    gram = np.exp(-squares / (2.0 * max(bandwidth, 1e-12) ** 2))
    values = np.linalg.eigvalsh(gram / len(features))
    values = values[values > 1e-12]
    return float(np.exp(-np.sum(values * np.log(values))))


def leading_share(features: np.ndarray, directions: int = 3) -> float:
    """Return the share of the variance of ``features`` (n, d) in its first principal directions."""
    centred = features - features.mean(axis=0)
    squares = np.linalg.svd(centred, compute_uv=False) ** 2
    total = squares.sum()
    return float(squares[:directions].sum() / total) if total > 0 else 1.0


def diversity(candidate: "Features", reference: "Features", chunk: int, seed: int) -> Estimate:
    """Measure the mean distance of two sounds, on log-mel, in dB."""
    points = candidate.points[EMBEDDING]
    return estimate(
        lambda i: mean_distance(points[i]), len(points), seed=seed, bounds=AT_LEAST_ZERO
    )


def effective_number(
    candidate: "Features", reference: "Features", chunk: int, seed: int
) -> Estimate:
    """Measure the share of sounds that are different from the others, by the Vendi score."""
    points, bandwidth = candidate.points[EMBEDDING], _nearest_neighbour(reference.points[EMBEDDING])
    return estimate(
        lambda i: vendi_score(points[i], bandwidth) / len(i),
        len(points),
        chunk=chunk,
        seed=seed,
        bounds=SHARE,
    )


def leading_three(candidate: "Features", reference: "Features", chunk: int, seed: int) -> Estimate:
    """Measure the share of the sounds' variation in its first three principal directions."""
    points = candidate.wide_points
    return estimate(
        lambda i: leading_share(points[i]), len(points), chunk=chunk, seed=seed, bounds=SHARE
    )


def _nearest_neighbour(points: np.ndarray) -> float:
    """Return the median distance of sounds to their nearest neighbour: the Vendi bandwidth."""
    distances, _ = cKDTree(points).query(points, k=2)
    return max(float(np.median(distances[:, 1])), 1e-6)


register(
    Metric(
        "diversity",
        "Diversity within the class",
        "dB",
        COVER,
        "real",
        "Mean distance of two different sounds of the class, on log-mel.",
        "Zhu et al. 2017, pairwise perceptual distance",
        diversity,
    )
)
register(
    Metric(
        "effective_number",
        "Different sounds, share",
        "",
        COVER,
        "real",
        "Vendi score over the number of sounds: the effective share of sounds that differ, by a "
        "Gaussian kernel as wide as a real sound's median distance to its neighbour.",
        "Friedman and Dieng 2023",
        effective_number,
    )
)
register(
    Metric(
        "leading_three",
        "Variation in three directions",
        "",
        LATENT,
        "real",
        "Share of the variance of a class's log-mel spectrograms that its first three principal "
        "directions hold.",
        "principal components; the claim is Drysdale et al. 2020's",
        leading_three,
    )
)
