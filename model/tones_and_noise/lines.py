"""The lines in a sound's spectrum: what makes a cymbal metal, and not hiss.

The noise's bands are wide. Metal has lines in them, narrow and lasting, and no two cymbals have the
same. Which ones a sound has is therefore left to chance, as its noise is; what is measured, and
what a network says, is how far they stand out in each part of the spectrum.
"""

from functools import lru_cache

import numpy as np
import tensorflow as tf

WIDTHS = (4, 8, 16, 16)
"""Bins of a transform of the whole sound that make one line, in each quarter of the spectrum: at
16384 samples of 44.1 kHz 11 Hz up to 5.5 kHz, 22 Hz up to 11 kHz, 43 Hz above."""

PARTS = 16
"""Parts of the spectrum, of as many lines each, in which the contrast is told."""

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


def measure_contrast(audio: tf.Tensor) -> tf.Tensor:
    """Return how far lines stand out, (batch, length) -> (batch, PARTS).

    That is the deviation of the log of each line's power over its neighbours', in nepers: about 0.5
    in white noise, 1 and more in metal, 0 where the sound has next to nothing.
    """
    lines = measure_lines(audio)
    parts = tf.reshape(lines, (-1, PARTS, lines.shape[1] // PARTS))
    return tf.math.reduce_std(parts, axis=2)


def measure_lines(audio: tf.Tensor) -> tf.Tensor:
    """Return the log of each line's power over its neighbours', (batch, length) -> (batch, lines).

    0 where the sound has next to nothing.
    """
    spectrum = tf.signal.rfft(audio)[:, :-1]
    power = tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum))
    line = tf.concat(
        [
            tf.reduce_mean(tf.reshape(quarter, (-1, quarter.shape[1] // width, width)), axis=2)
            for quarter, width in zip(tf.split(power, len(WIDTHS), axis=1), WIDTHS, strict=True)
        ],
        axis=1,
    )
    about = _about(line) + _TINY
    loudest = tf.reduce_max(about, axis=1, keepdims=True)
    heard = tf.clip_by_value(tf.math.log(about / loudest) / HEARD + 1.0, 0.0, 1.0)
    ratio = tf.math.log((line + _TINY) / about)
    return heard * tf.clip_by_value(ratio, LOWEST, HIGHEST)


def with_lines(noise: tf.Tensor, contrast: tf.Tensor, chance: tf.Tensor) -> tf.Tensor:
    """Give white noise lines; its bands keep their power.

    Every bin of the noise gets the same power first, and then its line's, so that a line lasts.

    Args:
        noise: (batch, length).
        contrast: see `measure_contrast`, (batch, PARTS).
        chance: which lines, N(0, 1), (batch, lines).

    """
    length, lines = noise.shape[1], chance.shape[1]
    spectrum = tf.signal.rfft(noise)
    size = tf.sqrt(tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum)))
    power = tf.exp(
        tf.clip_by_value(tf.repeat(contrast, lines // PARTS, axis=1) * chance, LOWEST, HIGHEST)
    )
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
