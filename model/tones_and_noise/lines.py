"""The lines in a sound's spectrum: what makes a cymbal metal, and not hiss.

The noise's bands are wide and change at once. Lines are narrow and stay: what is kept of them is
one spectrum of the whole sound, fine where the bands are coarse, as its ratio to what lies about.
"""

from functools import lru_cache

import numpy as np
import tensorflow as tf

WIDTHS = (4, 8, 16, 16)
"""Bins of a transform of the whole sound that make one line, in each quarter of the spectrum: at
16384 samples of 44.1 kHz 11 Hz up to 5.5 kHz, 22 Hz up to 11 kHz, 43 Hz above."""

NEIGHBOURS = 31
"""Lines about each that it is compared with."""

LOWEST, HIGHEST = -4.0, 3.4
"""Log of the ratio of power: all power in one line of its neighbours gives log 31."""

HEARD = np.float32(np.log(1e6))
"""Lines in what lies 60 dB under the loudest of the spectrum count nothing."""

_TINY = 1e-12


def count(length: int) -> int:
    """Return the number of lines of a sound of ``length`` samples."""
    return sum(length // 8 // width for width in WIDTHS)


def measure_lines(audio: tf.Tensor) -> tf.Tensor:
    """Return the log of each line's power over its neighbours', (batch, length) -> (batch, lines).

    Where the sound has next to nothing they are 0, as in white noise on average they nearly are.
    """
    spectrum = tf.signal.rfft(audio)[:, :-1]
    power = tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum))
    quarters = tf.split(power, len(WIDTHS), axis=1)
    line = tf.concat(
        [
            tf.reduce_mean(tf.reshape(quarter, (-1, quarter.shape[1] // width, width)), axis=2)
            for quarter, width in zip(quarters, WIDTHS, strict=True)
        ],
        axis=1,
    )
    about = _about(line) + _TINY
    loudest = tf.reduce_max(about, axis=1, keepdims=True)
    heard = tf.clip_by_value(tf.math.log(about / loudest) / HEARD + 1.0, 0.0, 1.0)
    ratio = tf.math.log((line + _TINY) / about)
    return heard * tf.clip_by_value(ratio, LOWEST, HIGHEST)


def with_lines(noise: tf.Tensor, lines: tf.Tensor) -> tf.Tensor:
    """Give white noise (batch, length) the lines (batch, lines); its bands keep their power.

    Every bin of the noise gets the same power first: of a line so narrow, chance would take away as
    much as the network gives.
    """
    length = noise.shape[1]
    spectrum = tf.signal.rfft(noise)
    size = tf.sqrt(tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum)))
    power = tf.exp(tf.clip_by_value(lines, LOWEST, HIGHEST))
    power = tf.gather(power / _about(power), _line_of_bin(length), axis=1)
    gain = tf.sqrt(length * power) / (size + _TINY)
    return tf.signal.irfft(spectrum * tf.complex(gain, tf.zeros_like(gain)), [length])


def _about(line: tf.Tensor) -> tf.Tensor:
    """Return the mean of each line's neighbours and itself; fewer at both ends."""
    return tf.nn.avg_pool1d(line[:, :, tf.newaxis], NEIGHBOURS, 1, "SAME")[:, :, 0]


@lru_cache
def _line_of_bin(length: int) -> np.ndarray:
    """Return for each bin of a transform of ``length`` samples the line that it is part of."""
    widths = np.repeat(WIDTHS, [length // 8 // width for width in WIDTHS])
    lines = np.repeat(np.arange(len(widths), dtype=np.int32), widths)
    return np.append(lines, lines[-1])
