"""The command's frame: help, errors, exit codes."""

import argparse
import os
import re
import subprocess
import sys
import time

import pytest

from drumsmith.cli.main import SUBCOMMANDS, _light_installation, _module, _parser, main

COMMAND = [sys.executable, "-m", "drumsmith.cli.main"]


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


def _commands():
    (commands,) = (a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction))
    return commands.choices.items()


@pytest.mark.parametrize(("name", "command"), _commands())
def test_every_option_says_what_it_is_and_its_default_in_one_form(name, command):
    for action in command._actions:
        words = (action.help or "").replace("%(default)s", str(action.default))
        assert re.sub(r"\(default: [^()]+\)", "", words).strip(), action
        assert words.count("default") == words.count("(default: "), action
        nothing = action.default is None or action.default is False
        if not nothing and action.default not in ([], argparse.SUPPRESS):
            assert words.count("(default: ") == 1, action


def test_help_of_train_says_what_each_preset_is_for(capsys):
    from drumsmith.training.config.preset_descriptions import DESCRIPTIONS

    with pytest.raises(SystemExit):
        main(["train", "--help"])
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown and words in shown for name, words in DESCRIPTIONS.items())


def _completions(line):
    # What bash does when TAB is pressed: the program answers on file descriptor 8.
    environment = os.environ | {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "_ARGCOMPLETE_STDOUT_FILENAME": "/dev/stdout",
    }
    done = subprocess.run(
        [sys.executable, "-m", "drumsmith"], env=environment, capture_output=True, check=True
    )
    return done.stdout.decode().split("\v")


def test_the_shell_completes_subcommands():
    assert set(_completions("drumsmith e")) == {name for name in SUBCOMMANDS if name[0] == "e"}


def test_the_shell_completes_options():
    assert "--post-filter" in _completions("drumsmith export --p")


def test_an_unknown_subcommand_is_answered_with_the_likely_one_alone(capsys):
    assert main(["tarin"]) == 2
    assert capsys.readouterr().err == "drumsmith: no command 'tarin': did you mean train?\n"


def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, capsys):
    assert main(["doctor", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error == f"drumsmith: {tmp_path} is not a run: it has no config.json\n"


def test_debug_shows_the_traceback(tmp_path):
    # A command that loads little: only the words are looked at.
    done = subprocess.run(
        [*COMMAND, "info", str(tmp_path / "no.wav"), "--debug"],
        capture_output=True,
        text=True,
        check=False,
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


@pytest.mark.parametrize(
    ("command", "package", "extra"),
    [
        ("like", "soundfile", "kits"),
        ("generate", "soxr", "kits"),
        ("kit", "tensorflow", "kits,serve"),
        ("evaluate", "scipy", "all"),
        ("prepare", "soundfile", "all"),
    ],
)
def test_the_extra_that_brings_a_package_is_named(command, package, extra):
    missing = ModuleNotFoundError(name=package)
    assert f"'drumsmith[{extra}]' brings it" in str(_light_installation(missing, _module(command)))


def test_sigterm_unwinds_like_ctrl_c(tmp_path):
    collection = tmp_path / "collection" / "kick"
    collection.mkdir(parents=True)
    for number in range(400):
        (collection / f"{number}.wav").write_bytes(b"RIFF" + bytes([number % 256]) * 2000)
    process = subprocess.Popen(
        [*COMMAND, "prepare", str(collection.parent), str(tmp_path / "records")],
        stderr=subprocess.PIPE,
    )
    while len(list(tmp_path.iterdir())) < 2 and process.poll() is None:
        time.sleep(0.01)  # until there is something half-written
    process.terminate()
    _, error = process.communicate()
    assert process.returncode == 130
    assert b"interrupted" in error
    assert [path.name for path in tmp_path.iterdir()] == ["collection"]
