"""A run ends in time, and keeps its best."""

import io
import json
from contextlib import redirect_stderr

import numpy as np
import pytest

from drumsmith.evaluation.copied_share import TrainingSounds
from drumsmith.tfrecords.reading.pipeline import load_split
from drumsmith.training.callbacks import light_evaluation
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.trainer import train

from ...helpers.runs import copied, steps_saved

# At this rate nothing is ever learned, so that no evaluation is better than the first.
STANDING = ["learning_rate=1e-30", "evaluate_every=1", "steps=50", "checkpoint_every=50"]


@pytest.fixture(scope="module")
def standing(tiny):
    return tiny.with_settings([*STANDING, "patience=2"])


@pytest.fixture(scope="module")
def ended(standing, records, tmp_path_factory):
    """A run that ended before its last step, and what was said; to be copied, not changed."""
    run = RunFolder(tmp_path_factory.mktemp("ended") / "run")
    with redirect_stderr(io.StringIO()) as said:
        assert train(standing, records, run) == 3
    return run, said.getvalue()


def test_a_run_ends_when_it_gets_no_better_and_keeps_its_best(ended):
    run, said = ended
    assert run.ended() == 3
    note = json.loads(run.best_checkpoint.with_name("score.json").read_text())
    assert note["step"] == 1
    assert "step 3: the run ends here: 2 evaluations in a row were no better than that of" in said


def test_a_run_that_ended_trains_no_further_until_it_is_told_to(ended, standing, records, tmp_path):
    run = copied(ended[0], tmp_path / "run")
    assert train(standing, records, run) == 3
    # Without patience it goes to its end, though no evaluation is better than the first.
    on = standing.with_settings(["patience=0", "steps=5", "checkpoint_every=5"])
    assert train(on, records, run) == 5
    assert steps_saved(run)[-1] == 5


def test_a_run_ends_when_its_sounds_are_copies(standing, records, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(light_evaluation, "MOST_COPIED", -1.0)
    run = RunFolder(tmp_path / "run")
    assert train(standing, records, run) == 1
    assert not run.best_checkpoint.exists()
    assert "are copies of training sounds" in capsys.readouterr().err


def test_training_sounds_are_copies_and_noise_is_not(records):
    audio, _, _ = load_split(records, "train")
    noise = np.random.default_rng(0).standard_normal((4, audio.shape[1])).astype(np.float32)
    known = TrainingSounds(audio, 44100)
    assert known.copied_share(-0.5 * audio[:4]) == 1.0
    assert known.copied_share(0.1 * noise) == 0.0
