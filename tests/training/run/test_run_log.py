"""Lines of JSON: cut back to a step without a moment in which they are gone."""

import pytest

from drumsmith.training.run.run_log import append_line, forget_after, read_lines

from ...helpers.runs import full_disk


@pytest.fixture
def scalars(tmp_path):
    path = tmp_path / "scalars.jsonl"
    for step in range(1, 2001):
        append_line(path, {"step": step, "wasserstein": step / 7})
    return path


def test_lines_after_a_step_are_forgotten(scalars):
    forget_after(scalars, 1200)
    assert [line["step"] for line in read_lines(scalars)] == list(range(1, 1201))


def test_no_line_is_lost_when_forgetting_ends_halfway(scalars):
    before = scalars.read_bytes()
    with full_disk(4096), pytest.raises(OSError, match="File too large"):
        forget_after(scalars, 1200)
    assert scalars.read_bytes() == before


def test_a_run_without_lines_has_nothing_to_forget(tmp_path):
    forget_after(tmp_path / "scalars.jsonl", 3)
    assert not (tmp_path / "scalars.jsonl").exists()
