"""How many sounds of a small model are copies of what it was trained on."""

import numpy as np

from .metrics.originality import at_full_level, nearest_training_sounds
from .sounds.features import log_mel
from .sounds.pca import fit_pca


def copied_share(audio: np.ndarray, train: np.ndarray, sample_rate: int) -> float:
    """Share of sounds that play a training sound back, see `originality`.

    Args:
        audio: (n, length).
        train: (m, length), of at most some thousand sounds.
        sample_rate: in Hz.

    """
    spectrograms = log_mel(at_full_level(train), sample_rate)
    pca = fit_pca(spectrograms)
    points = pca(log_mel(at_full_level(audio), sample_rate))
    nearest = nearest_training_sounds(audio, points, train, pca(spectrograms), sample_rate)
    return float(nearest.copied.mean())
