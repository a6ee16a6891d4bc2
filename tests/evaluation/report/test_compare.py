import copy

import pytest

from drumsmith.evaluation.report.compare import (
    compare,
    comparison_page,
    read_report,
    write_comparison,
)
from drumsmith.evaluation.report.report import to_dict
from drumsmith.evaluation.sounds.real_sounds import EvaluationError


@pytest.fixture(scope="module")
def report(evaluation):
    return to_dict(evaluation)


def changed(report, metric, by_half_widths, scope="kick"):
    other = copy.deepcopy(report)
    figure = other["figures"][scope][metric]
    by = by_half_widths * (figure["high"] - figure["low"]) / 2
    for end in ("value", "low", "high"):
        figure[end] += by
    return other


def test_a_report_does_not_differ_from_itself(report):
    differences = compare(report, report)["differences"]
    assert not any(one["counts"] for of_class in differences.values() for one in of_class.values())


@pytest.mark.parametrize(("half_widths", "counts"), [(1.3, False), (1.5, True), (-1.5, True)])
def test_a_difference_counts_beyond_the_root_of_both_squares(report, half_widths, counts):
    found = compare(report, changed(report, "frechet_logmel", half_widths))
    assert found["differences"]["kick"]["frechet_logmel"]["counts"] is counts


@pytest.mark.parametrize(
    ("metric", "half_widths", "better"),
    [("frechet_logmel", 5, "a"), ("frechet_logmel", -5, "b"), ("density", 5, "b")],
)
def test_the_better_one_is_named_in_the_metrics_own_sense(report, metric, half_widths, better):
    found = compare(report, changed(report, metric, half_widths))
    assert found["differences"]["kick"][metric]["better"] == better


def test_nearer_to_the_control_is_better_where_neither_side_is(report):
    figure = report["figures"]["kick"]["diversity"]
    other = changed(report, "diversity", 0)
    other["figures"]["kick"]["diversity"] |= dict.fromkeys(
        ("value", "low", "high"), figure["control"]
    )
    assert compare(report, other)["differences"]["kick"]["diversity"]["better"] in ("b", "")


def test_other_records_or_counts_cannot_be_compared(report):
    other = copy.deepcopy(report)
    other["records"]["digest"] = "else"
    with pytest.raises(EvaluationError, match="different records"):
        compare(report, other)
    other = copy.deepcopy(report)
    other["judged"]["kick"] = 3
    with pytest.raises(EvaluationError, match="same --count"):
        compare(report, other)


def test_the_page_names_both_and_is_escaped(report, evaluation):
    markup = comparison_page(compare(report, report), (evaluation, evaluation))
    assert markup.count("&lt;mix&gt; &amp; co") > 2
    assert "<mix>" not in markup
    assert markup.count("<audio") > 40


def test_both_files_are_written_and_reports_read_back(report, tmp_path):
    write_comparison(report, report, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"compare.json", "compare.html"}
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(EvaluationError, match="no report of drumsmith evaluate"):
        read_report(tmp_path)
