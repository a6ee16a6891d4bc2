"""Checkpoints: whole or not there, and the one before a damaged one is used."""

import numpy as np
import pytest

from drumsmith.training.run.checkpoints import (
    list_checkpoints,
    newest_whole,
    read_state,
    save_checkpoint,
    step_of,
)
from drumsmith.training.run.run_folder import RunError

from ...helpers.runs import full_disk

STATE = {"a/b": np.arange(10_000, dtype=np.float32), "step": np.int64(3)}


def test_a_state_comes_back_as_it_was(tmp_path):
    state = read_state(save_checkpoint(tmp_path, 3, STATE, keep=3))
    np.testing.assert_array_equal(state["a/b"], STATE["a/b"])
    assert state["step"] == 3


def test_only_the_newest_are_kept(tmp_path):
    for step in (5, 10, 100_000_000, 20):
        save_checkpoint(tmp_path, step, STATE, keep=2)
    assert [step_of(path) for path in list_checkpoints(tmp_path)] == [20, 100_000_000]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_damaged_newest_is_named_and_the_one_before_it_used(tmp_path, damage):
    save_checkpoint(tmp_path, 1, STATE, keep=3)
    newest = save_checkpoint(tmp_path, 2, STATE, keep=3)
    spoil(newest, damage)
    path, _, complaints = newest_whole(tmp_path)
    assert step_of(path) == 1
    assert "step-00000002.npz is damaged" in complaints[0]


def test_nothing_but_damaged_checkpoints_is_an_error(tmp_path):
    spoil(save_checkpoint(tmp_path, 1, STATE, keep=3), "flipped")
    with pytest.raises(RunError, match=r"no checkpoint in .* can be read"):
        newest_whole(tmp_path)


def test_no_checkpoint_at_all_is_a_start(tmp_path):
    assert newest_whole(tmp_path) == (None, {}, [])


def test_a_full_disk_leaves_the_older_ones(tmp_path):
    save_checkpoint(tmp_path, 1, STATE, keep=1)
    with full_disk(20_000), pytest.raises(OSError, match="File too large"):
        save_checkpoint(tmp_path, 2, STATE, keep=1)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001.npz"]


def spoil(path, damage):
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    if damage == "flipped":
        content[len(content) // 2] ^= 0xFF
    if damage == "empty":
        content = b""
    path.write_bytes(content)
