"""Tones from their levels, pitches and first phases."""

import numpy as np
import tensorflow as tf

from . import layout
from .root import root
from .tracks import TONE_FLOOR, Tracks

GATE = 1.6 * TONE_FLOOR
"""Amplitude taken off every tone, so that those near the floor are silent, not faint."""

STEADY = 0.85
"""Steadiness from which a tone is one: measured ones stay below 1."""

STEP = np.float32(2.0**-10)
"""Radians of whose multiples float32 adds up 16384 exactly."""

TURN, TURN_REST = np.float32(6.28125), np.float32(2 * np.pi - 6.28125)
"""A turn in two parts: a few thousand times the first is exact in float32 (Cody and Waite)."""

ROUGHNESS_FRAMES = (4, 2, 1)
"""Frames over which each band's noise changes: a wider band changes faster."""


def tones(tracks: Tracks, roughness: tf.Tensor, length: int) -> tf.Tensor:
    """Return the sum of the tones, (batch, length).

    ```
    Re sum over tones of a (sqrt(s) + sqrt(1 - s) n(t)) exp(i (start + sum of pitch))
    ```

    Args:
        tracks: s is their steadiness.
        roughness: n, see `roughen`, (batch, 2, frames, TONES).
        length: in samples.

    """
    amplitude = tf.nn.relu(tf.exp(tracks.level) - GATE)
    steady = tf.minimum(tracks.steadiness / STEADY, 1.0)
    rough = amplitude * root(1.0 - steady)
    real = amplitude * root(steady) + rough * roughness[:, 0]
    imaginary = rough * roughness[:, 1]
    phase = phases(tracks.pitch, length) + tracks.start[:, tf.newaxis]
    waves = interpolated(real) * tf.cos(phase) - interpolated(imaginary) * tf.sin(phase)
    return tf.reduce_sum(waves, axis=2)


def phases(pitch: tf.Tensor, length: int) -> tf.Tensor:
    """Return the sum of the pitch so far, (batch, frames, TONES) -> (batch, length, TONES)."""
    # In closed form within a frame, so that only the frames are added up one by one.
    here, rise = pitch[:, :-1, tf.newaxis], (pitch[:, 1:] - pitch[:, :-1])[:, :, tf.newaxis]
    step = np.arange(layout.HOP, dtype=np.float32)[None, None, :, None]
    within = step * here + (step * (step - 1.0) / (2 * layout.HOP)) * rise
    whole = layout.HOP * here[:, :, 0] + ((layout.HOP - 1) / 2) * rise[:, :, 0]
    before = _summed(whole)[:, :, tf.newaxis]
    return tf.reshape(before + within, (-1, length, layout.TONES))


def _summed(angles: tf.Tensor) -> tf.Tensor:
    """Return the exclusive sums of angles along axis 1, less whole turns: below 2 pi and a little.

    A plain sum reaches 1500 radians, of which float32 keeps 1e-4, and which of those it is depends
    on the order of additions, and so on batch and runtime. Here what is large is a multiple of
    `STEP`, whose sums are exact, and what is left stays small.
    """
    coarse = tf.stop_gradient(tf.floor(angles / STEP) * STEP)
    rest = tf.cumsum(angles - coarse, axis=1, exclusive=True)
    coarse = tf.cumsum(coarse, axis=1, exclusive=True)
    turns = tf.floor(coarse * np.float32(1 / (2 * np.pi)))
    return coarse - turns * TURN - turns * TURN_REST + rest


def interpolated(values: tf.Tensor) -> tf.Tensor:
    """Return frames joined by straight lines, (batch, frames, n) -> (batch, length, n)."""
    share = (np.arange(layout.HOP, dtype=np.float32) / layout.HOP)[None, None, :, None]
    left, right = values[:, :-1, tf.newaxis], values[:, 1:, tf.newaxis]
    return tf.reshape(left + share * (right - left), (-1, _samples(values), values.shape[2]))


def roughen(noise: np.ndarray) -> np.ndarray:
    """Slow white noise down to each tone's band; variance 1/2 in each of both parts.

    Args:
        noise: N(0, 1), (..., frames, TONES).

    """
    count = noise.shape[-2]
    apart = np.abs(np.arange(count)[:, None] - np.arange(count)[None, :])
    slowed = []
    for tone, reach in enumerate(ROUGHNESS_FRAMES):
        weights = np.maximum(0.0, 1.0 - apart / reach)
        weights /= np.sqrt(2.0 * np.sum(weights**2, axis=1, keepdims=True))
        slowed.append(np.einsum("fg,...g->...f", weights, noise[..., tone]))
    return np.stack(slowed, axis=-1).astype(np.float32)


def _samples(values: tf.Tensor) -> int:
    return (values.shape[1] - 1) * layout.HOP
