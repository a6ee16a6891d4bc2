"""The lines in a sound's spectrum: what makes a cymbal metal, and not hiss.

Metal has lines, narrow and lasting, and no two cymbals have the same. Some are so near to each
other that a band of the noise has several; some make its bands uneven. Which ones a sound has is
left to chance, as its noise is: a network that learns from all cymbals can only learn their mean,
which is smooth. What is measured, and what a network says, is how far they stand out.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from . import layout
from .root import root
from .spectra import overlapped, spectra, spectral_power

WIDTHS = (4, 8, 16, 16)
"""Bins of a transform of the whole sound that make one line, in each quarter of the spectrum: at
16384 samples of 44.1 kHz 11 Hz up to 5.5 kHz, 22 Hz up to 11 kHz, 43 Hz above."""

PARTS = 16
"""Parts of the spectrum, of as many lines each, in which it is told how far these stand out."""

BAND_PARTS, FIRST_BAND = 4, 8
"""The same of the noise's bands from 690 Hz on: parts of 14 bands."""

CONTRASTS = PARTS + BAND_PARTS
"""Numbers in all."""

NEAR_BANDS = 5
"""Bands about each that it is compared with, itself among them."""

WHITE = np.float32(0.1)
"""Contrast of the bands that white noise has by chance."""

NEIGHBOURS = 63
"""Lines about each that it is compared with: up to 5.5 kHz those within 340 Hz."""

LOWEST, HIGHEST = -7.0, 4.1
"""Log of the ratio of power: all power in one line of its neighbours gives log 63."""

ALIKE = 0.52
"""Correlation of a line with the next one, in 48 real cymbals where lines stand out: they decay, so
they are a little wide. With the second next it is 0.26, with the third 0.14."""

HEARD_RANGE = np.float32(3.0)
"""Nepers of power over the floor from which bands count fully."""

OVERLAP = np.float32(0.7)
"""Bands overlap: of how uneven they are made, so much is found again."""

EVENED_FRAMES = 8
"""Frames to both sides by whose mean level a band is evened out before its lines are measured."""

MOST = 0.97
"""Of what is heard, evened out: the part in which lines are measured."""

_FEWEST = 2048  # samples
_NONE = 10.0  # power of a line of white noise is 6,000
_TINY = 1e-12


class Chance(NamedTuple):
    """Which lines and bands stand out, N(0, 1): the texture's part of the matter.

    Attributes:
        lines: (batch, lines), neighbours alike.
        bands: (batch, NOISE_BANDS).

    """

    lines: tf.Tensor
    bands: tf.Tensor


