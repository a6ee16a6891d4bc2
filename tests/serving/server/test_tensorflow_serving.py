import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from drumsmith.cli.main import main


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A program of TF Serving's name that prints what it was asked for."""
    program = tmp_path / "bin" / "tensorflow_model_server"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}


SERVE = ["serve", "--engine", "tensorflow-serving"]


def _run(environment, *options):
    command = [sys.executable, "-m", "drumsmith.cli.main", *SERVE, *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_it_becomes_tf_serving(stand_in, tmp_path):
    models = str(tmp_path / "models")
    flags = _run(stand_in, models, "--port", "9000", "--rest-port", "9001", "--allow-plaintext")
    assert {"--port=9000", "--rest_api_port=9001", "--model_name=drums"} <= set(flags)
    assert f"--model_base_path={models}" in flags
    (monitoring,) = (flag for flag in flags if flag.startswith("--monitoring_config_file="))
    assert "prometheus_config" in Path(monitoring.partition("=")[2]).read_text()


def test_a_configuration_file_is_handed_on(stand_in, tmp_path):
    path = str(tmp_path / "models.config")
    flags = _run(stand_in, "--model-config-file", path, "--allow-plaintext")
    assert f"--model_config_file={path}" in flags


REFUSED = {
    "not installed": (["m", "--allow-plaintext"], "is not installed"),
    "not allowed": (["m"], "--allow-plaintext"),
    "free port": (["m", "--allow-plaintext", "--port", "0"], "give --port"),
    "tls": (["m", "--tls-cert", "c", "--tls-key", "k"], "--ssl_config_file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_it_cannot_do_is_one_line(monkeypatch, tmp_path, capsys, case):
    options, words = REFUSED[case]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([*SERVE, *options]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
