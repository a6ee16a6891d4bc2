import pytest
import yaml

from drumsmith.cli.main import main

from ...helpers.tiny_export import export_tiny


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kit") / "models"
    export_tiny(folder)
    return ["--models", str(folder)]


def test_a_whole_kit_takes_one_command(source, tmp_path, capsys):
    out = tmp_path / "mine"
    small = ["--round-robins", "2", "--velocities", "1", "--zip"]
    assert main(["kit", str(out), *small, *source]) == 0
    assert {path.name for path in out.iterdir()} == {
        *("mine.sfz", "mine.dspreset", "drumkit.xml", "drumgizmo", "samples"),
        *("kit.json", "kit.png"),
    }
    assert len(list((out / "samples").rglob("*.wav"))) == 18
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "mine.zip", "mine.h2drumkit"}
    assert "9 pads, 18 sounds" in capsys.readouterr().out


def test_printed_pads_are_edited_and_read(source, tmp_path, capsys):
    assert main(["kit", str(tmp_path / "a"), "--print-pads", *source]) == 0
    content = yaml.safe_load(capsys.readouterr().out)
    assert not (tmp_path / "a").exists()
    kick = content["pads"]["kick"] | {"round_robins": 1, "velocities": 1}
    file = tmp_path / "pads.yaml"
    file.write_text(yaml.safe_dump({"pads": {"my kick": kick}}))
    words = ["--pads", str(file), "--formats", "sfz"]
    assert main(["kit", str(tmp_path / "b"), *words, *source]) == 0
    (sound,) = (tmp_path / "b" / "samples").rglob("*.wav")
    assert sound.name == "my_kick_v1_rr1.wav"
    assert not (tmp_path / "b" / "drumkit.xml").exists()


@pytest.mark.parametrize("content", ["pads: [", "pads: 3", None])
def test_a_file_of_pads_that_cannot_be_read_is_one_line(source, tmp_path, capsys, content):
    file = tmp_path / "pads.yaml"
    if content is not None:
        file.write_text(content)
    assert main(["kit", str(tmp_path / "a"), "--pads", str(file), *source]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_that_holds_something_is_left_alone(source, tmp_path, capsys):
    (tmp_path / "precious").write_text("mine")
    assert main(["kit", str(tmp_path), *source]) == 2
    assert "holds something already" in capsys.readouterr().err
