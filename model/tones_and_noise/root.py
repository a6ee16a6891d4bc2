"""A square root that a network can learn through."""

import tensorflow as tf


def root(x: tf.Tensor) -> tf.Tensor:
    """Return the square root of ``x``, 0 where it is not positive; there its gradient is 0, too.

    That of `tf.sqrt` is infinite at 0, and 0 times infinity is not a number: one silent sound in a
    batch would spoil every weight.
    """
    positive = x > 0.0
    return tf.where(positive, tf.sqrt(tf.where(positive, x, 1.0)), 0.0)
