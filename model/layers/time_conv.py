"""Convolution over time whose export is one matrix product."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ..argument_checks import require_positive


@keras.saving.register_keras_serializable("drumsmith")
class TimeConv(keras.layers.Layer):
    """A convolution over time that keeps its length, or halves it, and an activation.

    It is computed as a matrix product over the taps side by side: with the few dozen steps that it
    is meant for, that is faster than a convolution, one sound at a time above all.

    Args:
        filters: output channels.
        taps: length of the kernel, odd.
        stride: 1 or 2.
        activation: by Keras' name; none by default.

    Call arguments:
        x: float32 (batch, steps, channels).

    Returns:
        float32 (batch, steps / stride, filters).

    """

    def __init__(
        self, filters: int, taps: int = 3, stride: int = 1, activation: str | None = None, **kwargs
    ):
        super().__init__(**kwargs)
        self.filters = require_positive("filters", filters)
        self.taps = require_positive("taps", taps)
        self.stride = require_positive("stride", stride)
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        shape = (self.taps * input_shape[-1], self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="glorot_uniform")
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, x):
        return self._apply(x, tf.convert_to_tensor(self.kernel), tf.convert_to_tensor(self.bias))

    def frozen(self) -> Callable[[tf.Tensor], tf.Tensor]:
        """Return this layer as a float32 function of constants."""
        kernel, bias = np.asarray(self.kernel, np.float32), np.asarray(self.bias, np.float32)
        return lambda x: self._apply(x, kernel, bias)

    def _apply(self, x, kernel, bias):
        steps, channels, reach = x.shape[1], x.shape[2], self.taps // 2
        padded = tf.pad(x, [[0, 0], [reach, reach], [0, 0]])
        rows = tf.concat(
            [padded[:, tap : tap + steps : self.stride] for tap in range(self.taps)], axis=2
        )
        y = tf.matmul(tf.reshape(rows, (-1, self.taps * channels)), kernel) + bias
        return self.activation(tf.reshape(y, (-1, -(-steps // self.stride), self.filters)))

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "taps": self.taps,
            "stride": self.stride,
            "activation": keras.activations.serialize(self.activation),
        }
