import pytest

from drumsmith.cli.main import main

from ...helpers.tiny_export import export_tiny


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plot") / "models"
    export_tiny(folder)
    return folder


@pytest.mark.parametrize("directions", ["principal", "random"])
def test_both_figures_are_drawn_of_every_class(models, tmp_path, capsys, directions):
    command = ["plot", str(models), "--out", str(tmp_path), "--directions", directions]
    assert main(command) == 0
    names = ["figure3.png"] + [f"figure4-{name}.png" for name in ("kick", "snare", "cymbal")]
    assert capsys.readouterr().out.split() == [str(tmp_path / name) for name in names]
    assert all((tmp_path / name).stat().st_size > 10_000 for name in names)


def test_a_folder_without_models_is_one_line(tmp_path, capsys):
    assert main(["plot", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "holds no exported version" in capsys.readouterr().err


def test_without_a_folder_it_is_the_pretrained_model(tmp_path):
    assert main(["plot", "--out", str(tmp_path), "--format", "svg"]) == 0
    assert "kick" in (tmp_path / "figure4-kick.svg").read_text()
