import pytest

from drumsmith.evaluation.score import TERMS, score, term_words, terms

AT_THE_TARGETS = {
    "logmel_frechet_ratio": 1.3,
    "low_frechet_ratio": 1.3,
    "label_accuracy": 0.93,
    "label_accuracy_control": 0.95,
    "coverage": 0.72,
    "coverage_control": 0.8,
    "recall": 0.54,
    "recall_control": 0.9,
    "faulty": 0.05,
    "faulty_control": 0.02,
    "image_peak_db": 1.0,
    "tail_gap_db": 3.0,
}


def test_a_model_that_just_meets_every_target_scores_one():
    assert terms(AT_THE_TARGETS) == pytest.approx({term.name: 1.0 for term in TERMS})
    assert score(AT_THE_TARGETS) == pytest.approx(1.0)


def test_better_than_real_earns_nothing():
    better = AT_THE_TARGETS | {"label_accuracy": 0.95}
    assert score(better) == score(better | {"label_accuracy": 1.0}) == pytest.approx(7 / 8)


@pytest.mark.parametrize(
    "name", ["logmel_frechet_ratio", "low_frechet_ratio", "faulty", "image_peak_db", "tail_gap_db"]
)
def test_more_of_a_fault_scores_higher(name):
    assert score(AT_THE_TARGETS | {name: 20.0}) > score(AT_THE_TARGETS)


def test_a_class_without_kicks_has_no_low_end():
    without = {name: value for name, value in AT_THE_TARGETS.items() if "low" not in name}
    assert "low end" not in terms(without)
    assert score(without) == pytest.approx(1.0)


def test_every_term_has_words():
    assert all(term_words(term.name) for term in TERMS)
