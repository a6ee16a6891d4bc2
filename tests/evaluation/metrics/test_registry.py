import pytest

from drumsmith.evaluation.metrics.registry import (
    LABELS,
    Metric,
    Target,
    all_metrics,
    register,
)


def metric(name, **options):
    return Metric(name, "Title", "", LABELS, "lower", "What.", "own", None, **options)


def test_a_target_without_words_cannot_be_made():
    with pytest.raises(ValueError, match="needs words"):
        Target(1.0, "value", "", "bad")


def test_two_metrics_of_one_name_are_refused():
    first = all_metrics()[0].name
    with pytest.raises(ValueError, match=f"two metrics are called '{first}'"):
        register(metric(first))


def test_a_group_that_no_report_shows_is_refused():
    with pytest.raises(ValueError, match="no group 'Else'"):
        Metric("new", "New", "", "Else", "lower", "What.", "own", None)


def test_every_metric_says_what_it_is():
    assert all(one.title and one.definition and one.source for one in all_metrics())
