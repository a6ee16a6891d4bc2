"""A vector for each class, and mixtures of them."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from ..argument_checks import require_positive


@keras.saving.register_keras_serializable("drumsmith")
class ClassEmbedding(keras.layers.Layer):
    """Learned vectors of the classes, weighted and summed.

    Args:
        classes: number of labels.
        dim: length of a class's vector.

    Call arguments:
        class_weights: (batch, classes); a one-hot row gives that class's own vector.

    Returns:
        (batch, dim).

    """

    def __init__(self, classes: int, dim: int, **kwargs):
        super().__init__(**kwargs)
        self.classes = require_positive("classes", classes)
        self.dim = require_positive("dim", dim)

    def build(self, input_shape=None):
        self.embeddings = self.add_weight(
            name="embeddings", shape=(self.classes, self.dim), initializer="uniform"
        )

    def call(self, class_weights):
        return tf.matmul(class_weights, tf.convert_to_tensor(self.embeddings))

    def frozen(self) -> Callable[[tf.Tensor], tf.Tensor]:
        """Return this layer as a float32 function of constants."""
        table = np.asarray(self.embeddings, np.float32)
        return lambda class_weights: tf.matmul(class_weights, table)

    def get_config(self):
        return super().get_config() | {"classes": self.classes, "dim": self.dim}
