"""Layers as functions of constants: what an export holds of them."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

Form = Callable[[tf.Tensor], tf.Tensor]


class FrozenLayers:
    """The layers of a built network, each as a float32 function of constants.

    Weights are copied and kernels are folded here, once. What remains needs neither Keras nor a
    variable, and no longer changes with the network.

    Args:
        network: built. Its layers are Keras' Dense, or have a method ``frozen`` of their own.

    Call arguments:
        layer: one of the network's.

    Returns:
        The layer's frozen form.

    """

    def __init__(self, network: keras.Model):
        self._forms = {id(layer): _frozen_form(layer) for layer in network.layers}

    def __call__(self, layer: keras.layers.Layer) -> Form:
        return self._forms[id(layer)]


def as_it_is(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return the layer itself: what training uses where an export uses `FrozenLayers`."""
    return layer


def _frozen_form(layer: keras.layers.Layer) -> Form:
    return _frozen_dense(layer) if isinstance(layer, keras.layers.Dense) else layer.frozen()


def _frozen_dense(layer: keras.layers.Dense) -> Form:
    kernel = np.asarray(layer.kernel, np.float32)
    bias = np.asarray(layer.bias, np.float32) if layer.use_bias else np.float32(0.0)
    activation = layer.activation
    return lambda x: activation(tf.matmul(x, kernel) + bias)
