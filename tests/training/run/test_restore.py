"""The trained generator comes back out of a run, or what is wrong is said."""

import json

import numpy as np
import pytest

from drumsmith.training.run.checkpoints import list_checkpoints, read_state, write_state
from drumsmith.training.run.restore import load_generator
from drumsmith.training.run.run_folder import RunError
from drumsmith.training.trainer import train

from ...helpers.runs import copied, weights


@pytest.mark.parametrize("averaged", [True, False])
def test_the_generator_comes_back_from_a_run(whole, averaged):
    trained = load_generator(whole.path, averaged=averaged)
    assert (trained.step, trained.sample_rate, trained.length) == (6, 44100, 1024)
    assert (trained.latent_prior, trained.preparation) == ("normal", {"fade_out_ms": 7.0})
    role = "averaged" if averaged else "generator"
    np.testing.assert_array_equal(
        trained.generator.seed.kernel.numpy(), weights(whole)[f"{role}/seed/kernel"]
    )


def test_an_edited_configuration_is_noticed(whole, records, tmp_path):
    run = copied(whole, tmp_path / "run", until=4)
    told = json.loads(run.config_file.read_text())
    told["config"]["learning_rate"] = 0.5
    run.config_file.write_text(json.dumps(told))
    words = "config.json says learning_rate=0.5, but the checkpoint was made with learning_rate"
    with pytest.raises(RunError, match=words):
        train(run.load()[0], records, run)
    with pytest.raises(RunError, match=words):
        load_generator(run.path)


def test_a_checkpoint_that_lacks_a_variable_is_refused(whole, records, tmp_path):
    run = copied(whole, tmp_path / "run", until=2)
    (path,) = list_checkpoints(run.checkpoints)
    state = read_state(path)
    write_state(path, {n: a for n, a in state.items() if n != "averaged/up_64/kernel"})
    with pytest.raises(RunError, match="the checkpoint lacks averaged/up_64/kernel"):
        train(run.load()[0], records, run)
    with pytest.raises(RunError, match="no averaged/up_64/kernel in its checkpoint"):
        load_generator(run.path)
