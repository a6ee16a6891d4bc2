import json
import shutil

import pytest

from drumsmith.cli.main import main
from drumsmith.serving.saved_model.description import Description

from ...helpers.random_records import write_records
from ...helpers.tiny_export import LENGTH, export_tiny


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate") / "models"
    export_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return write_records(tmp_path_factory.mktemp("data") / "records", length=LENGTH)


@pytest.fixture(scope="module")
def report(models, records, tmp_path_factory):
    out = tmp_path_factory.mktemp("report")
    command = ["evaluate", str(models), str(records), "--out", str(out), "--count", "12"]
    assert main(command) == 0
    return out


@pytest.fixture
def out(report, tmp_path):
    """A folder for a report that has the classifier already, which takes longest."""
    (kept,) = report.glob("classifier-*")
    shutil.copytree(kept, tmp_path / "out" / kept.name)
    return tmp_path / "out"


def test_an_exported_model_gets_both_files_and_a_summary(report):
    content = json.loads((report / "report.json").read_text())
    assert content["judged"] == {"cymbal": 12, "kick": 12, "snare": 12}
    assert content["facts"]["trained, steps"] == 600
    assert "<!DOCTYPE html>" in (report / "report.html").read_text()[:20]


def test_a_second_evaluation_uses_the_kept_classifier(report, models, records, capsys):
    command = ["evaluate", str(models), str(records), "--out", str(report), "--count", "12"]
    assert main([*command, "--seed", "1"]) == 0
    content = json.loads((report / "report.json").read_text())
    assert content["classifier"]["reused"]
    assert "worst class: " in capsys.readouterr().out


def test_finished_reports_are_compared_without_records(report, tmp_path, capsys):
    command = ["evaluate", "--compare", str(report), str(report), "--out", str(tmp_path)]
    assert main(command) == 0
    assert "alike" in capsys.readouterr().out
    assert (tmp_path / "compare.html").is_file()


def test_two_models_are_evaluated_and_compared(models, records, out, tmp_path, capsys):
    other = tmp_path / "other"
    export_tiny(other, seed=5)
    command = ["evaluate", "--compare", str(models), str(other), str(records)]
    assert main([*command, "--out", str(out), "--count", "8"]) == 0
    assert (out / "a" / "report.html").is_file()
    assert "<audio" in (out / "compare.html").read_text()
    assert capsys.readouterr().out.startswith("A models: score")


def test_records_alone_judge_the_pretrained_model(small_pretrained, records, out):
    command = ["evaluate", str(records), "--out", str(out), "--count", "8"]
    assert main(command) == 0
    facts = json.loads((out / "report.json").read_text())["facts"]
    assert facts["model"] == Description.read(small_pretrained).model_id


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{models}"], "evaluate takes a folder of models or sounds, and the records"),
        (["{tmp}/none", "{records}"], "there is no folder"),
        (["{tmp}", "{records}"], "is empty: it needs one folder for each class"),
        (["{models}", "{tmp}/none"], "none"),
        (["{models}", "{records}", "--count", "2"], "2 sounds of a class are too few"),
        (["{models}", "{records}", "--version", "9"], "has no version 9"),
        (["{models}", "{records}", "--embedding", "{tmp}"], "is no SavedModel"),
        (["--compare", "{models}", "{models}"], "name the records to measure it against"),
    ],
    ids=["one", "missing", "empty", "records", "count", "version", "embedding", "compare"],
)
def test_a_mistake_is_one_line(models, records, tmp_path, capsys, arguments, words):
    tmp_path = tmp_path / "here"
    tmp_path.mkdir()
    filled = [a.format(models=models, records=records, tmp=tmp_path) for a in arguments]
    assert main(["evaluate", *filled, "--out", str(tmp_path / "out")]) == 2
    complaint = [line for line in capsys.readouterr().err.splitlines() if "drumsmith: " in line]
    assert len(complaint) == 1
    assert words in complaint[0]
