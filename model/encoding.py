"""From a sound to the z and the class that make it again."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from .encoder import Encoder
from .layers.frozen import FrozenLayers
from .tones_and_noise.tracks import Scaled, levels
from .tones_and_noise_generator import TonesAndNoiseGenerator

UNLIKELY = np.float32(0.01)
"""Nepers that count as one of z squared."""

UNHEARD = np.float32(0.2)
"""Nepers that count as one neper of a class's chance."""

FrozenEncoder = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
"""audio float32 (batch, length) -> z (batch, latent_dim), class weights (batch, classes)."""


def frozen_encoder(encoder: Encoder, generator: TonesAndNoiseGenerator) -> FrozenEncoder:
    """Return encoder and generator as a function of constants that finds z.

    A sound is tried as each class, and is of the one that explains it best: the code's levels are
    near to its own, the flow leads from that code back to a z that is likely, and the encoder hears
    that class. Made from there, the sound is alike, not the same: its noise is another.

    Args:
        encoder: built.
        generator: the one that it was trained with.

    Returns:
        A function of standard TensorFlow operations; class weights are 1 for one class, else 0.

    """
    encode, classify = encoder.frozen()
    layers, classes = FrozenLayers(generator), generator.classes

    def find(audio: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        scaled = encoder.prepare(audio)
        # As all classes at once: one sound is quicker so than class by class.
        each = Scaled(*(None if part is None else tf.repeat(part, classes, 0) for part in scaled))
        weights = tf.tile(tf.eye(classes), [tf.shape(audio)[0], 1])
        code = encode(each, weights)
        z = generator.latent(code, weights, layers)
        unlike = _distance(generator.decode(code, weights, layers), each)
        unlike += UNLIKELY * tf.reduce_sum(tf.square(z), axis=1)
        unlike = tf.reshape(unlike, (-1, classes))
        unlike -= UNHEARD * tf.nn.log_softmax(classify(scaled))
        nearest = tf.argmin(unlike, axis=1)
        class_weights = tf.one_hot(nearest, classes)
        z = tf.reshape(z, (-1, classes, z.shape[1]))
        return tf.einsum("bc,bcd->bd", class_weights, z), class_weights

    return find


def _distance(made: Scaled, real: Scaled) -> tf.Tensor:
    """Return the mean distance of the levels, nepers, (batch,)."""
    return tf.add_n(
        [
            tf.reduce_mean(tf.abs(ours - theirs), axis=(1, 2))
            for ours, theirs in zip(levels(made.frames), levels(real.frames), strict=True)
        ]
    )
