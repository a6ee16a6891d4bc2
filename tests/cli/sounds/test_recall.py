import json

import numpy as np
import pytest

from drumsmith.cli.main import main
from drumsmith.common.sounds.recipe import read_recipe
from drumsmith.common.sounds.sound_files import Sound
from drumsmith.common.sounds.wav import read_wav
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

from ...helpers.tiny_export import export_tiny

KINDS = {
    "seed": ["kick"],
    "truncated": ["snare", "--truncation", "0.7"],
    "mixed": ["--mix", "kick=0.6,snare=0.4"],
    "processed": ["cymbal", "--rate", "48000", "--bits", "24", "--peak", "-1", "--fade-out", "2"],
    "float": ["kick", "--bits", "float", "--drive", "6", "--high-pass", "40"],
}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A models folder: the sounds' model is the older of two versions."""
    folder = tmp_path_factory.mktemp("recall") / "models"
    export_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def files(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for kind, words in KINDS.items():
        out = ["--out", str(folder / kind), "--names", kind + "-{n}"]
        command = ["generate", *words, "-n", "3", "--seed", "9", *out]
        assert main([*command, "--models", str(models)]) == 0
    export_tiny(models, seed=1)
    return sorted(folder.rglob("*.wav"))


def test_every_kind_of_sound_comes_out_the_same(models, files, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["recall", *map(str, files), "--models", str(models)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 * len(KINDS)
    assert all(line.endswith("the same, sample for sample") for line in lines)


def test_a_server_makes_the_same(models, files, tmp_path):
    model = ModelConfig("drums", models, only=(1,))
    with Server([model], ServerOptions(port=0)) as server:
        words = ["--server", f"127.0.0.1:{server.port}", "--out", str(tmp_path)]
        assert main(["recall", *map(str, files), *words]) == 0
    for path in files:
        assert read_wav(tmp_path / path.name).data == read_wav(path).data


def test_a_sound_made_again_is_the_same_file(models, files, tmp_path):
    assert main(["recall", str(files[0]), "--models", str(models), "--out", str(tmp_path)]) == 0
    assert (tmp_path / files[0].name).read_bytes() == files[0].read_bytes()


def test_a_missing_model_is_named(files, tmp_path, capsys):
    export_tiny(tmp_path / "models", seed=2)
    wanted = read_recipe(files[0]).model_id
    assert main(["recall", str(files[0]), "--models", str(tmp_path / "models")]) == 2
    there = Description.read(tmp_path / "models" / "1").model_id
    assert (
        f"needs model {wanted}, but {tmp_path / 'models'} holds {there}" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("change", "code", "words"), [(1e-4, 1, "was edited"), (3e-5, 0, "the same but for rounding")]
)
def test_another_sound_is_told_from_another_rounding(
    models, files, tmp_path, capsys, change, code, words
):
    file = next(path for path in files if path.stem == "float-1")
    sound = Sound(read_wav(file).audio[:, 0] + change, 44100, read_recipe(file))
    (tmp_path / "a.wav").write_bytes(sound.to_bytes())
    assert main(["recall", str(tmp_path / "a.wav"), "--models", str(models)]) == code
    assert words in capsys.readouterr().out


def test_info_says_what_made_a_sound(files, capsys):
    path = next(path for path in files if path.stem == "processed-1")
    assert main(["info", str(path)]) == 0
    out = capsys.readouterr().out
    for words in ("cymbal", "seed       9", "sample_rate 48000", "24 bit"):
        assert words in out
    assert main(["info", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["processing"]["peak_db"] == -1


def test_levels_of_the_output_are_as_asked(files):
    path = next(path for path in files if path.stem == "processed-1")
    assert np.abs(read_wav(path).audio).max() == pytest.approx(10 ** (-1 / 20), abs=1e-3)
