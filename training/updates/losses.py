"""The losses of critic and generator, per example: whoever sums divides by the global batch.

Reference:
    Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", equation 3 and algorithm 1;
    Drysdale et al. 2020, section 3; Huang et al. 2024, section 2, for `relativistic_loss`.
"""

from collections.abc import Callable

import tensorflow as tf

NORM_EPSILON = 1e-12  # inside the root, whose derivative at 0 is infinite


def critic_loss(
    real_score: tf.Tensor, fake_score: tf.Tensor, penalty: tf.Tensor, gp_weight: float
) -> tf.Tensor:
    """Return what the critic D minimises, per example::

        D(fake) - D(real) + gp_weight * (|gradient of D at a mix of the two| - 1)^2

    Args:
        real_score: D of real sounds, float32 (batch,).
        fake_score: D of generated sounds of the same labels, float32 (batch,).
        penalty: see `gradient_penalty`, float32 (batch,).
        gp_weight: the paper's lambda, 10.

    Returns:
        float32 (batch,), equation 3.

    """
    return fake_score - real_score + gp_weight * penalty


def generator_loss(fake_score: tf.Tensor) -> tf.Tensor:
    """Return what the generator minimises, per example: -D(fake), float32 (batch,), algorithm 1."""
    return -fake_score


def interpolate(real: tf.Tensor, fake: tf.Tensor, mix: tf.Tensor) -> tf.Tensor:
    """Points on the lines between real and generated sounds.

    Args:
        real: float32 (batch, length).
        fake: float32 (batch, length).
        mix: float32 (batch,), uniform in [0, 1], the share of the real sound.

    """
    mix = mix[:, None]
    return mix * real + (1.0 - mix) * fake


def gradient_norm(score: Callable[[tf.Tensor], tf.Tensor], audio: tf.Tensor) -> tf.Tensor:
    """Length of each score's gradient with respect to its own sound, float32 (batch,).

    Args:
        score: maps float32 (batch, length) to scores (batch,). With minibatch deviation
            the sounds of a group touch one another; the gradient is then that of the group's
            scores.
        audio: float32 (batch, length).

    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(audio)
        scores = score(audio)
    gradient = tf.cast(tape.gradient(scores, audio), tf.float32)
    return tf.sqrt(tf.reduce_sum(tf.square(gradient), axis=1) + NORM_EPSILON)


def gradient_penalty(norm: tf.Tensor) -> tf.Tensor:
    """How far each gradient's length is from 1, squared: (norm - 1)^2, float32 (batch,)."""
    return tf.square(norm - 1.0)


def relativistic_loss(gap: tf.Tensor) -> tf.Tensor:
    """Return what pairs of sounds cost by how much higher one is scored, float32 (batch,)::

        log(1 + exp(-gap))

    The critic's gap is D(real) - D(fake), the generator's D(fake) - D(real).
    """
    return tf.nn.softplus(-gap)
