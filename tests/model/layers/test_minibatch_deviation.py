import numpy as np
import tensorflow as tf

from drumsmith.model.layers.minibatch_deviation import GROUP, with_deviation


def test_each_group_is_told_how_far_its_own_sounds_are_apart():
    alike = np.ones((GROUP, 2, 3))
    apart = np.stack([np.full((2, 3), value) for value in (-1.0, 1.0, -1.0, 1.0)])
    told = with_deviation(tf.constant(np.concatenate([alike, apart]), tf.float32))
    assert told.shape == (2 * GROUP, 2, 4)
    np.testing.assert_array_equal(told[:, :, :3], np.concatenate([alike, apart]))
    np.testing.assert_allclose(told[:GROUP, :, 3], 1e-4, rtol=1e-3)
    np.testing.assert_allclose(told[GROUP:, :, 3], 1.0, rtol=1e-6)


def test_the_gradient_of_sounds_that_are_all_alike_is_finite():
    x = tf.ones((GROUP, 2, 3))
    with tf.GradientTape() as tape:
        tape.watch(x)
        told = with_deviation(x)
    assert np.isfinite(tape.gradient(told, x)).all()
