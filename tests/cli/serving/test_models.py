import json
import subprocess
import sys

import pytest

from drumsmith.cli.main import main

from ...helpers.tiny_export import LABELS, export_tiny


@pytest.fixture
def models(tmp_path):
    export_tiny(tmp_path / "models")
    export_tiny(tmp_path / "models", seed=1)
    return tmp_path / "models"


def test_every_version_is_a_row(models, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["models", str(models)]) == 0
    words = capsys.readouterr().out
    for expected in ("1", "2", "kick, snare", "44100 Hz", "600 steps", f"folder: {models}"):
        assert expected in words
    assert "licence" not in words


def test_programs_get_all_of_it(models, capsys):
    assert main(["models", str(models), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    first, second = content["versions"]
    assert (first["version"], second["version"]) == (1, 2)
    assert first["labels"] == list(LABELS)
    assert (first["sample_rate"], first["length"], first["latent_dim"]) == (44100, 256, 8)
    assert first["training"] == {"steps": 600}
    assert first["model_id"] != second["model_id"]
    assert first["bytes"] == sum(
        path.stat().st_size for path in (models / "1").rglob("*") if path.is_file()
    )


def test_a_version_that_is_no_export_of_ours_does_not_hide_the_others(models, capsys):
    (models / "3").mkdir()
    assert main(["models", str(models), "--json"]) == 0
    versions = json.loads(capsys.readouterr().out)["versions"]
    assert "not an export of drumsmith" in versions[2]["error"]
    assert main(["models", str(models)]) == 0


def test_a_folder_without_versions_is_one_line(tmp_path, capsys):
    assert main(["models", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"drumsmith: {tmp_path} holds no exported version")


def test_a_reader_that_stops_early_is_no_mistake_of_ours(models):
    command = [sys.executable, "-m", "drumsmith.cli.main", "models", str(models), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_without_a_folder_it_is_the_pretrained_model_and_its_card(capsys):
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "kick" in "".join(lines)
    assert lines[-1].endswith("MODEL_CARD.md")
