"""A short vector that copies of a sound share, whatever their level, polarity, rate or codec.

The prepared sound, which begins with its onset, is cut into six spans that double in length, and
each span's spectrum into ten bands from 60 Hz to 5 kHz, which every rate and codec keeps. The
logarithms of the 60 energies, their mean removed, are projected to the lowest 16 of their
two-dimensional cosines. A distance between vectors is never larger than that between the energies,
so that a search within a radius misses nothing that lies within it.
"""

from itertools import pairwise

import numpy as np
import scipy.fft

DIMENSIONS = 16
RADIUS = 1.0
"""Copies lie closer: of planted ones, out of MP3 and Vorbis too, nineteen in twenty within 0.9."""

_WINDOW_S = 0.0232
_SPANS = (0, 1, 2, 4, 8, 16, 31)  # in hops of half a window
_BANDS_HZ = np.geomspace(60, 5000, 11)
_FLOOR = 3e-4  # of the loudest band: 35 dB


def fingerprint(pcm: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the fingerprint, float32 (DIMENSIONS,), of a prepared sound, int16 (samples,)."""
    window = 2 * round(_WINDOW_S * sample_rate / 2)
    hop = window // 2
    audio = np.zeros(hop * (_SPANS[-1] + 1))
    piece = pcm[: len(audio)]
    audio[: len(piece)] = piece
    frames = np.lib.stride_tricks.sliding_window_view(audio, window)[::hop] * np.hanning(window)
    power = np.abs(scipy.fft.rfft(frames.astype(np.float32), axis=1)) ** 2
    spans = np.add.reduceat(power, _SPANS[:-1], axis=0)[: len(_SPANS) - 1]
    edges = np.clip(np.round(_BANDS_HZ * window / sample_rate).astype(int), 1, power.shape[1] - 1)
    energy = np.stack([spans[:, a : max(b, a + 1)].mean(1) for a, b in pairwise(edges)], 1)
    log = np.log10(energy + _FLOOR * max(float(energy.max()), 1e-9))
    cosines = scipy.fft.dctn(log - log.mean(), norm="ortho")
    return cosines[:4, :4].ravel().astype(np.float32)
