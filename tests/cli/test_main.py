"""The command's frame: help, errors, exit codes."""

import subprocess
import sys
import time

import pytest

from drumsmith.cli.main import SUBCOMMANDS, main

COMMAND = [sys.executable, "-m", "drumsmith.cli.main"]


def test_help_answers_in_under_a_second():
    subprocess.run([*COMMAND, "--help"], check=True, capture_output=True)  # compiles once
    start = time.monotonic()
    subprocess.run([*COMMAND, "--help"], check=True, capture_output=True)
    assert time.monotonic() - start < 1


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from drumsmith.cli.main import main\n"
        "try: main(['train', '--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('tensorflow', 'keras', 'numpy', 'grpc', 'matplotlib', 'rich') "
        "if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_subcommand_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    assert f"usage: drumsmith {name}" in capsys.readouterr().out


def test_an_unknown_subcommand_is_the_users_mistake():
    with pytest.raises(SystemExit) as stop:
        main(["tarin"])
    assert stop.value.code == 2


def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, capsys):
    assert main(["doctor", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error == f"drumsmith: {tmp_path} is not a run: it has no config.json\n"


def test_debug_shows_the_traceback(tmp_path):
    done = subprocess.run(
        [*COMMAND, "doctor", str(tmp_path), "--debug"], capture_output=True, text=True, check=False
    )
    assert "Traceback" in done.stderr


def test_the_version_is_the_packages(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out.startswith("drumsmith 0.")


def test_a_light_installation_says_how_to_get_the_rest(tmp_path):
    code = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "from drumsmith.cli.main import main\n"
        f"sys.exit(main(['export', {str(tmp_path)!r}, 'models']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "this needs tensorflow, which is not installed: pip install" in done.stderr


def test_sigterm_unwinds_like_ctrl_c(tmp_path):
    collection = tmp_path / "collection" / "kick"
    collection.mkdir(parents=True)
    for number in range(400):
        (collection / f"{number}.wav").write_bytes(b"RIFF" + bytes([number % 256]) * 2000)
    process = subprocess.Popen(
        [*COMMAND, "prepare", str(collection.parent), str(tmp_path / "records")],
        stderr=subprocess.PIPE,
    )
    time.sleep(1.5)
    process.terminate()
    _, error = process.communicate(timeout=60)
    assert (process.returncode, b"interrupted" in error) == (130, True) or process.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["collection"]
