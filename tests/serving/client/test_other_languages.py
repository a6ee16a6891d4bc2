"""The examples in other languages, where their tools and libraries are installed."""

import shutil
import subprocess
import wave
from pathlib import Path

import pytest

from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

from ...helpers.tiny_export import LENGTH

EXAMPLES = Path(__file__).parents[3] / "examples" / "clients"


def _is_a_kick(path):
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (44100, 1)
        assert file.getnframes() == LENGTH


def _run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _has_node_libraries():
    """Whether Node finds gRPC: beside the example, or where NODE_PATH leads."""
    if shutil.which("node") is None:
        return False
    look = ["node", "-e", "require('@grpc/grpc-js'); require('@grpc/proto-loader')"]
    return not subprocess.run(look, cwd=EXAMPLES / "node", capture_output=True).returncode


@pytest.mark.skipif(not _has_node_libraries(), reason="node with @grpc/grpc-js: npm install")
def test_node_writes_a_kick(target, tmp_path):
    _run(["node", str(EXAMPLES / "node" / "kick.js"), target, str(tmp_path / "kick.wav")])
    _is_a_kick(tmp_path / "kick.wav")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl")
def test_curl_writes_a_kick(models, tmp_path):
    with Server([ModelConfig("drums", models)], ServerOptions(port=0, rest_port=0)) as server:
        place = f"127.0.0.1:{server.rest_port}"
        _run(["sh", str(EXAMPLES / "kick_rest.sh"), place, str(tmp_path / "kick.wav")])
    _is_a_kick(tmp_path / "kick.wav")
