"""The growing Adam: Adam for old variables, a fresh start for new ones."""

import keras
import numpy as np
import tensorflow as tf

from drumsmith.training.updates.adam import GrowingAdam

RATES = {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.99}


def variable(*values):
    return keras.Variable(np.array(values, np.float32))


def test_without_growth_it_is_keras_adam():
    ours, theirs = variable(1, -2, 3), variable(1, -2, 3)
    growing, adam = GrowingAdam(**RATES), keras.optimizers.Adam(**RATES)
    for step in range(5):
        gradient = tf.constant([step + 1.0, -0.5, 1e-3])
        growing.apply([gradient], [ours])
        adam.apply([gradient], [theirs])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5)


def test_the_first_step_of_a_variable_born_late_is_one_learning_rate():
    late = variable(0)
    optimizer = GrowingAdam(**RATES)
    optimizer.build([late])
    optimizer.iterations.assign(1000)
    optimizer.born[0].assign(1000)
    optimizer.apply([tf.constant([3.0])], [late])
    # Corrected by the common count instead, it would be 0.1 * 0.5 / sqrt(0.01) = 0.5.
    np.testing.assert_allclose(late.numpy(), [-0.1], rtol=1e-4)


def test_the_length_of_the_gradient_is_recorded():
    optimizer = GrowingAdam(**RATES)
    optimizer.apply([tf.constant([3.0]), tf.constant([4.0])], [variable(0), variable(0)])
    assert float(optimizer.gradient_norm.result()) == 5.0
