"""The folded convolutions against the plain Keras layers, derivatives included."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.layers.downsampling_conv import DownsamplingConv
from drumsmith.model.layers.folding import downsampling_fold, upsampling_fold
from drumsmith.model.layers.upsampling_conv import UpsamplingConv

from ...helpers.processor import needs_bfloat16

SIZES = [(25, 4), (24, 4), (7, 4), (9, 2), (3, 4), (25, 1)]


def plain_upsampling(kernel_size, factor):
    return keras.Sequential(
        [
            keras.layers.UpSampling1D(factor),
            keras.layers.Conv1D(3, kernel_size, padding="same"),
        ]
    )


def same_weights(folded, plain, c_in, seed=0):
    rng = np.random.default_rng(seed)
    folded.build((None, 16, c_in))
    plain.build((None, 16, c_in))
    weights = [rng.standard_normal(w.shape).astype(np.float32) for w in folded.weights]
    folded.set_weights(weights)
    plain.set_weights(weights)
    return rng.standard_normal((2, 16, c_in)).astype(np.float32)


def outputs_and_gradients(layer, x):
    """Output, gradients of a sum of squares, and of a gradient penalty on it."""
    x = tf.constant(x)
    weights = [variable.value for variable in layer.trainable_variables]
    with tf.GradientTape(persistent=True) as outer:
        outer.watch([x, *weights])
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(y**3)
        norm = tf.sqrt(tf.reduce_sum(inner.gradient(loss, x) ** 2, axis=(1, 2)))
        penalty = tf.reduce_mean((norm - 1.0) ** 2)
    first = outer.gradient(loss, [x, *weights])
    second = outer.gradient(penalty, [x, *weights])
    return [y, *first, *second]


def assert_all_close(left, right):
    for a, b in zip(left, right, strict=True):
        scale = np.abs(b).max() + 1e-6
        np.testing.assert_allclose(a / scale, b / scale, atol=1e-5)


@pytest.mark.parametrize(("kernel_size", "factor"), SIZES)
def test_upsampling_conv_equals_keras_to_the_second_derivative(kernel_size, factor):
    folded, plain = UpsamplingConv(3, kernel_size, factor), plain_upsampling(kernel_size, factor)
    x = same_weights(folded, plain, 5)
    assert_all_close(outputs_and_gradients(folded, x), outputs_and_gradients(plain, x))


@pytest.mark.parametrize(("kernel_size", "factor"), SIZES)
def test_downsampling_conv_equals_keras_to_the_second_derivative(kernel_size, factor):
    folded = DownsamplingConv(3, kernel_size, factor)
    plain = keras.layers.Conv1D(3, kernel_size, strides=factor, padding="same")
    x = same_weights(folded, plain, 5)
    assert_all_close(outputs_and_gradients(folded, x), outputs_and_gradients(plain, x))


def cubically_upsampled(x, factor):
    """Keys' cubic convolution, sample by sample, zeros beyond the ends."""
    steps = x.shape[1]
    y = np.zeros((x.shape[0], steps * factor, x.shape[2]))
    for m in range(-factor, steps * factor):
        centre = (m + 0.5) / factor - 0.5
        for j in range(max(0, int(centre) - 3), min(steps, int(centre) + 4)):
            d = abs(centre - j)
            weight = 1.5 * d**3 - 2.5 * d**2 + 1 if d <= 1 else 0.0
            weight = -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2 if 1 < d < 2 else weight
            if m >= 0:
                y[:, m] += weight * x[:, j]
    return y


def test_a_cubic_upsampling_conv_is_cubic_convolution_then_a_convolution():
    layer = UpsamplingConv(3, 25, 4, interpolation="cubic")
    layer.build((None, 40, 2))
    x = np.random.default_rng(0).standard_normal((2, 40, 2)).astype(np.float32)
    conv = keras.layers.Conv1D(3, 25, padding="same")
    conv.build((None, 160, 2))
    conv.set_weights(layer.get_weights())
    inside = slice(20, -20)  # beyond the ends the padding of one reaches further than the other's
    np.testing.assert_allclose(
        layer(x)[:, inside], conv(cubically_upsampled(x, 4))[:, inside], atol=1e-5
    )


def test_cubic_upsampling_keeps_a_ramp_straight_where_nearest_makes_stairs():
    ramp = np.arange(40, dtype=np.float32)[None, :, None]

    def bends(interpolation):
        layer = UpsamplingConv(1, 1, 4, interpolation=interpolation)
        layer.build((None, 40, 1))
        layer.set_weights([np.ones((1, 1, 1)), np.zeros(1)])
        return np.abs(np.diff(layer(ramp)[0, 20:-20, 0], n=2)).max()

    assert bends("cubic") < 1e-4
    assert bends("nearest") == 1.0


def test_an_interpolation_that_does_not_exist_is_refused_by_name():
    with pytest.raises(ValueError, match="interpolation must be one of nearest, cubic"):
        UpsamplingConv(1, 25, 4, interpolation="sinc")


def test_the_papers_kernel_folds_into_seven_taps():
    assert upsampling_fold(25, 4).shape == (7, 4, 25)
    assert downsampling_fold(25, 4).shape == (7, 4, 25)


@pytest.mark.parametrize("interpolation", ["nearest", "cubic"])
def test_every_kernel_element_serves_every_phase_of_an_upsampling_once(interpolation):
    fold = upsampling_fold(25, 4, interpolation)
    np.testing.assert_allclose(fold.sum(axis=0), np.ones((4, 25)), atol=1e-6)


def test_every_kernel_element_of_a_downsampling_has_one_place():
    np.testing.assert_array_equal(downsampling_fold(25, 4).sum(axis=(0, 1)), np.ones(25))


def test_a_length_that_the_stride_does_not_divide_is_refused():
    with pytest.raises(ValueError, match="multiple of factor 4, not 18"):
        DownsamplingConv(3).build((None, 18, 1))


@pytest.mark.parametrize("layer", [UpsamplingConv, DownsamplingConv])
def test_a_layer_is_made_again_from_its_configuration(layer):
    first = layer(3, kernel_size=9, factor=2, name="conv")
    second = layer.from_config(first.get_config())
    assert second.get_config() == first.get_config()


@pytest.mark.parametrize("layer", [UpsamplingConv, DownsamplingConv])
def test_bad_sizes_are_refused_by_name(layer):
    with pytest.raises(ValueError, match="kernel_size must be a whole number above 0, not 0"):
        layer(3, kernel_size=0)


@needs_bfloat16
@pytest.mark.parametrize("layer", [UpsamplingConv, DownsamplingConv])
def test_under_mixed_precision_variables_stay_float32(layer):
    conv = layer(3, kernel_size=9, dtype="mixed_bfloat16")
    y = conv(np.ones((1, 16, 2), np.float32))
    assert y.dtype == tf.bfloat16
    assert {str(variable.dtype) for variable in conv.variables} == {"float32"}
