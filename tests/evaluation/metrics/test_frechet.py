import numpy as np
import pytest
from scipy.linalg import sqrtm

from drumsmith.evaluation.metrics.frechet import (
    Gaussian,
    _distances,
    extrapolated_distance,
    fit_gaussian,
    frechet_distance,
    gaussian_distance,
    usable_dimensions,
)


def test_on_a_line_it_is_the_closed_form():
    # (m1 - m2)^2 + (s1 - s2)^2
    a = Gaussian(np.array([1.0]), np.array([[4.0]]))
    b = Gaussian(np.array([4.0]), np.array([[25.0]]))
    assert gaussian_distance(a, b) == pytest.approx(3.0**2 + (2.0 - 5.0) ** 2)


def test_commuting_covariances_add_up_over_dimensions():
    a = Gaussian(np.zeros(2), np.diag([1.0, 9.0]))
    b = Gaussian(np.array([3.0, 4.0]), np.diag([4.0, 1.0]))
    assert gaussian_distance(a, b) == pytest.approx(25.0 + 1.0 + 4.0)


def test_any_covariances_agree_with_scipys_matrix_root():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 6, 6))
    a, b = Gaussian(np.zeros(6), x @ x.T), Gaussian(np.ones(6), y @ y.T)
    root = sqrtm(a.covariance @ b.covariance).real
    expected = 6.0 + np.trace(a.covariance + b.covariance - 2.0 * root)
    assert gaussian_distance(a, b) == pytest.approx(expected, rel=1e-6)


def test_a_set_has_no_distance_to_itself_even_where_it_is_flat():
    points = np.random.default_rng(0).standard_normal((5, 8))
    assert frechet_distance(points, points) == pytest.approx(0.0, abs=1e-6)


def test_many_samples_reach_the_true_distance():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((20_000, 3)), 2.0 * rng.standard_normal((20_000, 3)) + 1.0
    assert frechet_distance(a, b) == pytest.approx(3.0 + 3.0, rel=0.05)


def test_one_sound_is_refused():
    with pytest.raises(ValueError, match="two sounds"):
        fit_gaussian(np.zeros((1, 3)))


def test_extrapolation_takes_the_bias_of_few_sounds_away():
    rng = np.random.default_rng(3)
    pairs = [rng.standard_normal((2, 64, 8)) for _ in range(30)]
    plain = np.mean([frechet_distance(a, b) for a, b in pairs])
    extrapolated = np.mean([extrapolated_distance(a, b, seed=i) for i, (a, b) in enumerate(pairs)])
    assert plain > 0.8
    assert abs(extrapolated) < 0.25 * plain


def test_extrapolation_leaves_a_real_distance():
    rng = np.random.default_rng(4)
    a, b = rng.standard_normal((2, 400, 4))
    assert extrapolated_distance(a, b + np.array([2, 0, 0, 0])) == pytest.approx(4.0, abs=0.6)


def test_dimensions_are_bounded_by_the_number_of_sounds():
    assert [usable_dimensions(n, 16) for n in (2, 40, 64, 1000)] == [1, 10, 16, 16]


def test_many_distances_at_once_are_the_same():
    a, b = np.random.default_rng(5).standard_normal((2, 3, 20, 4))
    one_by_one = [frechet_distance(x, y) for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(_distances(a, b), one_by_one)
