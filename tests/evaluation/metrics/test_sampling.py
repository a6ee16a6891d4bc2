import numpy as np
import pytest

from drumsmith.evaluation.metrics.sampling import (
    Estimate,
    estimate,
    in_chunks,
    mean_estimate,
    mean_of,
)


def test_the_interval_of_a_mean_is_about_two_standard_errors():
    values = np.random.default_rng(0).standard_normal(400)
    found = mean_estimate(values, draws=2000)
    assert found.value == pytest.approx(values.mean())
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * values.std() / 20, rel=0.1)


def test_nineteen_of_twenty_intervals_hold_the_truth():
    rng = np.random.default_rng(0)
    held = 0
    for i in range(300):
        found = mean_estimate(rng.standard_normal(60), seed=i)
        held += found.low <= 0.0 <= found.high
    assert 0.90 < held / 300 < 0.99


def test_the_statistic_is_taken_over_chunks_of_one_size():
    sizes = []
    estimate(lambda i: sizes.append(len(i)) or 0.0, 100, chunk=30, draws=5)
    assert set(sizes) == {30}


def test_chunks_hold_every_sound():
    seen = set()
    rng = np.random.default_rng(0)
    in_chunks(lambda i: seen.update(i) or 0.0, np.arange(100), 30, rng)
    assert seen == set(range(100))


def test_a_set_smaller_than_the_chunk_is_taken_whole():
    sizes = []
    estimate(lambda i: sizes.append(len(i)) or 0.0, 20, chunk=50, draws=1)
    assert sizes[0] == 20


def test_no_sound_is_drawn_twice():
    def statistic(indices):
        assert len(set(indices)) == len(indices)
        return 0.0

    estimate(statistic, 50, chunk=10, draws=10)


def test_the_same_seed_gives_the_same_interval():
    values = np.arange(50.0)
    a, b = (mean_estimate(values, seed=3) for _ in range(2))
    assert (a.low, a.high) == (b.low, b.high)


def test_an_interval_stays_within_what_is_possible():
    found = mean_estimate(np.array([1.0] * 39 + [0.0]), bounds=(0.0, 1.0))
    assert found.high == 1.0


def test_the_mean_of_classes_has_a_narrower_interval():
    rng = np.random.default_rng(0)
    parts = [mean_estimate(rng.standard_normal(100), seed=i, draws=1000) for i in range(4)]
    mean = mean_of(parts)
    assert mean.value == pytest.approx(np.mean([one.value for one in parts]))
    widths = [one.high - one.low for one in parts]
    assert (mean.high - mean.low) == pytest.approx(np.mean(widths) / 2, rel=0.15)


def test_an_estimate_without_spread_is_a_point():
    found = Estimate(2.0, np.zeros(10))
    assert (found.low, found.high) == (2.0, 2.0)