def count(length: int) -> int:
    """Return the number of lines of a sound of ``length`` samples."""
    return sum(length // 8 // width for width in WIDTHS)


def measure_contrast(audio: tf.Tensor, levels: tf.Tensor, floor: float) -> tf.Tensor:
    """Return how far lines and bands stand out, (batch, CONTRASTS).

    That is the deviation of the log of power over the neighbours', in nepers. Of lines it is 0.3 to
    0.6 in white noise, 1 and more in metal, 0 where the sound has next to nothing; of bands, whose
    levels are first averaged over what is heard, 0.1 in white noise.

    Args:
        audio: the noise, (batch, length).
        levels: of its bands, (batch, frames, NOISE_BANDS).
        floor: power that counts as none.

    """
    lines = measure_lines(audio, levels, floor)
    parts = tf.reshape(lines, (-1, PARTS, lines.shape[1] // PARTS))
    heard = _heard(levels, floor)
    loud = tf.reduce_mean(heard, axis=2, keepdims=True)  # the same for all bands of a frame
    lasting = tf.reduce_sum(loud * levels, axis=1) / (tf.reduce_sum(loud, axis=1) + _TINY)
    uneven = (lasting - _mean_about(lasting, NEAR_BANDS))[:, FIRST_BAND:]
    bands = tf.reshape(uneven, (-1, BAND_PARTS, uneven.shape[1] // BAND_PARTS))
    lines = tf.math.reduce_std(parts, axis=2)
    # Most of the first part lies under 560 Hz, where there are tones and no noise.
    lines = tf.concat([lines[:, 1:2], lines[:, 1:]], axis=1)
    return tf.concat([lines, tf.math.reduce_std(bands, axis=2)], axis=1)


def measure_lines(audio: tf.Tensor, levels: tf.Tensor, floor: float) -> tf.Tensor:
    """Return the log of each line's power over its neighbours', (batch, length) -> (batch, lines).

    The sound is evened out first, so that what rings on counts as much as what is struck, and seen
    through a window, without which each line of it would fill the gaps between all others. 0 where
    the sound has next to nothing; other arguments are those of `measure_contrast`.
    """
    even = _windowed(_evened(audio, levels, floor))
    power = spectral_power(tf.signal.rfft(even)[:, :-1])
    line = tf.concat(
        [
            tf.reduce_mean(tf.reshape(quarter, (-1, quarter.shape[1] // width, width)), axis=2)
            for quarter, width in zip(tf.split(power, len(WIDTHS), axis=1), WIDTHS, strict=True)
        ],
        axis=1,
    )
    ratio = tf.math.log((line + _NONE) / (_mean_about(line, NEIGHBOURS) + _NONE))
    return tf.clip_by_value(ratio, LOWEST, HIGHEST)


def _evened(audio: tf.Tensor, levels: tf.Tensor, floor: float) -> tf.Tensor:
    """Return the noise with all of its bands at one level wherever they are heard."""
    level = tf.matmul(_mean_of_frames(levels.shape[1]), levels)
    # Just over the floor a band is what was left by rounding.
    heard = tf.clip_by_value((level - np.float32(np.log(floor))) / HEARD_RANGE - 0.3, 0.0, 1.0)
    gain = tf.matmul(heard * tf.exp(-0.5 * level), layout.band_weights().T)
    return overlapped(spectra(audio) * tf.complex(gain, tf.zeros_like(gain)), audio.shape[1])


def _windowed(even: tf.Tensor) -> tf.Tensor:
    """Return what there is under a Hann window over the time in which it is."""
    so_far = tf.cumsum(tf.square(even), axis=1)
    within = so_far < MOST * so_far[:, -1:]
    length = even.shape[1]
    count = tf.reduce_sum(tf.cast(within, tf.float32), axis=1, keepdims=True)
    count = tf.maximum(count, float(min(_FEWEST, length)))
    place = np.arange(length, dtype=np.float32) + np.float32(0.5)
    window = 0.5 - 0.5 * tf.cos(2 * np.pi * place / count)
    return even * tf.where(place < count, window, 0.0)


def with_lines(noise: tf.Tensor, contrast: tf.Tensor, chance: tf.Tensor) -> tf.Tensor:
    """Give white noise lines; its bands keep their power.

    Every bin of the noise gets the same power first, and then its line's, so that a line lasts.

    Args:
        noise: (batch, length).
        contrast: see `measure_contrast`, (batch, CONTRASTS).
        chance: which lines, see `Chance`, (batch, lines).

    """
    length, lines = noise.shape[1], chance.shape[1]
    spectrum = tf.signal.rfft(noise)
    size = tf.sqrt(spectral_power(spectrum))
    power = tf.exp(
        tf.clip_by_value(
            tf.repeat(contrast[:, :PARTS], lines // PARTS, axis=1) * chance, LOWEST, -LOWEST
        )
    )
    power = tf.gather(power / _mean_about(power, NEIGHBOURS), _line_of_bin(length), axis=1)
    gain = tf.sqrt(length * power) / (size + _TINY)
    return tf.signal.irfft(spectrum * tf.complex(gain, tf.zeros_like(gain)), [length])


def with_uneven_bands(
    levels: tf.Tensor, contrast: tf.Tensor, chance: tf.Tensor, floor: float
) -> tf.Tensor:
    """Make the noise's bands uneven, all the sound long; silence stays silence.

    Args:
        levels: log of power, (batch, frames, NOISE_BANDS).
        contrast: see `measure_contrast`.
        chance: which bands, (batch, NOISE_BANDS).
        floor: power that counts as none.

    """
    # What chance and the network already give is not given twice.
    more = root(tf.square(tf.nn.relu(contrast[:, PARTS:])) - WHITE**2)
    each = tf.pad(
        tf.repeat(more, (chance.shape[1] - FIRST_BAND) // BAND_PARTS, axis=1),
        [[0, 0], [FIRST_BAND, 0]],
    )
    # Less the mean of the near ones, of noise this much is left.
    scale = np.float32(1.0 / np.sqrt(1.0 - 1.0 / NEAR_BANDS)) / OVERLAP
    return levels + _heard(levels, floor) * (scale * each * chance)[:, tf.newaxis]


def widened(noise: np.ndarray) -> np.ndarray:
    """Return N(0, 1) of shape (..., lines) in which neighbours are alike, as real lines are."""
    # A first-order autoregression, at its start, too.
    kept = [noise[..., 0]]
    for index in range(1, noise.shape[-1]):
        kept.append(ALIKE * kept[-1] + np.sqrt(1.0 - ALIKE**2) * noise[..., index])
    return np.stack(kept, axis=-1).astype(np.float32)


def _heard(levels: tf.Tensor, floor: float) -> tf.Tensor:
    """Return how much levels count: 0 at the floor, 1 from `HEARD_RANGE` over it."""
    return tf.clip_by_value((levels - np.float32(np.log(floor))) / HEARD_RANGE, 0.0, 1.0)


@lru_cache
def _mean_of_frames(count: int) -> np.ndarray:
    """Return means about each frame as a matrix, (count, count); fewer frames at both ends."""
    apart = np.arange(count)[:, None] - np.arange(count)[None, :]
    weights = 0.5 + 0.5 * np.cos(np.pi * np.clip(apart / (EVENED_FRAMES + 1), -1.0, 1.0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _mean_about(values: tf.Tensor, count: int) -> tf.Tensor:
    """Return means of ``count`` neighbours, each among its own; fewer at both ends."""
    return tf.nn.avg_pool1d(values[:, :, tf.newaxis], count, 1, "SAME")[:, :, 0]


@lru_cache
def _line_of_bin(length: int) -> np.ndarray:
    """Return for each bin of a transform of ``length`` samples the line that it is part of."""
    widths = np.repeat(WIDTHS, [length // 8 // width for width in WIDTHS])
    lines = np.repeat(np.arange(len(widths), dtype=np.int32), widths)
    return np.append(lines, lines[-1])
