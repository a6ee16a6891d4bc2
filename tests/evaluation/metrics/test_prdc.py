import numpy as np
import pytest

from drumsmith.evaluation.metrics.prdc import prdc

REAL = np.array([[0.0], [1.0], [2.0], [10.0]])  # radii at k = 1: 1, 1, 1, 8


def test_a_toy_set_counted_by_hand():
    judged = np.array([[0.5], [3.5], [30.0]])  # radii at k = 1: 3, 3, 26.5
    found = prdc(REAL, judged, nearest=1)
    # 0.5 lies in the balls of 0 and 1; 3.5 in that of 10; 30 in none.
    assert found.precision == pytest.approx(2 / 3)
    assert found.density == pytest.approx((2 + 1 + 0) / 3)
    # Every real sound is within 3 of 0.5 or 3.5, or within 26.5 of 30.
    assert found.recall == pytest.approx(1.0)
    # 0 and 1 see 0.5 nearer than 1; 2's nearest is 1.5 away; 10 sees 3.5 within 8.
    assert found.coverage == pytest.approx(3 / 4)


def test_density_exceeds_one_where_balls_overlap():
    judged = np.array([[1.0], [1.0]])
    assert prdc(REAL[:3], judged, nearest=2).density == pytest.approx(3 / 2)


def test_an_outlier_does_not_buy_recall_of_what_was_dropped():
    judged = np.array([[0.0], [0.1], [0.2]])
    found = prdc(REAL, judged, nearest=1)
    assert (found.precision, found.recall) == (1.0, 0.25)


def test_equal_sets_have_the_coverage_that_naeem_expect():
    rng = np.random.default_rng(0)
    n, k = 100, 5
    found = [prdc(*rng.standard_normal((2, n, 4)), nearest=k).coverage for _ in range(20)]
    missed = np.prod([(n - i) / (2 * n - i) for i in range(1, k + 1)])
    assert np.mean(found) == pytest.approx(1.0 - missed, abs=0.01)


def test_one_sound_is_refused():
    with pytest.raises(ValueError, match="two sounds"):
        prdc(REAL, np.zeros((1, 1)))
