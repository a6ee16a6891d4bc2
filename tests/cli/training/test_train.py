"""``drumsmith train`` as its user meets it."""

import argparse
import json
import shutil

import pytest

from drumsmith.cli.main import main
from drumsmith.cli.training import train
from drumsmith.training.config import step_timing
from drumsmith.training.config.preset_descriptions import RECOMMENDED
from drumsmith.training.run.run_folder import RunFolder

from ...helpers.random_records import SMALLEST


@pytest.fixture
def records(short_run):
    return short_run / "records"


@pytest.fixture
def finished(short_run, tmp_path_factory):
    """The short run, to be trained further: a copy, as others may be reading that one."""
    return shutil.copytree(short_run / "run", tmp_path_factory.mktemp("finished") / "run")


def test_a_dry_run_prints_the_configuration_and_what_it_takes_and_does_nothing(
    records, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(step_timing, "TIMED_S", 0.0)
    run = tmp_path / "run"
    assert main(["train", str(records), str(run), *SMALLEST, "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out[: out.index("}") + 1])["latent_dim"] == 6
    sizes = ("generator parameters", "critic parameters", "memory")
    for words in ("precision float32", *sizes, "time on this machine"):
        assert words in out
    assert not run.exists()


def test_a_run_without_a_preset_takes_the_recommended_one(tmp_path):
    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    args = parser.parse_args([str(tmp_path), str(tmp_path / "run")])
    assert train._resolve(args, RunFolder(args.run)).preset == RECOMMENDED


def test_training_says_what_comes_next(records, finished, capsys):
    assert main(["train", str(records), str(finished), *SMALLEST]) == 0
    assert f"trained 2 steps; next: drumsmith export {finished} MODELS" in capsys.readouterr().out


def test_a_run_goes_on_with_its_own_configuration(records, finished):
    assert main(["train", str(records), str(finished)]) == 0


def test_a_run_takes_the_networks_of_the_one_it_starts_from(records, finished, tmp_path, capsys):
    start = [
        "train",
        str(records),
        str(tmp_path / "run"),
        "--preset=small",
        f"--start-from={finished}",
    ]
    assert main([*start, "--dry-run", "--latent-dim=7"]) == 2
    assert "the run to start from has latent_dim=6, this one 7" in capsys.readouterr().err
    quick = ["--steps=1", "--batch-size=4", "--set=critic_updates=1"]
    assert main([*start, *quick]) == 0
    config, _ = RunFolder(tmp_path / "run").load()
    assert (config.latent_dim, config.blocks, config.preset) == (6, 3, "small")


CONTRADICTIONS = [
    (["--latent-dim=7"], "was started with latent_dim=6, not 7"),
    (["--preset=paper"], "was started with --preset tiny, not paper"),
    (["--progressive"], "was started with progressive=False, not True"),
]


@pytest.mark.parametrize(("options", "message"), CONTRADICTIONS)
def test_an_option_that_contradicts_the_run_is_refused(records, finished, options, message, capsys):
    assert main(["train", str(records), str(finished), *options]) == 2
    assert message in capsys.readouterr().err


MISTAKES = [
    (["--preset=huge"], "unknown preset 'huge'; known are paper"),
    (["--set=widht=3"], "no option 'widht': did you mean width?"),
    (["--strategy=teleport"], "unknown strategy 'teleport'"),
]


@pytest.mark.parametrize(("options", "message"), MISTAKES)
def test_a_mistake_is_one_line(records, tmp_path, options, message, capsys):
    assert main(["train", str(records), str(tmp_path / "run"), *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_records_that_do_not_exist_are_one_line(tmp_path, capsys):
    assert main(["train", str(tmp_path / "none"), str(tmp_path / "run")]) == 2
    assert str(tmp_path / "none") in capsys.readouterr().err


def test_the_doctor_prints_a_runs_history(finished, capsys):
    assert main(["doctor", str(finished)]) == 0
    out = capsys.readouterr().out
    assert f"{finished}: step" in out
    assert "from step 0 on: precision float32" in out
