"""Short-time spectra that overlap by three quarters, and back."""

import numpy as np
import tensorflow as tf

from . import layout

_OVERLAP = layout.WINDOW // layout.HOP
_SCALE = np.float32(np.sqrt(np.sum(layout.hann() ** 2)))


def spectra(audio: tf.Tensor) -> tf.Tensor:
    """Return the windowed spectra of ``audio`` (batch, length), complex (batch, frames, BINS).

    White noise of variance 1 has a mean power of 1 in each bin. Beyond the ends there is silence.
    """
    length = audio.shape[1]
    half = layout.WINDOW // 2
    hops = tf.reshape(
        tf.pad(audio, [[0, 0], [half, half]]), (-1, length // layout.HOP + _OVERLAP, layout.HOP)
    )
    count = layout.frames(length)
    windows = tf.concat([hops[:, i : i + count] for i in range(_OVERLAP)], axis=2)
    return tf.signal.rfft(windows * (layout.hann() / _SCALE))


def overlapped(spectrum: tf.Tensor, length: int) -> tf.Tensor:
    """Return audio (batch, length) from spectra: windowed once more, and added."""
    # The squares of the windows that overlap add to 3/2.
    windows = tf.signal.irfft(spectrum, [layout.WINDOW]) * (layout.hann() * (_SCALE / 1.5))
    parts = tf.split(windows, _OVERLAP, axis=2)
    padded = [tf.pad(part, [[0, 0], [i, _OVERLAP - 1 - i], [0, 0]]) for i, part in enumerate(parts)]
    flat = tf.reshape(tf.add_n(padded), (-1, length + layout.WINDOW))
    half = layout.WINDOW // 2
    return flat[:, half : half + length]


def spectral_power(spectrum: tf.Tensor) -> tf.Tensor:
    """Return the power of each bin."""
    return tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum))
