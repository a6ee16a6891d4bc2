"""White noise that belongs to z: the same z has the same noise, and near ones nearly the same."""

import numpy as np
import tensorflow as tf

from . import layout, lines
from .tones import MOVING, roughen

SOURCES = 128
"""Independent noises that are mixed. Two sounds share a correlation of about 1 / sqrt(SOURCES).

What the sources have in common by chance, all sounds have: with 32 the bins of the median spectrum
of 256 kicks stray by 0.92 dB about their neighbours, with 128 by 0.83, with a noise for each sound
of its own by 0.72 (real kicks: 0.7).
"""

_SEED = 20_200
_STEP = 32.0  # of the stored 8-bit numbers in one standard deviation


class Texture:
    """Noise of variance 1 as a mixture of fixed noises, its weights a direction that z gives.

    Any mixture of weights on the unit sphere is white noise again. The noises are made here, from a
    seed of their own, and are no variables.

    Args:
        latent_dim: length of z.
        length: of the noise in samples.

    """

    def __init__(self, latent_dim: int, length: int):
        rng = np.random.default_rng(_SEED)
        directions = rng.standard_normal((latent_dim, SOURCES)) / np.sqrt(latent_dim)
        self._directions = directions.astype(np.float32)
        white = np.round(_STEP * rng.standard_normal((SOURCES, length)))
        self._white = np.clip(white, -127, 127).astype(np.int8)
        frames = rng.standard_normal((SOURCES, 2, layout.frames(length), MOVING))
        self._rough = roughen(frames)
        self._lines = lines.widened(rng.standard_normal((SOURCES, lines.count(length))))
        bands = rng.standard_normal((SOURCES, layout.NOISE_BANDS))
        self._bands = bands.astype(np.float32)

    def __call__(self, z: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, lines.Chance]:
        """Return noise (batch, length), roughness (batch, 2, frames, MOVING) and lines of z."""
        # At z = 0 there is no direction; the first noise is taken.
        weights = tf.matmul(z, self._directions) + 1e-3 * np.eye(1, SOURCES, dtype=np.float32)
        weights = tf.math.l2_normalize(weights, axis=1)
        white = tf.matmul(weights, tf.cast(self._white, tf.float32) / _STEP)
        rough = tf.tensordot(weights, self._rough, 1)
        chance = lines.Chance(tf.matmul(weights, self._lines), tf.matmul(weights, self._bands))
        return white, rough, chance
