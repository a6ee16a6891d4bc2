"""Which known label a new one is most like, by its sounds."""

from collections.abc import Mapping

import numpy as np
from scipy.spatial import cKDTree

from ..evaluation.sounds.features import log_mel
from ..evaluation.sounds.pca import fit_pca


def nearest_labels(
    new: Mapping[str, np.ndarray], known: Mapping[str, np.ndarray], sample_rate: int
) -> dict[str, str]:
    """For each new label, the known label whose sounds are nearest to its own.

    Near is the median, over the new sounds, of the distance to the nearest sound of the known
    label, on log-mel spectrograms.

    Args:
        new: sounds by label, each (n, length).
        known: likewise.
        sample_rate: in Hz.

    """
    spectrograms = {label: log_mel(audio, sample_rate) for label, audio in known.items()}
    pca = fit_pca(np.concatenate(list(spectrograms.values())))
    trees = {label: cKDTree(pca(one)) for label, one in spectrograms.items()}
    result = {}
    for label, audio in new.items():
        points = pca(log_mel(audio, sample_rate))
        result[label] = min(trees, key=lambda name: np.median(trees[name].query(points)[0]))
    return result
