"""How far apart two sounds are to the ear."""

from collections.abc import Sequence

import numpy as np

try:
    from scipy.fft import rfft  # in half the time
except ImportError:  # the light client has NumPy alone
    from numpy.fft import rfft

WINDOWS = (2048, 512, 128)
"""Of the spectrograms that tell how near two sounds are; they overlap by three quarters."""

FLOOR_DB = -80.0
"""Under the loudest: what is quieter is silence."""


def distance_db(made: np.ndarray, audio: np.ndarray) -> np.ndarray:
    """How far sounds are from others: the root mean square over three log spectrograms.

    Args:
        made: (n, length).
        audio: one for all, (length,), or one for each, (n, length).

    Returns:
        (n,), in dB.

    """
    squares = np.zeros(len(made))
    for window in WINDOWS:
        difference = _levels(made, window) - _levels(np.atleast_2d(audio), window)
        squares += np.mean(np.square(difference), axis=(1, 2)) / len(WINDOWS)
    return np.sqrt(squares)


def _levels(audio: np.ndarray, window: int) -> np.ndarray:
    """Levels in dB of windows that overlap by three quarters, (n, frames, bins)."""
    hop = window // 4
    padded = np.pad(audio, ((0, 0), (window // 2, window // 2)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)[:, ::hop]
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    magnitude = np.abs(rfft(frames * (2.0 / shape.sum() * shape), axis=-1))
    return 20.0 * np.log10(np.maximum(magnitude, 10.0 ** (FLOOR_DB / 20)))


def spread_db(made: Sequence[np.ndarray]) -> float:
    """Mean distance of sounds from the first, in dB: how different answers are."""
    return float(distance_db(np.asarray(made[1:]), np.asarray(made[0])).mean())
