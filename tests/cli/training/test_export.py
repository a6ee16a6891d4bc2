import re

import numpy as np
import pytest

from drumsmith.cli.main import main
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.local_model import LocalModel
from drumsmith.training.run.restore import load_generator


@pytest.fixture
def run(short_run):
    return short_run / "run"


@pytest.mark.parametrize("options", [[], ["--raw", "--no-batching"]], ids=["averaged", "raw"])
def test_a_run_becomes_a_version_that_makes_its_sounds(run, tmp_path, capsys, options):
    models = tmp_path / "models"
    assert main(["export", str(run), str(models), *options]) == 0
    said = capsys.readouterr()
    assert re.search(r"models/1: .*kick.*; model \w{12}, .* checked", said.out)
    assert "this model is far from trained" in said.err
    trained = load_generator(run, averaged=not options)
    z = np.random.default_rng(0).standard_normal((3, 6)).astype(np.float32)
    label = np.arange(3, dtype=np.int32)
    with LocalModel(models) as model:
        assert model.labels == trained.labels
        audio = model.from_z(z, label)
    np.testing.assert_allclose(audio, trained.generator(z, label)[:, :, 0], atol=1e-5)
    summary = Description.read(models / "1").summary
    told = (summary["step"], summary["averaged"], summary["preset"])
    assert told == (2, not options, "tiny")


def test_a_version_says_that_it_has_a_post_filter(run, tmp_path):
    assert main(["export", str(run), str(tmp_path / "models"), "--post-filter"]) == 0
    assert Description.read(tmp_path / "models" / "1").summary["post_filter"] is True


def test_a_missing_run_is_one_line(tmp_path, capsys):
    assert main(["export", str(tmp_path / "none"), str(tmp_path / "models")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "none" in error
    assert not (tmp_path / "models").exists()


def test_a_run_without_a_checkpoint_is_one_line(run, tmp_path, capsys):
    bare = tmp_path / "run"
    bare.mkdir()
    (bare / "config.json").write_bytes((run / "config.json").read_bytes())
    assert main(["export", str(bare), str(tmp_path / "models")]) == 2
    assert "checkpoint" in capsys.readouterr().err
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    "options", [["--max-batch", "0"], ["--max-request", "3"], ["--queue", "0"]]
)
def test_batching_out_of_range_is_named(tmp_path, capsys, options):
    command = ["export", str(tmp_path / "run"), str(tmp_path / "models"), *options]
    assert main(command) == 2
    assert options[1] in capsys.readouterr().err
