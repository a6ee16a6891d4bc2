"""Frames, bands and filters of the analysis and the synthesis; numbers alone, in NumPy.

Frequencies are given at 44.1 kHz; at another rate they move with it.
"""

from functools import lru_cache

import numpy as np

RATE = 44_100.0
"""Sample rate at which the frequencies here hold, in Hz."""

HOP = 128
"""Samples from one frame to the next: 2.9 ms."""

WINDOW = 512
"""Length of the Hann window that noise is measured and shaped with: 11.6 ms, bins of 86 Hz."""

BINS = WINDOW // 2 + 1

NOISE_BANDS = 64
SINGLE_BINS = 14
"""Bands of one bin each; above, they grow by a constant factor up to half the sample rate."""

TONES = 3
TONE_EDGES_HZ = (110.0, 250.0, 560.0)
"""Upper edges of the bands, one tone in each."""

LOWEST_PITCH_HZ = np.array([18.0, 95.0, 215.0], np.float32)
HIGHEST_PITCH_HZ = np.array([125.0, 285.0, 640.0], np.float32)

EDGE_OCTAVES = 0.12
"""Half the width of the crossing from one band to the next."""

FADE_IN, FADE_OUT = 22, 882
"""Samples of the linear fades at both ends, as real sounds are prepared (0.5 and 20 ms)."""


def frames(length: int) -> int:
    """Return the number of frames of ``length`` samples; frame i is centred on sample i * HOP."""
    return length // HOP + 1


@lru_cache
def hann() -> np.ndarray:
    """Return the periodic Hann window, (WINDOW,); squares of the four that overlap add to 3/2."""
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


@lru_cache
def band_weights() -> np.ndarray:
    """Return how bands make up bins: triangles that add to 1 in each bin, (BINS, NOISE_BANDS)."""
    centres = _band_centres()
    bins = np.arange(BINS)
    columns = [np.interp(bins, centres, one) for one in np.eye(len(centres))]
    return np.stack(columns, axis=1).astype(np.float32)


@lru_cache
def tone_masks(length: int) -> np.ndarray:
    """Return the gain of each tone's band, over the bins of a transform of 2 * length samples.

    Shape (TONES + 1, length + 1); the last row is what lies above all tones. The rows add to 1.
    """
    hz = np.fft.rfftfreq(2 * length, 1.0 / RATE)
    below = [np.zeros_like(hz), *(_low_pass(hz, edge) for edge in TONE_EDGES_HZ), np.ones_like(hz)]
    return np.diff(np.stack(below), axis=0).astype(np.float32)


@lru_cache
def fades(length: int) -> np.ndarray:
    """Return the gain of the fades at both ends, (length,)."""
    fade_in = min(FADE_IN, length // 8)
    gain = fade_out(length).copy()
    gain[:fade_in] = np.arange(fade_in) / fade_in
    return gain


@lru_cache
def fade_out(length: int) -> np.ndarray:
    """Return the gain of the fade at the end alone, (length,)."""
    faded = min(FADE_OUT, length // 8)
    gain = np.ones(length, np.float32)
    gain[-faded:] = np.linspace(1.0, 0.0, faded)
    return gain


def tone_half_widths_hz() -> np.ndarray:
    """Return half the width of each tone's band in Hz, (TONES,)."""
    return np.diff([LOWEST_PITCH_HZ[0], *TONE_EDGES_HZ]) / 2


def radians(hz: np.ndarray) -> np.ndarray:
    """Return Hz as radians a sample."""
    return (2.0 * np.pi / RATE * hz).astype(np.float32)


def _band_centres() -> np.ndarray:
    """Return the bands' centres in bins: 0, 1, 2, ... and then ever wider apart, to the last."""
    last, wider = SINGLE_BINS - 1, NOISE_BANDS - SINGLE_BINS
    low, high = 1.0, 2.0
    for _ in range(60):  # bisection: the factor whose powers add up to the bins that are left
        factor = (low + high) / 2
        reached = last + np.sum(factor ** np.arange(1, wider + 1))
        low, high = (factor, high) if reached < BINS - 1 else (low, factor)
    return np.concatenate(
        [np.arange(SINGLE_BINS), last + np.cumsum(low ** np.arange(1, wider + 1))]
    )


def _low_pass(hz: np.ndarray, edge: float) -> np.ndarray:
    octaves = np.log2(np.maximum(hz, 1e-3) / edge) / EDGE_OCTAVES
    return 0.5 - 0.5 * np.sin(np.clip(octaves, -1.0, 1.0) * np.pi / 2)
