import numpy as np
import pytest

from drumsmith.common.errors import UserError
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.local_model import LocalModel
from drumsmith.tfrecords.collection.synthesis import synthesise_collection
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.tuning.tune import Tuning, tune


@pytest.fixture(scope="module")
def tuned(old_run, sounds, tmp_path_factory):
    """A model tuned for a moment, and what was said on the way."""
    folder, said = tmp_path_factory.mktemp("tuned"), []
    tuning = Tuning(sounds, folder / "work", source=str(old_run), minutes=1e-4, keep_labels=True)
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
    assert result.before.distance > 0
    assert 0 <= result.after.copies <= 1


def test_called_again_it_trains_no_further(tuned, old_run, sounds):
    folder, result, _ = tuned
    tuning = Tuning(sounds, folder / "work", source=str(old_run), minutes=5, keep_labels=True)
    again = tune(tuning, folder / "models", lambda line: None)
    assert again.step == result.step


def test_a_work_folder_of_other_sounds_is_refused(tuned, old_run, sounds):
    folder, _, _ = tuned
    other = Tuning(sounds / "kick", folder / "work", source=str(old_run), label="kick")
    with pytest.raises(UserError, match="is a tuning with folder="):
        tune(other, folder / "models")


def test_a_missing_folder_leaves_nothing_behind(tmp_path):
    with pytest.raises(UserError, match="no folder or CSV"):
        tune(Tuning(tmp_path / "nowhere", tmp_path / "work"), tmp_path / "models")
    assert list(tmp_path.iterdir()) == []


def test_a_tuned_model_is_tuned_further_to_a_few_sounds_of_one_label(tuned, tmp_path):
    folder, said = tuned[0], []
    synthesise_collection(tmp_path / "few", counts={"kick": 5}, seed=3)
    tuning = Tuning(
        *(tmp_path / "few" / "kick", tmp_path / "work"),
        source=str(folder / "models"),
        label="boom",
        minutes=1e-4,
    )
    version = tune(tuning, tmp_path / "models", said.append).version
    assert Description.read(version).labels == ("boom",)
    assert said[0].startswith("5 sounds of boom are very few")


def test_training_starts_with_the_weights_of_the_export(tuned, sounds, tmp_path):
    from drumsmith.training.run.restore import load_generator
    from drumsmith.tuning.origin import run_of_export

    folder, _, _ = tuned
    laid_out = run_of_export(folder / "models", tmp_path / "origin")
    best = RunFolder(folder / "work" / "run").best_checkpoint.is_file()
    wanted = load_generator(folder / "work" / "run", best=best).generator
    found = load_generator(laid_out.path).generator
    for one, other in zip(found.variables, wanted.variables, strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_time_is_refused(tmp_path):
    with pytest.raises(UserError, match="--minutes must be above 0"):
        Tuning(tmp_path, tmp_path, minutes=0)


def test_a_source_that_is_not_there_is_named(sounds, tmp_path):
    tuning = Tuning(sounds, tmp_path / "work", source=str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match=r"there is no .*nowhere"):
        tune(tuning, tmp_path / "models")
