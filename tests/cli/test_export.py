import pytest

from drumsmith.cli.main import main


def test_a_missing_run_is_one_line(tmp_path, capsys):
    assert main(["export", str(tmp_path / "none"), str(tmp_path / "models")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "none" in error
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    "options", [["--max-batch", "0"], ["--max-request", "3"], ["--queue", "0"]]
)
def test_batching_out_of_range_is_named(tmp_path, capsys, options):
    command = ["export", str(tmp_path / "run"), str(tmp_path / "models"), *options]
    assert main(command) == 2
    assert options[1] in capsys.readouterr().err
