"""How many sounds of a small model are copies of what it was trained on."""

import numpy as np

from .metrics.originality import at_full_level, nearest_training_sounds
from .sounds.features import log_mel
from .sounds.pca import fit_pca


class TrainingSounds:
    """Training sounds as copies are looked for among them, with their spectrograms taken once.

    Example:
        ```python
        TrainingSounds(train, sample_rate).copied_share(audio)
        ```

    Args:
        audio: (m, length), of at most some thousand sounds.
        sample_rate: in Hz.

    """

    def __init__(self, audio: np.ndarray, sample_rate: int):
        spectrograms = log_mel(at_full_level(audio), sample_rate)
        self._audio = audio
        self._sample_rate = sample_rate
        self._pca = fit_pca(spectrograms)
        self._points = self._pca(spectrograms)

    def copied_share(self, audio: np.ndarray) -> float:
        """Share of sounds (n, length) that play a training sound back, see `originality`."""
        points = self._pca(log_mel(at_full_level(audio), self._sample_rate))
        nearest = nearest_training_sounds(
            audio, points, self._audio, self._points, self._sample_rate
        )
        return float(nearest.copied.mean())
