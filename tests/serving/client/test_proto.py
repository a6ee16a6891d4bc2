"""The proto file that other languages compile: by itself, and wire-compatible with TF Serving's."""

import re
import subprocess
import sys
import wave
from pathlib import Path

import pytest
from tensorflow_serving.apis import (
    get_model_status_pb2,
    model_pb2,
    predict_pb2,
)

from drumsmith.serving.client.wire import STATES

from ...helpers.tiny_export import LENGTH

ROOT = Path(__file__).parents[3]
PROTO = ROOT / "serving" / "client" / "proto"
EXAMPLES = ROOT / "examples" / "clients"


@pytest.fixture(scope="module")
def stubs(tmp_path_factory):
    """A folder with the generated modules; a process of its own must import them."""
    pytest.importorskip("grpc_tools", reason="grpcio-tools compiles the proto files")
    folder = tmp_path_factory.mktemp("stubs")
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}"]
    command += [f"--python_out={folder}", f"--grpc_python_out={folder}"]
    subprocess.run([*command, "drums.proto", "health.proto"], check=True)
    return folder


def test_it_needs_no_other_file():
    assert not any("import " in line for line in (PROTO / "drums.proto").read_text().splitlines())


FIELDS = {
    "PredictRequest": predict_pb2.PredictRequest,
    "PredictResponse": predict_pb2.PredictResponse,
    "ModelSpec": model_pb2.ModelSpec,
    "GetModelStatusRequest": get_model_status_pb2.GetModelStatusRequest,
    "GetModelStatusResponse": get_model_status_pb2.GetModelStatusResponse,
    "ModelVersionStatus": get_model_status_pb2.ModelVersionStatus,
}


@pytest.mark.parametrize("name", FIELDS)
def test_fields_have_tf_servings_numbers(name):
    text = (PROTO / "drums.proto").read_text()
    body = re.search(rf"^message {name} {{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL)[1]
    ours = dict(re.findall(r"^ +[\w<>, .]+ (\w+) = (\d+);", body, re.MULTILINE))
    theirs = {field.name: str(field.number) for field in FIELDS[name].DESCRIPTOR.fields}
    values = {name for name in ours if name.isupper()}
    assert {name: ours[name] for name in set(ours) - values}.items() <= theirs.items()


def test_states_have_the_clients_numbers():
    text = (PROTO / "drums.proto").read_text()
    body = re.search(r"enum State {(.*?)}", text, re.DOTALL)[1]
    assert {int(n): name for name, n in re.findall(r"(\w+) = (\d+)", body)} == STATES


HEALTH = """
import sys, grpc, health_pb2, health_pb2_grpc, drums_pb2, drums_pb2_grpc
with grpc.insecure_channel(sys.argv[1]) as channel:
    request = health_pb2.HealthCheckRequest(service="drums")
    print(health_pb2_grpc.HealthStub(channel).Check(request, timeout=10).status)
    request = drums_pb2.GetModelStatusRequest(model_spec=drums_pb2.ModelSpec(name="drums"))
    states = drums_pb2_grpc.ModelServiceStub(channel).GetModelStatus(request, timeout=10)
    print([(v.version, v.state) for v in states.model_version_status])
"""


def _run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_generated_code_asks_for_health_and_status(stubs, target):
    output = _run([sys.executable, "-c", HEALTH, target], cwd=stubs, env={"PYTHONPATH": str(stubs)})
    assert output.split("\n")[:2] == ["1", "[(1, 30)]"]


def _is_a_kick(path):
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels()) == (44100, 1)
        assert file.getnframes() == LENGTH
        assert len(set(file.readframes(LENGTH))) > 10


def test_the_example_with_generated_code_writes_a_kick(stubs, target, tmp_path):
    command = [sys.executable, str(EXAMPLES / "kick_stubs.py"), target, str(tmp_path / "kick.wav")]
    _run(command, env={"PYTHONPATH": str(stubs)})
    _is_a_kick(tmp_path / "kick.wav")


@pytest.mark.parametrize("name", ["kick.py", "kick_async.py"])
def test_the_examples_in_python_write_a_kick(target, tmp_path, name):
    _run([sys.executable, str(EXAMPLES / name), target, str(tmp_path / "kick.wav")])
    _is_a_kick(tmp_path / "kick.wav")
