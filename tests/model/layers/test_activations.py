import numpy as np
import tensorflow as tf

from drumsmith.model.layers.activations import leaky_relu


def values_and_derivatives(activation, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = activation(x)
        first = inner.gradient(y, x, output_gradients=x)  # depends on x: a second derivative
    return y, first, outer.gradient(first, x)


def test_leaky_relu_equals_tensorflows_to_the_second_derivative():
    x = tf.constant(np.random.default_rng(0).standard_normal((4, 5)).astype(np.float32))
    ours = values_and_derivatives(leaky_relu, x)
    theirs = values_and_derivatives(lambda x: tf.nn.leaky_relu(x, 0.2), x)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_path_of_zeros_through_the_second_derivative_is_gone():
    x = tf.constant([[-1.0, 2.0]])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = leaky_relu(x)
        slope = inner.gradient(y, x)
    assert outer.gradient(slope, x) is None
