"""A strided convolution in one layer."""

import keras
import tensorflow as tf

from ..argument_checks import require_positive
from .folding import fold_downsampling_kernel, folded_downsampling_conv


@keras.saving.register_keras_serializable("drumsmith")
class DownsamplingConv(keras.layers.Layer):
    """Convolve with stride ``factor`` and ``same`` padding, in the folded form.

    Gives what ``Conv1D(filters, kernel_size, strides=factor, padding="same")`` gives, to rounding,
    and has its variables: ``kernel`` (kernel_size, c_in, filters) and ``bias`` (filters,). The
    activation is the caller's.

    Args:
        filters: channels of the output.
        kernel_size: taps at the high rate; the paper's 25.
        factor: the stride; the paper's 4.

    Call arguments:
        x: (batch, steps, c_in); ``factor`` divides ``steps``.

    Returns:
        (batch, steps / factor, filters).

    Reference:
        Drysdale et al. 2020, section 3.2; the fold is in `folding`.

    """

    def __init__(self, filters: int, kernel_size: int = 25, factor: int = 4, **kwargs):
        super().__init__(**kwargs)
        self.filters = require_positive("filters", filters)
        self.kernel_size = require_positive("kernel_size", kernel_size)
        self.factor = require_positive("factor", factor)

    def build(self, input_shape):
        if input_shape[1] % self.factor:
            raise ValueError(
                f"steps must be a multiple of factor {self.factor}, not {input_shape[1]}"
            )
        self.kernel = self.add_weight(
            name="kernel",
            shape=(self.kernel_size, input_shape[-1], self.filters),
            initializer="glorot_uniform",
        )
        self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, x):
        folded = fold_downsampling_kernel(tf.convert_to_tensor(self.kernel), self.factor)
        y = folded_downsampling_conv(x, folded, self.factor)
        return tf.nn.bias_add(y, tf.convert_to_tensor(self.bias))

    def compute_output_shape(self, input_shape):
        batch, steps, _ = input_shape
        return (batch, steps // self.factor, self.filters)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "factor": self.factor,
        }
