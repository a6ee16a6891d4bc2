"""Noise with a level in each band: measured, and made."""

from functools import lru_cache

import numpy as np
import tensorflow as tf

from . import layout
from .spectra import overlapped, spectra, spectral_power
from .tracks import NOISE_FLOOR

GATE = np.float32(1.6 * np.sqrt(NOISE_FLOOR))
"""Gain under which noise is silent, so that tails end as real ones do."""

LEAD = layout.WINDOW // layout.HOP
"""Frames before the start, at the first one's level: a sound begins at once, with all its power."""


def noise_levels(audio: tf.Tensor) -> tf.Tensor:
    """Return the log of the power in each band, (batch, frames, NOISE_BANDS)."""
    return _levels(spectra(audio))


def shaped_noise(levels: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Give noise the levels that were measured.

    Lines fluctuate less than white noise does, and stand closer in one band than in the next. So
    the mean level over the sound of what comes in is brought to that of the gains.

    Args:
        levels: log of power, (batch, frames, NOISE_BANDS).
        noise: white or with lines, variance about 1, (batch, length).

    """
    length = noise.shape[1]
    before = LEAD * layout.HOP
    spectrum = spectra(tf.concat([noise[:, -before:], noise], axis=1))
    own = tf.reduce_mean(_levels(spectrum)[:, LEAD:-2], axis=1, keepdims=True)
    levels = tf.concat([tf.repeat(levels[:, :1], LEAD, axis=1), levels], axis=1)
    gain = gains(levels) * tf.exp(-0.5 * tf.matmul(own, layout.band_weights().T))
    # `tf.complex` and not a cast, which OpenVINO does not know for complex numbers.
    shaped = spectrum * tf.complex(gain, tf.zeros_like(gain))
    return overlapped(shaped, length + before)[:, before:]


def gains(levels: tf.Tensor) -> tf.Tensor:
    """Return the gain of each bin, (batch, frames, BINS)."""
    # The gate first: at the floor, every bin is silent, however narrow its band.
    return tf.nn.relu(tf.exp(0.5 * tf.matmul(levels, layout.band_weights().T)) - GATE)


def expected_power(levels: tf.Tensor) -> tf.Tensor:
    """Return the mean power over the bins of white noise of these levels, (batch, frames)."""
    white = np.exp(-_white_levels() @ layout.band_weights().T)
    both_sides = np.full(layout.BINS, 2.0)
    both_sides[[0, -1]] = 1.0
    share = (white * both_sides / layout.WINDOW).astype(np.float32)
    return tf.linalg.matvec(tf.square(gains(levels)), share)


def _levels(spectrum: tf.Tensor) -> tf.Tensor:
    weights = layout.band_weights()
    return tf.math.log(
        tf.matmul(spectral_power(spectrum), weights / weights.sum(axis=0)) + NOISE_FLOOR
    )


@lru_cache
def _white_levels() -> np.ndarray:
    """Return what `noise_levels` gives on average for white noise of variance 1, (NOISE_BANDS,).

    The mean of a logarithm is less than the logarithm of the mean, the more so in narrow bands.
    """
    white = np.random.default_rng(0).standard_normal((64, 128 * layout.HOP)).astype(np.float32)
    with tf.init_scope():
        return noise_levels(tf.constant(white)).numpy()[:, 4:-4].mean(axis=(0, 1))
