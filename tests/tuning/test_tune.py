import subprocess
import time

import numpy as np
import pytest

from drumsmith.cli.main import main
from drumsmith.common.errors import UserError
from drumsmith.common.sounds.wav import wav_bytes
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.local_model import LocalModel
from drumsmith.tfrecords.collection.synthesis import synthesise, synthesise_collection
from drumsmith.training.run.restore import load_generator
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.starting_point import starting_point
from drumsmith.training.run.state import load_state, state_of
from drumsmith.training.updates.registry import build_trainable
from drumsmith.tuning.collection import list_sounds
from drumsmith.tuning.origin import PRETRAINED, find_origin, run_of_export
from drumsmith.tuning.tune import Tuning, tune

from ..helpers.runs import assert_same_run, full_disk, steps_saved

STEPS = 3


@pytest.fixture(scope="module")
def tuned(old_run, sounds, tmp_path_factory):
    """A model tuned for a moment, and what was said on the way."""
    folder, said = tmp_path_factory.mktemp("tuned"), []
    tuning = Tuning(sounds, folder / "work", source=str(old_run), steps=STEPS, keep_labels=True)
    return folder, tune(tuning, folder / "models", said.append), said


def test_a_tuned_model_knows_the_folders_labels_and_keeps_the_old_ones(tuned):
    folder, _, _ = tuned
    with LocalModel(folder / "models") as model:
        assert model.labels == ("cymbal", "kick", "snare")
        assert np.isfinite(model.generate("cymbal", n=2, seed=0).audio).all()


def test_a_new_label_starts_as_the_nearest_that_the_model_knows(tuned):
    _, result, said = tuned
    assert set(result.start_as) == {"cymbal"}
    assert any(line.startswith("cymbal is new to the model") for line in said)


def test_the_tuned_model_is_judged_beside_the_old_one(tuned):
    _, result, _ = tuned
    assert set(result.figures) == {"before", "tuned", "real"}
    assert result.figures["before"].distance > 0
    assert 0 <= result.figures["tuned"].copies <= 1


def test_called_again_it_says_that_it_has_ended_and_does_nothing(tuned, old_run, sounds, capsys):
    folder, result, _ = tuned
    before = sorted(folder.rglob("*"))
    options = ["--from", str(old_run), "--keep-labels", "--work", str(folder / "work")]
    assert main(["tune", str(sounds), str(folder / "models"), *options]) == 0
    assert sorted(folder.rglob("*")) == before
    said = capsys.readouterr().out
    assert "this tuning has ended; to tune anew, choose another --work" in said
    assert str(result.version) in said


@pytest.mark.slow
def test_a_full_disk_and_a_kill_lose_nothing(tuned, old_run, sounds, program, tmp_path, capsys):
    work, models = tmp_path / "work", tmp_path / "models"
    options = ["--from", str(old_run), "--keep-labels", "--work", str(work), "--steps", str(STEPS)]
    command = ["tune", str(sounds), str(models), *options]
    with full_disk():
        assert main(command) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "drumsmith: " in line] == [said[-1]]
    assert not models.exists()

    run = RunFolder(work / "run")
    process = subprocess.Popen(
        [*program, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and steps_saved(run)[-1:] in ([], [0]):
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert not models.exists()
    tuning = Tuning(sounds, work, source=str(old_run), steps=STEPS, keep_labels=True)
    tune(tuning, models, lambda line: None)
    assert_same_run(RunFolder(tuned[0] / "work" / "run"), run)
    assert [path.name for path in models.iterdir()] == ["1"]


def test_a_work_folder_of_other_sounds_is_refused(tuned, old_run, sounds):
    folder, _, _ = tuned
    other = Tuning(sounds / "kick", folder / "work", source=str(old_run), label="kick")
    with pytest.raises(UserError, match="is a tuning with folder="):
        tune(other, folder / "models")


def test_a_missing_folder_leaves_nothing_behind(tmp_path):
    with pytest.raises(UserError, match="no folder or CSV"):
        tune(Tuning(tmp_path / "nowhere", tmp_path / "work"), tmp_path / "models")
    assert list(tmp_path.iterdir()) == []


def test_an_exported_model_is_tuned_further_to_a_few_sounds_of_one_label(small_drums, tmp_path):
    said = []
    synthesise_collection(tmp_path / "few", counts={"kick": 5}, seed=3)
    tuning = Tuning(
        *(tmp_path / "few" / "kick", tmp_path / "work"),
        source=str(small_drums / "models"),
        label="boom",
        steps=1,
    )
    version = tune(tuning, tmp_path / "models", said.append).version
    assert Description.read(version).labels == ("boom",)
    assert said[0].startswith("5 sounds of boom are very few")


def test_an_empty_folder_is_one_clear_line(tmp_path):
    (tmp_path / "empty").mkdir()
    for label in (None, "kick"):
        with pytest.raises(UserError, match="empty has no sounds: put audio files into"):
            tune(Tuning(tmp_path / "empty", tmp_path / "work", label=label), tmp_path / "models")


def test_a_folder_that_contains_itself_is_read_once(tmp_path):
    synthesise_collection(tmp_path / "sounds", counts={"kick": 2}, seed=4)
    (tmp_path / "sounds" / "kick" / "again").symlink_to(tmp_path / "sounds")
    (tmp_path / "sounds" / "notes.txt").write_text("mine")
    assert len(list_sounds(tmp_path / "sounds", "kick")) == 2


def test_a_folder_of_drum_loops_is_one_clear_line(old_run, tmp_path):
    hit = synthesise("kick", 0, seed=5)[:11025]
    (tmp_path / "loops").mkdir()
    for number in range(3):
        loop = np.concatenate([hit * np.hanning(2 * len(hit))[len(hit) :]] * (4 + number))
        (tmp_path / "loops" / f"beat {number}.wav").write_bytes(wav_bytes(loop, 44100))
    work = tmp_path / "work"
    tuning = Tuning(tmp_path / "loops", work, source=str(old_run), label="kick", steps=1)
    with pytest.raises(UserError, match=r"none of 3 files can be used.*a loop or several sounds"):
        tune(tuning, tmp_path / "models")


def test_training_starts_with_the_weights_of_the_export(small_drums, tmp_path):
    laid_out = run_of_export(small_drums / "models", tmp_path / "origin")
    wanted = load_generator(small_drums / "run").generator
    found = load_generator(laid_out.path).generator
    for one, other in zip(found.variables, wanted.variables, strict=True):
        np.testing.assert_array_equal(one, other)


def test_training_can_start_with_the_pretrained_model(tmp_path):
    origin = find_origin(PRETRAINED, tmp_path / "origin")
    config, data = origin.load()
    networks, _ = starting_point(config, data, origin)
    model = build_trainable(config, len(data["labels"]), config.schedule.at(0))
    load_state(model, networks)  # strict: every variable of every network, and no other
    begun = state_of(model)
    for name, array in networks.items():
        np.testing.assert_array_equal(begun[name], array, err_msg=name)


@pytest.mark.parametrize("name", ["minutes", "steps"])
def test_no_time_is_refused(tmp_path, name):
    with pytest.raises(UserError, match=f"--{name} must be above 0"):
        Tuning(tmp_path, tmp_path, **{name: 0})


def test_a_source_that_is_not_there_is_named(sounds, tmp_path):
    tuning = Tuning(sounds, tmp_path / "work", source=str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match=r"there is no .*nowhere"):
        tune(tuning, tmp_path / "models")
