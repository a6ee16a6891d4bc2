import pytest

from drumsmith.evaluation.metrics.score import score, terms

AT_THE_BARS = {
    "logmel_frechet_ratio": 3.0,
    "label_accuracy": 0.90,
    "label_accuracy_floor": 0.95,
    "coverage": 0.4,
    "coverage_floor": 0.9,
    "image_peak_db": 1.5,
    "tail_gap_db": 6.0,
    "diversity": 0.6,
}


def test_a_model_that_just_meets_every_bar_scores_one():
    assert terms(AT_THE_BARS) == pytest.approx(dict.fromkeys(terms(AT_THE_BARS), 1.0))
    assert score(AT_THE_BARS) == pytest.approx(1.0)


def test_better_than_real_earns_nothing():
    better = AT_THE_BARS | {"label_accuracy": 0.95}
    assert score(better) == score(better | {"label_accuracy": 1.0}) == pytest.approx(5 / 6)


@pytest.mark.parametrize("name", ["logmel_frechet_ratio", "image_peak_db", "tail_gap_db"])
def test_more_of_a_fault_scores_higher(name):
    assert score(AT_THE_BARS | {name: 20.0}) > score(AT_THE_BARS)
