"""The Kubernetes manifest: its pods are valid, and its command is one that drumsmith takes."""

from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from drumsmith.cli.main import _parser

MANIFEST = Path(__file__).parents[2] / "training" / "deploy" / "tfjob.yaml"


@pytest.fixture(scope="module")
def job():
    return yaml.safe_load(MANIFEST.read_text())


def test_the_pods_of_the_job_are_valid_kubernetes(job):
    template = job["spec"]["tfReplicaSpecs"]["Worker"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "worker"}, **template}
    kubernetes_validate.validate(pod, "1.30", strict=True)


def test_the_job_is_what_the_training_operator_reads(job):
    assert (job["apiVersion"], job["kind"]) == ("kubeflow.org/v1", "TFJob")
    worker = job["spec"]["tfReplicaSpecs"]["Worker"]
    assert worker["restartPolicy"] in {"Always", "OnFailure", "Never", "ExitCode"}
    assert [one["name"] for one in worker["template"]["spec"]["containers"]] == ["tensorflow"]


def test_the_command_parses(job):
    (container,) = job["spec"]["tfReplicaSpecs"]["Worker"]["template"]["spec"]["containers"]
    program, *words = container["command"] + container["args"]
    assert program == "drumsmith"
    assert _parser().parse_args(words).strategy == "multiworker"
