import dataclasses

import grpc
import pytest
from google.protobuf import text_format
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import (
    model_management_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
)
from tensorflow_serving.config import model_server_config_pb2

from drumsmith.common.errors import UserError
from drumsmith.serving.client.client import Client
from drumsmith.serving.client.errors import ModelNotFoundError
from drumsmith.serving.server.models.model_config import configs_of, read_config_file
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.rpc_status import RpcStatus
from drumsmith.serving.server.server import Server

from ....helpers.predict_requests import good_request
from ....helpers.tiny_export import export_tiny

FAST = ServerOptions(port=0, workers=8, poll_s=0.05)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    models = tmp_path_factory.mktemp("config") / "models"
    for seed in range(3):
        export_tiny(models, seed)
    return models


def _entry(name, folder, rest=""):
    return f'config {{ name: "{name}" base_path: "{folder}" model_platform: "tensorflow" {rest} }}'


def _file(tmp_path, *entries):
    path = tmp_path / "models.config"
    path.write_text(f"model_config_list {{ {' '.join(entries)} }}")
    return path


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", [3]),
        ("model_version_policy { latest { num_versions: 2 } }", [3, 2]),
        ("model_version_policy { all {} }", [3, 2, 1]),
        ("model_version_policy { specific { versions: 1 versions: 2 } }", [2, 1]),
    ],
)
def test_a_policy_chooses_versions(tmp_path, policy, expected):
    (config,) = read_config_file(_file(tmp_path, _entry("drums", "/models", policy)))
    assert config.wanted({number: tmp_path for number in (1, 2, 3)}) == expected


BAD = {
    "twice": ([_entry("a", "/x"), _entry("a", "/y")], "Illegal to list model a multiple times"),
    "relative": ([_entry("a", "x")], "absolute path"),
    "nameless": ([_entry("", "/x")], "no name"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_one_line(tmp_path, case):
    entries, words = BAD[case]
    with pytest.raises(UserError, match=words):
        read_config_file(_file(tmp_path, *entries))


def test_a_missing_or_odd_file_is_one_line(tmp_path):
    with pytest.raises(UserError, match="cannot read"):
        read_config_file(tmp_path / "none")
    (tmp_path / "odd").write_text("]")
    with pytest.raises(UserError, match="no model_server_config"):
        read_config_file(tmp_path / "odd")


def test_version_labels_choose_versions(folder):
    labels = {"stable": 1, "canary": 3}
    with (
        Server([ModelConfig("drums", folder, None, (), labels)], FAST) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        predict = prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict
        for label, version in labels.items():
            request = good_request()
            request.model_spec.version_label = label
            assert predict(request, timeout=10).model_spec.version.value == version


TOKEN = "an-operators-token-0123"


@pytest.fixture
def reloadable(folder, tmp_path_factory):
    """A server that takes another list from who shows the token."""
    token = tmp_path_factory.mktemp("token") / "token"
    token.write_text(TOKEN)
    options = dataclasses.replace(FAST, reload_token_file=token)
    with Server([ModelConfig("drums", folder)], options) as server:
        yield server


def _reload(server, *entries, token=TOKEN):
    request = model_management_pb2.ReloadConfigRequest()
    text_format.Parse(f"model_config_list {{ {' '.join(entries)} }}", request.config)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        stub = model_service_pb2_grpc.ModelServiceStub(channel)
        shown = [("authorization", f"Bearer {token}")] if token else []
        return stub.HandleReloadConfigRequest(request, timeout=30, metadata=shown)


def test_a_new_list_replaces_the_old(reloadable, folder):
    target = f"127.0.0.1:{reloadable.port}"
    _reload(reloadable, _entry("toms", folder))
    with Client(target, model="toms") as client:
        assert client.describe()
    with Client(target) as client, pytest.raises(ModelNotFoundError):
        client.describe()


def test_a_model_that_stays_is_not_interrupted(reloadable, folder):
    before = reloadable.registry.models["drums"]
    _reload(reloadable, _entry("drums", folder), _entry("toms", folder))
    assert reloadable.registry.models["drums"] is before


def test_an_empty_list_is_not_serving(reloadable):
    _reload(reloadable)
    with grpc.insecure_channel(f"127.0.0.1:{reloadable.port}") as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        states = {
            name: check(health_pb2.HealthCheckRequest(service=name), timeout=10).status
            for name in ("", "liveness")
        }
    answer = health_pb2.HealthCheckResponse
    assert states == {"": answer.NOT_SERVING, "liveness": answer.SERVING}


@pytest.mark.parametrize("token", [None, "a-callers-token-01234"])
def test_another_list_needs_the_operators_token(reloadable, folder, token):
    with pytest.raises(grpc.RpcError) as refusal:
        _reload(reloadable, _entry("toms", folder), token=token)
    assert refusal.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_without_an_operators_token_the_list_is_fixed(server, folder):
    with pytest.raises(grpc.RpcError) as refusal:
        _reload(server, _entry("toms", folder))
    assert refusal.value.code() == grpc.StatusCode.PERMISSION_DENIED


RELOADS = {
    "relative": ([_entry("drums", "models")], "INVALID_ARGUMENT"),
    "twice": ([_entry("a", "/x"), _entry("a", "/y")], "INVALID_ARGUMENT"),
    "nothing there": ([_entry("none", "/nowhere")], "UNKNOWN"),
}


@pytest.mark.parametrize("case", RELOADS)
def test_a_bad_list_is_refused(reloadable, case):
    entries, code = RELOADS[case]
    with pytest.raises(grpc.RpcError) as refusal:
        _reload(reloadable, *entries)
    assert refusal.value.code().name == code


def test_only_a_list_of_models_is_taken():
    with pytest.raises(RpcStatus, match="Only ModelConfigList") as refusal:
        configs_of(model_server_config_pb2.ModelServerConfig())
    assert refusal.value.code == grpc.StatusCode.INVALID_ARGUMENT
