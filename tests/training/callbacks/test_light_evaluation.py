"""A run ends in time, and keeps its best."""

import json

import numpy as np
import pytest

from drumsmith.evaluation.copied_share import copied_share
from drumsmith.tfrecords.reading.pipeline import load_split
from drumsmith.training.callbacks import light_evaluation
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.trainer import train

from ...helpers.runs import steps_saved

# At this rate nothing is ever learned, so that no evaluation is better than the first.
STANDING = ["learning_rate=1e-30", "evaluate_every=1", "steps=50", "checkpoint_every=50"]


@pytest.fixture
def standing(tiny):
    return tiny.with_settings(STANDING)


def test_a_run_ends_when_it_gets_no_better_and_keeps_its_best(standing, records, tmp_path, capsys):
    config, run = standing.with_settings(["patience=2"]), RunFolder(tmp_path / "run")
    assert train(config, records, run) == 3
    assert run.ended() == 3
    note = json.loads(run.best_checkpoint.with_name("score.json").read_text())
    assert note["step"] == 1
    said = capsys.readouterr().err
    assert "step 3: the run ends here: 2 evaluations in a row were no better than that of" in said


def test_a_run_that_ended_trains_no_further_until_it_is_told_to(standing, records, tmp_path):
    config, run = standing.with_settings(["patience=1"]), RunFolder(tmp_path / "run")
    assert train(config, records, run) == 2
    assert train(config, records, run) == 2
    on = config.with_settings(["patience=0", "evaluate_every=0", "steps=4", "checkpoint_every=4"])
    assert train(on, records, run) == 4
    assert steps_saved(run)[-1] == 4


def test_without_patience_a_run_goes_to_its_end(standing, records, tmp_path):
    run = RunFolder(tmp_path / "run")
    assert train(standing.with_settings(["steps=3"]), records, run) == 3
    assert run.ended() is None


def test_a_run_ends_when_its_sounds_are_copies(standing, records, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(light_evaluation, "MOST_COPIED", -1.0)
    run = RunFolder(tmp_path / "run")
    assert train(standing.with_settings(["patience=4"]), records, run) == 1
    assert not run.best_checkpoint.exists()
    assert "are copies of training sounds" in capsys.readouterr().err


def test_training_sounds_are_copies_and_noise_is_not(records):
    audio, _, _ = load_split(records, "train")
    noise = np.random.default_rng(0).standard_normal((4, audio.shape[1])).astype(np.float32)
    assert copied_share(-0.5 * audio[:4], audio, 44100) == 1.0
    assert copied_share(0.1 * noise, audio, 44100) == 0.0
