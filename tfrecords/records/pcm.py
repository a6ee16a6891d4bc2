"""Audio as 16-bit PCM, as records store it; without TensorFlow."""

import numpy as np

FULL_SCALE = 32767


def to_pcm(audio: np.ndarray) -> np.ndarray:
    """Round float audio in [-1, 1], any shape, to int16."""
    return np.round(np.clip(audio, -1.0, 1.0) * FULL_SCALE).astype(np.int16)
