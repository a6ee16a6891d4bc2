"""The convolution over time against TensorFlow's."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.layers.time_conv import TimeConv


@pytest.mark.parametrize("stride", [1, 2])
def test_it_is_a_convolution(stride):
    layer = TimeConv(5, taps=3, stride=stride)
    x = np.random.default_rng(0).standard_normal((2, 8, 4)).astype(np.float32)
    layer.build((None, 8, 4))
    layer.bias.assign(np.arange(5.0))
    padded = np.pad(x, ((0, 0), (1, 1), (0, 0)))
    kernel = np.asarray(layer.kernel).reshape(3, 4, 5)
    expected = tf.nn.conv1d(padded, kernel, stride, "VALID").numpy() + np.arange(5.0)
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)
    np.testing.assert_allclose(layer.frozen()(x), expected, atol=1e-5)


def test_it_is_made_again_from_its_configuration():
    layer = TimeConv(5, stride=2, activation="gelu")
    again = TimeConv.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
