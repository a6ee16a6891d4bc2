import numpy as np
import pytest

from drumsmith.evaluation.metrics.diversity import leading_share, mean_distance, vendi_score


def test_three_points_on_a_line():
    assert mean_distance(np.array([[0.0], [3.0], [6.0]])) == pytest.approx((3 + 3 + 6) / 3)


def test_sounds_that_are_all_one_count_as_one():
    assert vendi_score(np.zeros((10, 2)), bandwidth=1.0) == pytest.approx(1.0)


def test_sounds_far_apart_count_each():
    assert vendi_score(np.eye(6) * 100.0, bandwidth=1.0) == pytest.approx(6.0)


def test_two_groups_count_as_two():
    points = np.repeat([[0.0], [1000.0]], 5, axis=0)
    assert vendi_score(points, bandwidth=1.0) == pytest.approx(2.0)


def test_the_share_of_three_of_six_equal_directions_is_half():
    points = np.concatenate([np.eye(6), -np.eye(6)])
    assert leading_share(points, 3) == pytest.approx(0.5)
    assert leading_share(np.zeros((4, 6)), 3) == 1.0
