"""How much the sounds of a batch differ, for a critic that otherwise hears one at a time."""

import tensorflow as tf

GROUP = 4
"""Sounds in a row that are compared; a batch is a multiple."""

_TINY = 1e-8  # inside the root, whose derivative at 0 is infinite


def with_deviation(x: tf.Tensor) -> tf.Tensor:
    """Append a channel that says how far the features of `GROUP` sounds in a row are apart.

    Args:
        x: features, (batch, steps, channels), ``batch`` a multiple of `GROUP`.

    Returns:
        (batch, steps, channels + 1): the standard deviation of each feature within the group, its
        mean over all features, the same at every step of the group's sounds.

    Reference:
        Karras et al., "Progressive Growing of GANs", ICLR 2018, section 3; in groups as
        StyleGAN has it.

    """
    _, steps, channels = x.shape
    groups = tf.reshape(x, (-1, GROUP, steps * channels))
    deviation = tf.sqrt(tf.math.reduce_variance(groups, axis=1) + _TINY)
    told = tf.repeat(tf.reduce_mean(deviation, axis=1), GROUP)
    return tf.concat([x, tf.tile(told[:, None, None], (1, steps, 1))], axis=2)
