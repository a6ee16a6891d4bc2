import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.critic import draw_shifts
from drumsmith.model.layers.phase_shuffle import PhaseShuffle

X = np.arange(1.0, 6.0, dtype=np.float32).reshape(1, 5, 1)

SHIFTED = [
    (0, [1, 2, 3, 4, 5]),
    (1, [2, 1, 2, 3, 4]),
    (2, [3, 2, 1, 2, 3]),
    (-1, [2, 3, 4, 5, 4]),
    (-2, [3, 4, 5, 4, 3]),
]


@pytest.mark.parametrize("xla", [False, True])
@pytest.mark.parametrize(("shift", "expected"), SHIFTED)
def test_features_move_and_the_gap_is_reflected(shift, expected, xla):
    layer = PhaseShuffle(xla=xla)
    np.testing.assert_array_equal(layer(X, tf.constant(shift))[0, :, 0], expected)


@pytest.mark.parametrize("shift", [-2, 0, 2])
def test_the_static_shape_survives_inside_a_graph(shift):
    @tf.function(input_signature=[tf.TensorSpec((None, 5, 1)), tf.TensorSpec((), tf.int32)])
    def shuffled(x, shift):
        y = PhaseShuffle()(x, shift)
        assert y.shape[1:] == (5, 1)
        return y

    np.testing.assert_array_equal(shuffled(X, shift), PhaseShuffle()(X, tf.constant(shift)))


def test_shifts_are_uniform_over_the_reach_and_follow_the_seed():
    shifts = draw_shifts(tf.constant([1, 2]), 5000).numpy()
    assert sorted(set(shifts)) == [-2, -1, 0, 1, 2]
    assert np.bincount(shifts + 2).min() > 900
    np.testing.assert_array_equal(shifts, draw_shifts(tf.constant([1, 2]), 5000))


def test_a_negative_reach_is_refused():
    with pytest.raises(ValueError, match="reach must not be negative"):
        PhaseShuffle(reach=-1)
