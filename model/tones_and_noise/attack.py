"""How noise begins: its power in the first 12 ms, finer than the frames of its levels say.

A frame's window is 12 ms long. What is shaped with it comes in over as long, where the noise of a
stick on a cymbal is over in 2 ms: the peak is lost, and with it what is heard as hard or soft.
"""

from functools import lru_cache

import numpy as np
import tensorflow as tf

from . import layout
from .noise import expected_power

BLOCK = 16
"""Samples of one number: 0.36 ms."""

BLOCKS = 32
"""Numbers in all: 11.6 ms."""

LIMIT = 4.0
"""Nepers of power by which a block may differ from what the levels say."""

SILENT = 1e-3
"""Of the loudest block's power: what counts as none."""

_TINY = 1e-8
_REACH = BLOCK * BLOCKS
_FADED = 2 * BLOCK  # samples at the end over which the difference goes to none


def measure_attack(audio: tf.Tensor, levels: tf.Tensor) -> tf.Tensor:
    """Return the log of each block's power over what `shaped_noise` would give it.

    Args:
        audio: the noise, (batch, length).
        levels: of its bands, (batch, frames, NOISE_BANDS).

    Returns:
        (batch, BLOCKS), within `LIMIT`; 0 where there is silence.

    """
    power = tf.reduce_mean(tf.reshape(tf.square(audio[:, :_REACH]), (-1, BLOCKS, BLOCK)), axis=2)
    kernel = _frames_to_blocks()
    expected = tf.matmul(expected_power(levels[:, : len(kernel)]), kernel)
    none = SILENT * tf.reduce_max(power, axis=1, keepdims=True) + _TINY
    return tf.clip_by_value(tf.math.log((power + none) / (expected + none)), -LIMIT, LIMIT)


def with_attack(noise: tf.Tensor, attack: tf.Tensor) -> tf.Tensor:
    """Give shaped noise (batch, length) the beginning that was measured."""
    gain = tf.exp(0.5 * tf.matmul(tf.clip_by_value(attack, -LIMIT, LIMIT), _blocks_to_samples()))
    return tf.concat([noise[:, :_REACH] * gain, noise[:, _REACH:]], axis=1)


@lru_cache
def _frames_to_blocks() -> np.ndarray:
    """Return the share that each frame's power has in each block's, (frames, BLOCKS)."""
    half, count = layout.WINDOW // 2, (_REACH + layout.WINDOW // 2) // layout.HOP
    window = np.square(layout.hann()) / 1.5
    shares = np.zeros((count, _REACH + 2 * layout.WINDOW), np.float32)
    for frame in range(-(layout.WINDOW // layout.HOP), count):
        start = layout.WINDOW + frame * layout.HOP - half
        # Frames before the start repeat the first one.
        shares[max(frame, 0), max(start, 0) : start + layout.WINDOW] += window[max(-start, 0) :]
    inside = shares[:, layout.WINDOW : layout.WINDOW + _REACH]
    return inside.reshape(count, BLOCKS, BLOCK).mean(axis=2)


@lru_cache
def _blocks_to_samples() -> np.ndarray:
    """Return straight lines between the blocks' middles, to 0 at the end, (BLOCKS, samples)."""
    middles = (np.arange(BLOCKS) + 0.5) * BLOCK
    samples = np.arange(_REACH)
    lines = np.stack([np.interp(samples, middles, one) for one in np.eye(BLOCKS)])
    return (lines * np.clip((_REACH - samples) / _FADED, 0.0, 1.0)).astype(np.float32)
