"""The examples in other languages, where their tools and libraries are installed."""

import os
import shutil
import subprocess
import wave
from pathlib import Path

import pytest

from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

from ...helpers.tiny_export import LENGTH

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "clients"
PROTO = ROOT / "serving" / "client" / "proto"

# Where Debian puts golang-google-grpc-dev; libgrpc-java, libnetty-java, libperfmark-java; and
# librust-{h2,http,prost,prost-build,tokio}-dev.
GO_SOURCES = Path("/usr/share/gocode")
JARS = Path("/usr/share/java")
CRATES = Path("/usr/share/cargo/registry")


def _is_a_kick(path):
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (44100, 1)
        assert file.getnframes() == LENGTH
        assert len(set(file.readframes(LENGTH))) > 10


def _run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, **options)
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


SLOW_TO_BUILD = pytest.mark.skipif(
    "DRUMSMITH_BUILD_EXAMPLES" not in os.environ,
    reason="DRUMSMITH_BUILD_EXAMPLES=1 builds the examples of compiled languages, in minutes",
)


def _needs(*programs, files=()):
    """Skip where a compiler or library is missing."""
    there = all(map(shutil.which, programs)) and all(file.exists() for file in files)
    return pytest.mark.skipif(not there, reason=f"{', '.join(programs)} and libraries of Debian's")


@SLOW_TO_BUILD
@_needs("go", "protoc", "protoc-gen-go", files=[GO_SOURCES / "src" / "google.golang.org" / "grpc"])
def test_go_writes_a_kick(target, tmp_path):
    sources = tmp_path / "src"
    sources.mkdir()
    _run(["protoc", f"-I{PROTO}", f"--go_out=plugins=grpc:{sources}", "drums.proto"])
    program = tmp_path / "kick"
    place = {"GO111MODULE": "off", "GOPATH": f"{tmp_path}:{GO_SOURCES}", "GOFLAGS": ""}
    build = ["go", "build", "-o", str(program), str(EXAMPLES / "go" / "kick.go")]
    _run(build, env=os.environ | place)
    _run([str(program), target, str(tmp_path / "kick.wav")])
    _is_a_kick(tmp_path / "kick.wav")


@SLOW_TO_BUILD
@_needs("javac", "protoc", "grpc_java_plugin", files=[JARS / "grpc-netty.jar"])
def test_java_writes_a_kick(target, tmp_path):
    plugin = f"--plugin=protoc-gen-grpc-java={shutil.which('grpc_java_plugin')}"
    out = [f"--java_out={tmp_path}", f"--grpc-java_out={tmp_path}"]
    _run(["protoc", plugin, f"-I{PROTO}", *out, "drums.proto"])
    jars = f"{JARS}/*:{tmp_path}"
    generated = map(str, (tmp_path / "drumsmith" / "drums").glob("*.java"))
    example = str(EXAMPLES / "java" / "Kick.java")
    _run(["javac", "-cp", jars, "-d", str(tmp_path), example, *generated])
    _run(["java", "-cp", jars, "Kick", target, str(tmp_path / "kick.wav")])
    _is_a_kick(tmp_path / "kick.wav")


@SLOW_TO_BUILD
@_needs("cargo", "protoc")
def test_rust_writes_a_kick(target, tmp_path):
    shutil.copytree(EXAMPLES / "rust", tmp_path / "rust")
    config = ['source.crates-io.replace-with="debian"', f'source.debian.directory="{CRATES}"']
    offline = [word for line in config for word in ("--config", line) if CRATES.exists()]
    build = ["cargo", *offline, "build", "--manifest-path", str(tmp_path / "rust" / "Cargo.toml")]
    # A target folder of one's own keeps what was compiled for the next time.
    place = {"CARGO_TARGET_DIR": str(tmp_path / "target")} | os.environ | {"PROTO": str(PROTO)}
    _run(build, env=place)
    program = Path(place["CARGO_TARGET_DIR"], "debug", "kick")
    _run([str(program), target, str(tmp_path / "kick.wav")])
    _is_a_kick(tmp_path / "kick.wav")
