"""The files that others deploy with: valid, and saying what the code says."""

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from tensorflow_serving.config import model_server_config_pb2

from drumsmith.cli.serving import serve
from drumsmith.serving.client.connection import SERVICE_CONFIG
from drumsmith.serving.export.batching import Batching
from drumsmith.serving.server.calls.metrics import HELP
from drumsmith.serving.server.models.model_config import read_config_file
from drumsmith.serving.server.rest.app import METRICS_PATH
from drumsmith.serving.server.server import LIVENESS

DEPLOY = Path(__file__).parents[2] / "serving" / "deploy"
BASE = DEPLOY / "kustomize" / "base"
RESOURCES = sorted(path for path in BASE.glob("*.yaml") if path.name != "kustomization.yaml")
KUBERNETES = "1.30"


@pytest.mark.parametrize("path", RESOURCES, ids=lambda path: path.name)
def test_every_resource_is_valid_kubernetes(path):
    kubernetes_validate.validate(yaml.safe_load(path.read_text()), KUBERNETES, strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl builds the overlays")
@pytest.mark.parametrize("overlay", ["base", "gpu", "embedded"])
def test_an_overlay_builds_into_valid_kubernetes(overlay):
    built = subprocess.run(
        ["kubectl", "kustomize", str(DEPLOY / "kustomize" / overlay)],
        capture_output=True,
        text=True,
        check=True,
    )
    resources = list(yaml.safe_load_all(built.stdout))
    for resource in resources:
        kubernetes_validate.validate(resource, KUBERNETES, strict=True)
    kinds = {resource["kind"] for resource in resources}
    assert {"Deployment", "Service", "HorizontalPodAutoscaler", "NetworkPolicy"} <= kinds
    (container,) = next(r for r in resources if r["kind"] == "Deployment")["spec"]["template"][
        "spec"
    ]["containers"]
    assert container["image"].endswith("-gpu") is (overlay == "gpu")
    assert ("nvidia.com/gpu" in container["resources"]["limits"]) is (overlay == "gpu")


def test_the_base_lists_every_resource():
    listed = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
    assert sorted(listed) == [path.name for path in RESOURCES]


def _deployment(path=BASE / "deployment.yaml"):
    return yaml.safe_load(path.read_text())["spec"]["template"]["spec"]


def test_deployment_and_kserve_read_one_layout_of_the_volume():
    """`pvc://CLAIM/drums` is `/models/drums` of the pods, which is the configured base path."""
    deployment = _deployment()
    (claim,) = [v for v in deployment["volumes"] if v["name"] == "models"]
    mounts = deployment["containers"][0]["volumeMounts"]
    (mount,) = [m["mountPath"] for m in mounts if m["name"] == "models"]
    kserve = yaml.safe_load((DEPLOY / "kserve" / "inferenceservice.yaml").read_text())
    name, _, folder = (
        kserve["spec"]["predictor"]["model"]["storageUri"].removeprefix("pvc://").partition("/")
    )
    pvc = yaml.safe_load((BASE / "pvc.yaml").read_text())
    assert name == claim["persistentVolumeClaim"]["claimName"] == pvc["metadata"]["name"]
    (config,) = read_config_file(BASE / "models.config")
    assert f"{mount}/{folder}" == str(config.folder)


def test_probes_give_a_busy_pod_time():
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert _deployment()["containers"][0][kind]["timeoutSeconds"] >= 2


def test_connections_are_renewed_by_both_servers():
    given = _deployment()["containers"][0]["args"]
    assert any("grpc.max_connection_age_ms=300000" in argument for argument in given)
    assert "--max-connection-age=300" in _embedded()["args"]


def _embedded():
    return _deployment(DEPLOY / "kustomize" / "embedded" / "embedded.yaml")["containers"][0]


def test_the_embedded_servers_arguments_are_the_commands():
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    args = parser.parse_args(_embedded()["args"])
    assert (args.host, args.port, args.metrics_port) == ("0.0.0.0", 8500, 8501)
    assert _embedded()["livenessProbe"]["grpc"]["service"] == LIVENESS


def test_the_dockerfile_starts_the_command():
    text = (DEPLOY / "Dockerfile").read_text()
    entry, arguments = (
        json.loads(re.search(rf"^{name} (.*)", text, re.MULTILINE)[1])
        for name in ("ENTRYPOINT", "CMD")
    )
    assert entry == ["drumsmith", "serve"]
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    assert parser.parse_args(arguments).metrics_port == 8501


MONITORING = DEPLOY / "kustomize" / "monitoring"


def test_alerts_ask_for_metrics_that_there_are():
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text())
    asked = [rule["expr"] for group in rules["spec"]["groups"] for rule in group["rules"]]
    names = {name for expr in asked for name in re.findall(r'__name__="([^"]+)"', expr)}
    assert {name.removesuffix("_bucket") for name in names} <= set(HELP)


def test_what_is_scraped_is_where_the_metrics_are():
    monitor = yaml.safe_load((MONITORING / "servicemonitor.yaml").read_text())
    (endpoint,) = monitor["spec"]["endpoints"]
    service = yaml.safe_load((BASE / "service.yaml").read_text())
    assert endpoint["path"] == METRICS_PATH
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}


