"""A sound made from tones and noise."""

from functools import lru_cache

import numpy as np
import tensorflow as tf

from . import layout
from .lines import Chance, with_lines, with_uneven_bands
from .spectra import noise_levels, overlapped, spectra
from .tones import tones
from .tracks import NOISE_FLOOR, Tracks

GATE = np.float32(1.6 * np.sqrt(NOISE_FLOOR))
"""Gain under which noise is silent, so that tails end as real ones do."""

PEAK = 0.999

_TINY = 1e-6


def synthesise(tracks: Tracks, noise: tf.Tensor, roughness: tf.Tensor, chance: Chance) -> tf.Tensor:
    """Make sounds.

    Args:
        tracks: what to make.
        noise: white, variance 1, (batch, length).
        roughness: see `tones.tones`.
        chance: which lines the noise has.

    Returns:
        Audio, float32 (batch, length), of peak `PEAK`, faded at both ends; silence stays silence.

    """
    length, levels = noise.shape[1], tracks.noise
    if tracks.contrast is not None:
        noise = with_lines(noise, tracks.contrast, chance.lines)
        levels = with_uneven_bands(levels, tracks.contrast, chance.bands, NOISE_FLOOR)
    audio = tones(tracks, roughness, length) + shaped_noise(levels, noise)
    audio *= layout.fades(length)
    peak = tf.reduce_max(tf.abs(audio), axis=1, keepdims=True)
    return audio * (PEAK / tf.maximum(peak, _TINY))


def shaped_noise(levels: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Give white noise (batch, length) the levels (batch, frames, NOISE_BANDS)."""
    bands = layout.band_weights().T
    # The gate first: at the floor, every bin is silent, however narrow its band.
    gain = tf.nn.relu(tf.exp(0.5 * tf.matmul(levels, bands)) - GATE)
    gain *= np.exp(-0.5 * _white_levels() @ bands)
    # `tf.complex` and not a cast, which OpenVINO does not know for complex numbers.
    return overlapped(spectra(noise) * tf.complex(gain, tf.zeros_like(gain)), noise.shape[1])


@lru_cache
def _white_levels() -> np.ndarray:
    """Return what `noise_levels` gives on average for white noise of variance 1, (NOISE_BANDS,).

    The mean of a logarithm is less than the logarithm of the mean, the more so in narrow bands.
    """
    white = np.random.default_rng(0).standard_normal((64, 128 * layout.HOP)).astype(np.float32)
    with tf.init_scope():
        levels = noise_levels(tf.constant(white), NOISE_FLOOR)
        return levels.numpy()[:, 4:-4].mean(axis=(0, 1))
