"""Runs that grow: exact resume, and what an early stage can and cannot be used for."""

import pytest

from drumsmith.training.run.restore import load_generator
from drumsmith.training.run.run_folder import RunError, RunFolder
from drumsmith.training.trainer import train

from ..helpers.runs import GROWING, assert_same_run, copied


@pytest.fixture(scope="module")
def grown(tiny, records, tmp_path_factory):
    """A run that grew, with a checkpoint at every step; to be copied, not changed."""
    run = RunFolder(tmp_path_factory.mktemp("grown") / "run")
    train(tiny.with_settings([*GROWING, "checkpoint_every=1"]), records, run)
    return run


@pytest.mark.parametrize("until", [3, 5], ids=["change of stage", "fading"])
def test_a_run_that_grows_goes_on_exactly(grown, records, tmp_path, until):
    parts = copied(grown, tmp_path / "parts", until)
    train(parts.load()[0], records, parts)
    assert_same_run(grown, parts)


def test_an_early_stage_has_a_lower_sample_rate(grown, tmp_path):
    trained = load_generator(copied(grown, tmp_path / "run", until=2).path)
    assert (trained.stage, trained.length, trained.sample_rate) == (0, 256, 11025)


def test_a_run_that_grows_is_no_start(grown, tiny, records, tmp_path):
    growing = copied(grown, tmp_path / "growing", until=2)
    with pytest.raises(RunError, match="is still growing"):
        train(tiny, records, RunFolder(tmp_path / "b"), start_from=growing.path)