def test_the_compose_file_is_valid():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    checked = subprocess.run(
        [*command, "vendor.compose-spec", str(DEPLOY / "compose.yaml")],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_signals_reach_the_server_in_compose():
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["drums"]
    assert service["init"] is True
    assert service["entrypoint"][0] == "tensorflow_model_server"


def test_callers_are_spread_over_the_pods():
    service = yaml.safe_load((BASE / "service.yaml").read_text())
    assert service["spec"]["clusterIP"] == "None"
    assert {"round_robin": {}} in SERVICE_CONFIG["loadBalancingConfig"]


def test_kserve_is_told_the_format():
    service = yaml.safe_load((DEPLOY / "kserve" / "inferenceservice.yaml").read_text())
    assert (service["apiVersion"], service["kind"]) == (
        "serving.kserve.io/v1beta1",
        "InferenceService",
    )
    assert service["spec"]["predictor"]["model"]["modelFormat"]["name"] == "tensorflow"


@pytest.mark.parametrize("name", ["models.config", "monitoring.config"])
def test_the_pods_get_the_very_files_that_compose_gets(name):
    first = (DEPLOY / "tensorflow-serving" / name).read_text()
    assert (BASE / name).read_text() == first


# TF Serving's messages that no wheel has: ssl_config.proto, monitoring_config.proto and
# session_bundle_config.proto of its 2.17.1. Text 9, bool 8, int64 3, message 11.
_MESSAGES: dict[str, list[tuple[str, int, int, str]]] = {
    "SSLConfig": [
        ("server_key", 1, 9, ""),
        ("server_cert", 2, 9, ""),
        ("custom_ca", 3, 9, ""),
        ("client_verify", 4, 8, ""),
    ],
    "PrometheusConfig": [("enable", 1, 8, ""), ("path", 2, 9, "")],
    "MonitoringConfig": [("prometheus_config", 1, 11, "PrometheusConfig")],
    "Number": [("value", 1, 3, "")],
    "BatchingParameters": [
        ("max_batch_size", 1, 11, "Number"),
        ("batch_timeout_micros", 2, 11, "Number"),
        ("max_enqueued_batches", 3, 11, "Number"),
        ("num_batch_threads", 4, 11, "Number"),
        ("allowed_batch_sizes", 6, 3, ""),
    ],
}


def _parsed(name, text):
    """Read a text proto strictly: an unknown or misspelt field is an error."""
    file = descriptor_pb2.FileDescriptorProto(name="tf_serving.proto", package="tfs")
    for message, fields in _MESSAGES.items():
        described = file.message_type.add(name=message)
        for field, number, kind, type_name in fields:
            label = 3 if field.startswith("allowed") else 1
            added = described.field.add(name=field, number=number, type=kind, label=label)
            if type_name:
                added.type_name = f".tfs.{type_name}"
    # A pool of its own: TensorFlow has messages of these names.
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tfs.{name}"))
    return text_format.Parse(text, kind())


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("tls.config.example", "SSLConfig"),
        ("monitoring.config", "MonitoringConfig"),
        ("batching.config", "BatchingParameters"),
    ],
)
def test_tf_serving_knows_every_field_of_its_files(file, message):
    parsed = _parsed(message, (DEPLOY / "tensorflow-serving" / file).read_text())
    assert {field.name for field, _ in parsed.ListFields()} >= {
        name for name, *_ in _MESSAGES[message] if name != "batch_timeout_micros"
    }


def test_the_tls_example_is_filled_as_it_says():
    text = (DEPLOY / "tensorflow-serving" / "tls.config.example").read_text()
    pem = "-----BEGIN PRIVATE KEY-----\nabc\ndef\n-----END PRIVATE KEY-----\n"
    awk = re.search(r"awk '(.+)' server\.pem", text)[1]
    joined = subprocess.run(["awk", awk], input=pem, capture_output=True, text=True, check=True)
    assert _parsed("SSLConfig", f'server_key: "{joined.stdout}"').server_key == pem
    assert _parsed("SSLConfig", text).server_key.startswith("-----BEGIN PRIVATE KEY-----\n")


def test_our_server_reads_tf_servings_model_file():
    path = DEPLOY / "tensorflow-serving" / "models.config"
    text_format.Parse(path.read_text(), model_server_config_pb2.ModelServerConfig())
    (config,) = read_config_file(path)
    assert (config.name, str(config.folder), config.latest) == ("drums", "/models/drums", 1)


def test_batching_outside_the_graph_has_the_graphs_numbers():
    text = (DEPLOY / "tensorflow-serving" / "batching.config").read_text()
    numbers = dict(re.findall(r"^(\w+) \{ value: (\d+) \}", text, re.MULTILINE))
    sizes = [int(size) for size in re.findall(r"^allowed_batch_sizes: (\d+)", text, re.MULTILINE)]
    batching = Batching()
    assert sizes[-1] == int(numbers["max_batch_size"]) == batching.sizes[-1]
    assert sizes == sorted(sizes)
    assert int(numbers["max_enqueued_batches"]) == batching.queue
    assert int(numbers["num_batch_threads"]) == batching.threads
