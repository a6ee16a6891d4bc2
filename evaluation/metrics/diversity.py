"""How different the sounds of one class are from each other."""

import numpy as np
from scipy.spatial.distance import pdist, squareform


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
