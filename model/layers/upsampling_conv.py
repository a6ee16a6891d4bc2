"""Upsampling followed by a convolution, in one layer."""

import keras
import tensorflow as tf

from ..argument_checks import require_one_of, require_positive
from .folding import INTERPOLATIONS, fold_upsampling_kernel, folded_upsampling_conv


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
        """The kernel as `folded_upsampling_conv` takes it."""
        return fold_upsampling_kernel(kernel, self.factor, self.interpolation)

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
