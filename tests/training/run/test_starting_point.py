"""A run that starts from another's networks: which it takes, and how they go on."""

import numpy as np
import pytest

from drumsmith.training.callbacks.light_evaluation import LEAST_GAIN
from drumsmith.training.config.config import ConfigError
from drumsmith.training.run.checkpoints import list_checkpoints, read_state, step_of, write_state
from drumsmith.training.run.restore import load_generator
from drumsmith.training.run.run_folder import RunError, RunFolder
from drumsmith.training.run.run_log import read_lines
from drumsmith.training.run.starting_point import starting_point, with_networks_of
from drumsmith.training.trainer import train

from ...helpers.made_once import made_once
from ...helpers.runs import assert_same_weights, copied, weights

STILL = ["steps=1", "learning_rate=1e-30", "seed=9"]


@pytest.fixture(scope="module")
def second(whole, tiny, records, tmp_path_factory):
    """A run of one step without movement, started from `whole`; not to be changed."""

    def make(folder):
        still = tiny.with_settings(STILL)
        assert train(still, records, folder / "run", start_from=whole.path) == 1

    return RunFolder(made_once(tmp_path_factory, "second", make) / "run")


def test_a_run_starts_from_another_ones_networks_and_its_own_step_0(whole, second):
    old, new = weights(whole), weights(second)
    for name in (name for name in old if name.startswith(("generator/", "critic/"))):
        np.testing.assert_allclose(new[name], old[name], atol=1e-6, err_msg=name)


def test_its_average_goes_on_where_the_other_ones_was(whole, second):
    old, new = weights(whole), weights(second)
    kept = (1 + 6) / (10 + 6)  # the decay of an average's seventh update; its first has 1 / 10
    for name in (name.removeprefix("averaged/") for name in old if name.startswith("averaged/")):
        expected = kept * old[f"averaged/{name}"] + (1 - kept) * old[f"generator/{name}"]
        np.testing.assert_allclose(new[f"averaged/{name}"], expected, rtol=1e-4, atol=1e-7)


@pytest.fixture(scope="module")
def third(second, tiny, records, tmp_path_factory):
    """A run of six steps with evaluations, started from `second`; to be copied, not changed."""

    def make(folder):
        evaluated = tiny.with_settings(["evaluate_every=3"])
        assert train(evaluated, records, folder / "run", start_from=second.path) == 6

    return RunFolder(made_once(tmp_path_factory, "third", make) / "run")


def test_a_run_remembers_where_it_started_and_that_one_its_own_start(second, third):
    origin = second.load()[1]["started_from"]
    assert (origin["step"], origin["best"], origin["started_from"]) == (6, False, None)
    assert origin["hours"] > 0
    assert third.load()[1]["started_from"]["started_from"] == origin


def test_a_run_that_started_from_another_goes_on_as_if_it_had_not_stopped(
    second, third, records, tmp_path
):
    parts = copied(third, tmp_path / "parts", until=4)
    train(parts.load()[0], records, parts, start_from=second.path)
    assert_same_weights(third, parts, rtol=0)


def test_the_best_checkpoint_is_kept_and_a_run_starts_from_it(third, tiny, tmp_path):
    run = copied(third, tmp_path / "run")
    assert run.ended() is None
    scored = [line for line in read_lines(run.scalars_file) if "evaluation/score" in line]
    assert [line["step"] for line in scored] == [3, 6]
    early, late = (line["evaluation/score"] for line in scored)
    better = early - late > LEAST_GAIN * abs(early)
    assert load_generator(run.path, best=True).step == (6 if better else 3)
    # Whichever it was, let it be one that is not the newest.
    first = read_state(
        next(path for path in list_checkpoints(run.checkpoints) if step_of(path) == 2)
    )
    write_state(run.best_checkpoint, first)
    networks, origin = starting_point(tiny, run.load()[1], run)
    assert (origin["step"], origin["best"]) == (2, True)
    np.testing.assert_array_equal(networks["generator/seed/kernel"], first["generator/seed/kernel"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["width=3"], "the run to start from has width=2, this one 3"),
        (["progressive=yes"], "cannot start from a trained run"),
    ],
)
def test_networks_that_differ_cannot_start_a_run(whole, tiny, records, tmp_path, settings, message):
    with pytest.raises(ConfigError, match=message):
        train(
            tiny.with_settings(settings), records, RunFolder(tmp_path / "b"), start_from=whole.path
        )
    assert not (tmp_path / "b").exists()


def test_networks_are_taken_over_but_for_those_that_somebody_asked_for(whole, tiny):
    other = tiny.with_settings(["width=3", "kernel_size=5", "learning_rate=1e-5"])
    taken = with_networks_of(other, whole, given=())
    assert (taken.width, taken.kernel_size, taken.learning_rate) == (2, 9, 1e-5)
    with pytest.raises(ConfigError, match="the run to start from has width=2, this one 3"):
        with_networks_of(other, whole, given={"width"})


def test_a_run_that_exists_is_not_started_from_another(whole, tiny, records):
    with pytest.raises(RunError, match="was started from nothing"):
        train(tiny, records, whole, start_from=whole.path)
