"""From a sound to the z and the class that make it again."""

from collections.abc import Callable

import tensorflow as tf

from .encoder import Encoder
from .layers.frozen import FrozenLayers
from .tones_and_noise.tracks import Scaled, levels
from .tones_and_noise_generator import TonesAndNoiseGenerator

FrozenEncoder = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
"""audio float32 (batch, length) -> z (batch, latent_dim), class weights (batch, classes)."""


def frozen_encoder(encoder: Encoder, generator: TonesAndNoiseGenerator) -> FrozenEncoder:
    """Return encoder and generator as a function of constants that finds z.

    A sound is tried as each class: the one whose code makes the levels that are nearest to its own
    is its class. The flow then leads from that code back to z. Made from there, the sound is alike,
    not the same: its noise is another.

    Args:
        encoder: built.
        generator: the one that it was trained with.

    Returns:
        A function of standard TensorFlow operations; class weights are 1 for one class, else 0.

    """
    encode, layers, classes = encoder.frozen(), FrozenLayers(generator), generator.classes

    def find(audio: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        scaled = encoder.prepare(audio)
        codes, distances = [], []
        for one in range(classes):
            weights = tf.one_hot(tf.fill(tf.shape(audio)[:1], one), classes)
            code = encode(scaled, weights)
            codes.append(code)
            distances.append(_distance(generator.decode(code, weights, layers), scaled))
        nearest = tf.argmin(tf.stack(distances, axis=1), axis=1)
        class_weights = tf.one_hot(nearest, classes)
        code = tf.einsum("bc,cbd->bd", class_weights, tf.stack(codes))
        return generator.latent(code, class_weights, layers), class_weights

    return find


def _distance(made: Scaled, real: Scaled) -> tf.Tensor:
    """Return the mean distance of the levels, nepers, (batch,)."""
    return tf.add_n(
        [
            tf.reduce_mean(tf.abs(ours - theirs), axis=(1, 2))
            for ours, theirs in zip(levels(made.frames), levels(real.frames), strict=True)
        ]
    )
