"""Phase shuffle: keeps the critic from judging by where a feature sits to the sample."""

import keras
import tensorflow as tf

PHASE_SHIFT = 2  # samples of the layer's own rate, to either side


@keras.saving.register_keras_serializable("drumsmith")
class PhaseShuffle(keras.layers.Layer):
    """Move all features along time by a given shift; what is missing is reflected::

        shift  1:   a b c d  ->  b a b c
        shift -1:   a b c d  ->  b c d c

    One shift serves the whole batch, as in WaveGAN's published code: real and generated sounds
    that are scored together stay comparable, and the result does not depend on how a batch is
    divided among replicas.

    Args:
        reach: the largest shift that will be asked for.
        xla: in the form that XLA can differentiate twice; without XLA a training step takes a
            quarter longer in it (1.65 against 1.33 s at width 16).

    Call arguments:
        x: (batch, steps, channels) with steps > reach.
        shift: int32 scalar in [-reach, reach].

    Returns:
        (batch, steps, channels).

    Reference:
        Donahue et al. 2019, section 3.3; Drysdale et al. 2020, section 3.2.

    """

    def __init__(self, reach: int = PHASE_SHIFT, xla: bool = False, **kwargs):
        super().__init__(**kwargs)
        if reach < 0:
            raise ValueError(f"reach must not be negative, not {reach}")
        self.reach = reach
        self.xla = xla

    def call(self, x, shift):
        padded = tf.pad(x, [[0, 0], [self.reach, self.reach], [0, 0]], mode="REFLECT")
        if self.xla:
            # Rolled, then cut at a fixed place: what wraps around is cut off.
            rolled = tf.roll(padded, shift, axis=1)
            return rolled[:, self.reach : self.reach + x.shape[1]]
        size = tf.stack([tf.shape(x)[0], x.shape[1], x.shape[2]])
        y = tf.slice(padded, tf.stack([0, self.reach - shift, 0]), size)
        return tf.ensure_shape(y, x.shape)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"reach": self.reach, "xla": self.xla}
