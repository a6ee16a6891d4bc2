"""Upsampling followed by a convolution, in one layer."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ..argument_checks import require_one_of, require_positive
from .folding import INTERPOLATIONS, fold_upsampling_kernel, folded_upsampling_conv

PRODUCT_STEPS = 64
"""Steps up to which a block is computed as a matrix product, when frozen.

With few steps the kernel is larger than the signal, and a convolution spends its time in bringing
the kernel into the order that it likes, at every call. Measured at width 64 on two busy cores, a
whole generator with its weights in variables: batch 4 in 37 instead of 75 ms, batch 16 in 73
instead of 110 ms.
"""


@keras.saving.register_keras_serializable("drumsmith")
class UpsamplingConv(keras.layers.Layer):
    """Upsample, then convolve with ``same`` padding, in the folded form.

    With the paper's ``nearest`` interpolation it gives what ``UpSampling1D(factor)`` and
    ``Conv1D(filters, kernel_size, padding="same")`` give, to rounding, and it has the latter's
    variables: ``kernel`` (kernel_size, c_in, filters) and ``bias`` (filters,).

    Args:
        filters: channels of the output.
        kernel_size: taps at the high rate; the paper's 25.
        factor: upsampling factor; the paper's 4.
        activation: a Keras activation, or None.
        interpolation: ``nearest``, the paper's, repeats samples, which leaves images of the low
            rate's spectrum at full height around the multiples of that rate; ``cubic`` leaves them
            far weaker, for 11 instead of 7 folded taps.

    Call arguments:
        x: (batch, steps, c_in), steps known.

    Returns:
        (batch, factor * steps, filters).

    Reference:
        Drysdale et al. 2020, section 3.1; the fold is in `folding`.

    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 25,
        factor: int = 4,
        activation: str | None = None,
        interpolation: str = "nearest",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters = require_positive("filters", filters)
        self.kernel_size = require_positive("kernel_size", kernel_size)
        self.factor = require_positive("factor", factor)
        self.activation = keras.activations.get(activation)
        self.interpolation = require_one_of("interpolation", interpolation, INTERPOLATIONS)

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.kernel_size, input_shape[-1], self.filters),
            initializer="glorot_uniform",
        )
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, x):
        folded = self.fold(tf.convert_to_tensor(self.kernel))
        y = folded_upsampling_conv(x, folded, self.factor)
        return self.activation(tf.nn.bias_add(y, tf.convert_to_tensor(self.bias)))

    def fold(self, kernel: tf.Tensor) -> tf.Tensor:
        """Return the kernel as `folded_upsampling_conv` takes it."""
        return fold_upsampling_kernel(kernel, self.factor, self.interpolation)

    def frozen(self) -> Callable[[tf.Tensor], tf.Tensor]:
        """Return this layer as a float32 function of constants, its kernel folded."""
        folded = self.fold(tf.constant(np.asarray(self.kernel, np.float32))).numpy()
        bias = np.asarray(self.bias, np.float32)
        activation, factor = self.activation, self.factor

        def apply(x: tf.Tensor) -> tf.Tensor:
            convolve = _as_product if x.shape[1] <= PRODUCT_STEPS else folded_upsampling_conv
            y = convolve(x, tf.constant(folded), factor)
            return activation(tf.nn.bias_add(y, tf.constant(bias)))

        return apply

    def compute_output_shape(self, input_shape):
        batch, steps, _ = input_shape
        return (batch, steps * self.factor, self.filters)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "factor": self.factor,
            "activation": keras.activations.serialize(self.activation),
            "interpolation": self.interpolation,
        }


def _as_product(x: tf.Tensor, folded: tf.Tensor, factor: int) -> tf.Tensor:
    """Compute what `folded_upsampling_conv` does, taps side by side and one matrix product."""
    taps, channels, outputs = folded.shape
    steps, reach = x.shape[1], taps // 2
    padded = tf.pad(x, [[0, 0], [reach, reach], [0, 0]])
    rows = tf.concat([padded[:, tap : tap + steps] for tap in range(taps)], axis=2)
    kernel = tf.reshape(folded, (taps * channels, outputs))
    y = tf.matmul(tf.reshape(rows, (-1, taps * channels)), kernel)
    return tf.reshape(y, (-1, factor * steps, outputs // factor))
