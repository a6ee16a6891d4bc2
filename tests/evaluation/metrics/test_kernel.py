import itertools

import numpy as np
import pytest

from drumsmith.evaluation.metrics.kernel import discrepancy, kernel, mean_within, standardise


def kernel_distance(x, y):
    return discrepancy(kernel(x, x), mean_within(kernel(y, y)), kernel(x, y))


def by_hand(x, y):
    def k(a, b):
        return (np.dot(a, b) / len(a) + 1.0) ** 3

    own = [np.mean([k(a, b) for a, b in itertools.permutations(z, 2)]) for z in (x, y)]
    return own[0] + own[1] - 2.0 * np.mean([[k(a, b) for b in y] for a in x])


def test_two_points_each_are_counted_by_hand():
    # x = {0, 0}, y = {1, 1}: k(0,0) = 1, k(1,1) = 8, k(0,1) = 1
    assert kernel_distance(np.zeros((2, 1)), np.ones((2, 1))) == pytest.approx(1.0 + 8.0 - 2.0)


def test_it_equals_the_double_sum_of_lemma_6():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((7, 3)), rng.standard_normal((5, 3)) + 0.5
    assert kernel_distance(x, y) == pytest.approx(by_hand(x, y))


def test_it_is_unbiased_for_few_sounds():
    rng = np.random.default_rng(0)
    draws = [kernel_distance(*rng.standard_normal((2, 6, 4))) for _ in range(4000)]
    assert abs(np.mean(draws)) < 3 * np.std(draws) / np.sqrt(len(draws))


def test_standardising_keeps_one_scale_for_all_dimensions():
    reference = np.random.default_rng(0).standard_normal((500, 2)) * [1.0, 10.0] + 5.0
    scaled = standardise(reference)(reference)
    np.testing.assert_allclose(scaled.mean(axis=0), 0.0, atol=1e-9)
    assert np.mean(scaled**2) == pytest.approx(1.0)
    assert scaled[:, 1].std() / scaled[:, 0].std() == pytest.approx(10.0, rel=0.2)


def test_one_sound_is_refused():
    with pytest.raises(ValueError, match="two sounds"):
        kernel_distance(np.zeros((1, 2)), np.zeros((5, 2)))
