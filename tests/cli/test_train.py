"""``drumsmith train`` as its user meets it."""

import json

import pytest

from drumsmith.cli.main import main

from ..helpers.random_records import SMALLEST, write_records


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return write_records(tmp_path_factory.mktemp("data") / "records")


@pytest.fixture(scope="module")
def finished(records, tmp_path_factory):
    run = tmp_path_factory.mktemp("run") / "run"
    assert main(["train", str(records), str(run), *SMALLEST]) == 0
    return run


def test_a_dry_run_prints_the_configuration_and_both_parameter_counts(records, tmp_path, capsys):
    run = tmp_path / "run"
    assert main(["train", str(records), str(run), "--preset=paper", "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out[: out.index("}") + 1])["width"] == 64
    assert "generator parameters: 19,079,111" in out
    assert "critic parameters:    18,265,303" in out
    assert "time on this machine" in out
    assert not run.exists()


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
    assert main([*start, "--dry-run"]) == 0
    out = capsys.readouterr().out
    config = json.loads(out[: out.index("}") + 1])
    assert (config["latent_dim"], config["blocks"], config["preset"]) == (6, 3, "small")
    assert main([*start, "--dry-run", "--latent-dim=7"]) == 2
    assert "the run to start from has latent_dim=6, this one 7" in capsys.readouterr().err
    assert main([*start, "--steps=1", "--batch-size=4"]) == 0


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
    assert f"{finished}: step" in capsys.readouterr().out
