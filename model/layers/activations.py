"""The critic's activation, made for a loss that contains a gradient."""

import tensorflow as tf

CRITIC_SLOPE = 0.2


@tf.custom_gradient
def leaky_relu(x: tf.Tensor) -> tf.Tensor:
    """LeakyReLU of slope 0.2, elementwise.

    The same values and the same first and second derivatives as ``tf.nn.leaky_relu``. Its second
    derivative is zero; TensorFlow's own says so with an array of zeros, which the gradient
    penalty's backward pass would then push through every convolution. Here the path ends.
    """
    y = tf.nn.leaky_relu(x, CRITIC_SLOPE)
    sign_source = tf.stop_gradient(y)  # of x's sign, and needed anyway

    def gradient(upstream: tf.Tensor) -> tf.Tensor:
        return tf.raw_ops.LeakyReluGrad(
            gradients=upstream, features=sign_source, alpha=CRITIC_SLOPE
        )

    return y, gradient


def swish(x: tf.Tensor) -> tf.Tensor:
    """Return x sigmoid(x); TensorFlow's own has a gradient that an export cannot hold."""
    return x * tf.sigmoid(x)
