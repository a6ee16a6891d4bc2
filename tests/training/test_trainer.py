"""Whole runs: files left behind, exact resume, growth, refusals."""

import numpy as np
import pytest

from drumsmith.common.errors import UserError
from drumsmith.training.run.checkpoints import list_checkpoints, read_state, write_state
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import read_lines
from drumsmith.training.trainer import train

from ..helpers.runs import assert_same_run, assert_same_weights, copied, steps_saved, weights


def test_a_run_leaves_everything_that_it_needs_to_go_on(whole):
    assert steps_saved(whole) == [2, 4, 6]
    assert [line["step"] for line in read_lines(whole.scalars_file)] == [1, 2, 3, 4, 5, 6]
    previews = sorted(path.name for path in whole.previews.iterdir())
    assert previews == ["step-00000003", "step-00000006"]
    names = {path.name for path in (whole.previews / "step-00000003").iterdir()}
    assert {"kick-0.wav", "snare-3.wav", "previews.png"} <= names
    assert whole.load()[0].steps == 6


def test_a_finished_run_has_nothing_left_to_do(whole, records, tmp_path):
    again = copied(whole, tmp_path / "again")
    assert train(again.load()[0], records, again) == 6
    assert_same_run(whole, again)


def test_the_end_of_a_run_can_be_moved(whole, tiny, records, tmp_path):
    longer = copied(whole, tmp_path / "longer", until=4)
    longer.describe(tiny.with_settings(["steps=4"]), longer.load()[1])
    train(tiny, records, longer)
    assert_same_weights(whole, longer, rtol=0)


def test_other_records_are_refused(whole, tmp_path, write_records):
    others = write_records(tmp_path / "others", seed=1, train=13)
    with pytest.raises(UserError, match="was started on other records"):
        train(whole.load()[0], others, whole)


def test_records_of_another_length_are_refused(tiny, records, tmp_path):
    with pytest.raises(UserError, match="prepare with --length 4096"):
        train(tiny.with_settings(["blocks=4"]), records, RunFolder(tmp_path / "run"))


def test_a_folder_that_is_no_run_is_left_alone(tiny, records, tmp_path):
    (tmp_path / "song.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty and holds no run"):
        train(tiny, records, RunFolder(tmp_path))


def test_divergence_stops_the_run_and_keeps_the_last_good_checkpoint(whole, records, tmp_path):
    run = copied(whole, tmp_path / "run", until=2)
    (path,) = list_checkpoints(run.checkpoints)
    state = read_state(path)
    # Nothing less makes this network diverge in a few steps.
    state["critic/score/kernel"][:] = np.float32(1e38)
    write_state(path, state)
    with pytest.raises(UserError, match=r"diverged: .* the checkpoint of step 2 is kept"):
        train(run.load()[0], records, run)
    assert steps_saved(run) == [2]


def test_a_run_passes_over_damage_and_goes_on_exactly_from_a_checkpoint_of_an_earlier_version(
    whole, records, tmp_path, capsys
):
    run = copied(whole, tmp_path / "run")
    newest, before = list_checkpoints(run.checkpoints)[:-3:-1]
    newest.write_bytes(b"not a checkpoint")
    state = read_state(before)
    # Of before there were stamps and counts.
    write_state(before, {n: a for n, a in state.items() if n not in ("config", "average_updates")})
    assert train(run.load()[0], records, run) == 6
    assert "step-00000006.npz is damaged" in capsys.readouterr().out
    assert weights(run)["average_updates"] == 6
    assert_same_run(whole, run)
