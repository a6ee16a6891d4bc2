"""The files that others deploy with: valid, and saying what the code says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from drumsmith.serving.batching import Batching
from drumsmith.serving.client import SERVICE_CONFIG
from drumsmith.serving.model_config import read_config_file

DEPLOY = Path(__file__).parents[2] / "serving" / "deploy"
BASE = DEPLOY / "kustomize" / "base"
RESOURCES = sorted(path for path in BASE.glob("*.yaml") if path.name != "kustomization.yaml")
KUBERNETES = "1.30"


@pytest.mark.parametrize("path", RESOURCES, ids=lambda path: path.name)
def test_every_resource_is_valid_kubernetes(path):
    kubernetes_validate.validate(yaml.safe_load(path.read_text()), KUBERNETES, strict=True)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl builds the overlays")
@pytest.mark.parametrize("overlay", ["base", "gpu"])
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
