import numpy as np
import pytest

from drumsmith.evaluation.metrics.latent import (
    active_directions,
    largest_jumps,
    lerp,
    path_lengths,
    slerp,
)

RNG = np.random.default_rng(0)
MATRIX = RNG.standard_normal((5, 8))


def linear(z):
    return z @ MATRIX


def test_halfway_points():
    a, b, t = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), np.array([[0.5]])
    np.testing.assert_allclose(lerp(a, b, t), [[0.5, 0.5]])
    np.testing.assert_allclose(slerp(a, b, t), [[np.sqrt(0.5), np.sqrt(0.5)]])


def test_the_arc_keeps_the_length_and_turns_evenly():
    a, b = np.array([[2.0, 0.0]] * 3), np.array([[0.0, 2.0]] * 3)
    arc = slerp(a, b, np.array([[0.0], [1 / 3], [1.0]]))
    np.testing.assert_allclose(np.linalg.norm(arc, axis=1), 2.0)
    assert np.degrees(np.arctan2(arc[1, 1], arc[1, 0])) == pytest.approx(30.0)


def test_between_parallel_ends_the_arc_is_a_line():
    a = np.array([[1.0, 2.0]])
    np.testing.assert_allclose(slerp(a, 3 * a, np.array([[0.5]])), 2 * a)


def test_a_linear_generator_has_the_path_length_of_its_ends():
    a, b = RNG.standard_normal((2, 4, 5))
    lengths = path_lengths(linear, a, b, RNG.uniform(size=4), lerp)
    np.testing.assert_allclose(lengths, np.sum(linear(b - a) ** 2, axis=1), rtol=1e-6)


def test_a_linear_generator_has_no_jumps_on_lines():
    a, b = RNG.standard_normal((2, 4, 5))
    np.testing.assert_allclose(largest_jumps(linear, a, b, lerp), 1.0)


def test_a_switch_between_two_sounds_is_one_jump():
    def switch(z):
        return (z[:, :1] > 0).astype(float) * np.ones((1, 3))

    a, b = np.array([[-1.0, 0.3]]), np.array([[1.0, 0.3]])
    assert largest_jumps(switch, a, b, lerp)[0] == pytest.approx(16.0)


def test_the_directions_of_a_linear_generator_are_its_singular_vectors():
    found = active_directions(linear, RNG.standard_normal((2, 5)))
    left, singular, _ = np.linalg.svd(MATRIX)
    np.testing.assert_allclose(found.shares, singular**2 / np.sum(singular**2), rtol=1e-6)
    assert abs(left[:, 0] @ found.directions[:, 0]) == pytest.approx(1.0)


def test_three_of_ten_directions_hold_everything_where_only_three_matter():
    found = active_directions(lambda z: z[:, :3] ** 2, RNG.standard_normal((3, 10)))
    assert found.shares[:3].sum() == pytest.approx(1.0)
