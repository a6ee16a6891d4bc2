import pytest

from drumsmith.cli.main import main
from drumsmith.serving.saved_model.description import Description

from ...helpers.tiny_export import export_tiny


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plot") / "models"
    export_tiny(folder)
    return folder


def test_both_figures_are_drawn_of_every_class(models, tmp_path, capsys):
    assert main(["plot", str(models), "--out", str(tmp_path)]) == 0
    names = ["figure3.png"] + [f"figure4-{name}.png" for name in ("kick", "snare", "cymbal")]
    assert capsys.readouterr().out.split() == [str(tmp_path / name) for name in names]
    assert all((tmp_path / name).stat().st_size > 10_000 for name in names)


def test_a_folder_without_models_is_one_line(tmp_path, capsys):
    assert main(["plot", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "holds no exported version" in capsys.readouterr().err


def test_without_a_folder_it_is_the_pretrained_model(small_pretrained, tmp_path):
    options = ["--format", "svg", "--directions", "random"]
    assert main(["plot", "--out", str(tmp_path), *options]) == 0
    labels = Description.read(small_pretrained).labels
    names = {"figure3.svg"} | {f"figure4-{label}.svg" for label in labels}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert "kick" in (tmp_path / "figure4-kick.svg").read_text()
