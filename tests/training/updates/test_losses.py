"""WGAN-GP's terms on a linear critic, whose gradient is known by hand."""

import numpy as np
import tensorflow as tf

from drumsmith.training.updates.losses import gradient_norm, gradient_penalty, interpolate

WEIGHTS = tf.constant([3.0, 4.0])  # of length 5


def linear(audio):
    return tf.linalg.matvec(audio, WEIGHTS)


def test_a_linear_critic_has_its_weights_as_gradient_everywhere():
    norm = gradient_norm(linear, tf.constant([[0.0, 0.0], [7.0, -1.0]]))
    np.testing.assert_allclose(norm, [5, 5], rtol=1e-6)


def test_the_penalty_is_the_squared_distance_of_the_norm_from_1():
    np.testing.assert_allclose(gradient_penalty(tf.constant([5.0, 1.0, 0.0])), [16, 0, 1])


def test_the_penaltys_gradient_moves_the_weights_towards_length_1():
    weights = tf.Variable([3.0, 4.0])
    with tf.GradientTape() as tape:
        norm = gradient_norm(lambda audio: tf.linalg.matvec(audio, weights), tf.ones((3, 2)))
        penalty = tf.reduce_mean(gradient_penalty(norm))
    # d/dw (|w| - 1)^2 = 2 (|w| - 1) w / |w|
    np.testing.assert_allclose(tape.gradient(penalty, weights), [4.8, 6.4], rtol=1e-5)


def test_a_critic_of_zero_slope_has_a_finite_gradient():
    weights = tf.Variable([0.0, 0.0])
    with tf.GradientTape() as tape:
        norm = gradient_norm(lambda audio: tf.linalg.matvec(audio, weights), tf.ones((3, 2)))
        penalty = tf.reduce_mean(gradient_penalty(norm))
    assert np.isfinite(tape.gradient(penalty, weights)).all()


def test_interpolation_is_per_example():
    real, fake = tf.ones((3, 2)), tf.zeros((3, 2))
    mixed = interpolate(real, fake, tf.constant([0.0, 0.25, 1.0]))
    np.testing.assert_allclose(mixed, [[0, 0], [0.25, 0.25], [1, 1]])
