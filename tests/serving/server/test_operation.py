"""What whoever is on call relies on: refusals are seen, alerts fall, one model harms no other."""

import contextlib
import logging
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import grpc
import numpy as np
import pytest
import tensorflow as tf
from grpc_health.v1 import health_pb2, health_pb2_grpc

from drumsmith.serving.client.client import Client
from drumsmith.serving.client.errors import AccessError, ClientError, OverloadedError
from drumsmith.serving.client.wire import ModelSpec, encode_predict_request
from drumsmith.serving.saved_model.warmup import WARMUP_FILE
from drumsmith.serving.server.calls.admission import Admission
from drumsmith.serving.server.calls.metrics import Metrics
from drumsmith.serving.server.calls.refusals import GRPC, Refusals
from drumsmith.serving.server.models import served_model
from drumsmith.serving.server.models.model_registry import ModelRegistry, StartCancelled
from drumsmith.serving.server.models.served_model import ModelConfig, ServedModel
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.rpc_status import Refused
from drumsmith.serving.server.server import Server

from ...helpers.metric_lines import scrape
from ...helpers.predict_requests import good_request
from ...helpers.tiny_export import export_tiny

REFUSED = ":drumsmith:serving:refused_count"
COUNT = ":tensorflow:serving:request_count"


def _server(models, **options):
    return Server([ModelConfig("drums", models)], ServerOptions(port=0, metrics_port=0, **options))


def test_calls_without_the_token_are_counted(models, tmp_path):
    (tmp_path / "token").write_text("0123456789abcdef")
    with _server(models, token_file=tmp_path / "token") as server:
        with Client(f"127.0.0.1:{server.port}") as client, pytest.raises(AccessError):
            client.describe()
        numbers = scrape(server.metrics_port)
    labels = '{entrypoint="GRPC",status="UNAUTHENTICATED",reason="token"}'
    assert numbers[REFUSED + labels] == 1
    assert numbers[COUNT + '{model_name="",status="UNAUTHENTICATED"}'] == 1


def test_calls_beyond_the_places_are_counted(models):
    with _server(models, concurrency=0) as server:
        with Client(f"127.0.0.1:{server.port}") as client, pytest.raises(OverloadedError):
            client.describe()
        numbers = scrape(server.metrics_port)
    assert numbers[REFUSED + '{entrypoint="GRPC",status="RESOURCE_EXHAUSTED",reason="places"}'] == 1


def test_connections_are_told_beside_their_limit(models):
    with _server(models, connections=7) as server, Client(f"127.0.0.1:{server.port}") as client:
        client.describe()
        numbers = scrape(server.metrics_port)
    assert numbers[':drumsmith:serving:connections_open{entrypoint="GRPC"}'] >= 1
    assert numbers[':drumsmith:serving:connections_limit{entrypoint="GRPC"}'] == 7


def test_the_process_is_told(models):
    with _server(models) as server:
        numbers = scrape(server.metrics_port, "/metrics")
    assert numbers["process_resident_memory_bytes"] > 1e7
    assert numbers["process_cpu_seconds_total"] > 0
    assert 0 < numbers["process_open_fds"] < numbers["process_max_fds"]
    assert abs(time.time() - numbers["process_start_time_seconds"]) < 24 * 3600


def test_a_flood_of_refusals_is_no_flood_of_lines(caplog):
    refusals = Refusals(Metrics())
    with caplog.at_level(logging.WARNING, "drumsmith.serving"):
        for _ in range(1000):
            refusals.note(GRPC, "UNAUTHENTICATED", "token")
        refusals.note(GRPC, "RESOURCE_EXHAUSTED", "places")
    assert len(caplog.records) == 2


def _asking_for(sounds):
    request = good_request()
    request.inputs["z"].tensor_shape.dim[0].size = sounds
    return request


def test_admission_counts_sounds():
    admission = Admission(sounds=20)
    with contextlib.ExitStack() as stack:
        stack.enter_context(admission.hold(_asking_for(16)))
        with pytest.raises(Refused, match="5 sounds"), admission.hold(_asking_for(5)):
            pass
        stack.enter_context(admission.hold(_asking_for(4)))
    # A lone call is admitted whatever it asks for.
    with admission.hold(_asking_for(1000)):
        pass


def test_heavy_calls_are_refused_while_light_ones_fit(models):
    with (
        _server(models, sounds=40) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        inputs = {"seed": np.arange(32), "label": np.zeros(32, np.int32)}
        message = encode_predict_request(ModelSpec("drums", signature="seeded"), inputs)
        futures = [call.future(message, timeout=20) for _ in range(60)]
        codes = {future.code().name for future in futures}
        numbers = scrape(server.metrics_port)
    refused = numbers.get(
        REFUSED + '{entrypoint="GRPC",status="RESOURCE_EXHAUSTED",reason="sounds"}', 0
    )
    assert codes <= {"OK", "RESOURCE_EXHAUSTED"}
    assert (refused > 0) == ("RESOURCE_EXHAUSTED" in codes)


def test_a_failure_is_forgotten_with_its_cause(tmp_path):
    export_tiny(tmp_path)
    (tmp_path / "2").mkdir()
    model = ServedModel(ModelConfig("drums", tmp_path))
    model.load_first()
    assert model.states()[2].error_code
    shutil.rmtree(tmp_path / "2")
    model.poll()
    assert set(model.states()) == {1}
    model.close()


def test_a_failure_is_forgotten_when_a_newer_version_answers(tmp_path):
    version = export_tiny(tmp_path)
    (tmp_path / "2").mkdir()
    model = ServedModel(ModelConfig("drums", tmp_path))
    model.load_first()
    shutil.copytree(version, tmp_path / "3")
    model.poll()
    assert model.available == (3,)
    assert not any(state.error_code for state in model.states().values())
    model.close()


def test_a_version_that_fails_in_an_unforeseen_way_is_a_failure_too(tmp_path):
    export_tiny(tmp_path)
    broken = export_tiny(tmp_path)
    with tf.io.TFRecordWriter(str(broken / WARMUP_FILE)) as writer:
        writer.write(b"no PredictionLog")
    model = ServedModel(ModelConfig("drums", tmp_path))
    model.load_first()
    assert model.available == (1,)
    assert model.states()[2].error_code
    model.close()


def test_a_call_that_does_not_end_does_not_keep_the_server(models):
    server = Server([ModelConfig("drums", models)], ServerOptions(port=0))
    with server.registry.lease(good_request()):
        stopping = threading.Thread(target=server.stop, daemon=True)
        stopping.start()
        stopping.join(30)
        assert not stopping.is_alive()


def test_states_of_ended_versions_do_not_pile_up(tmp_path, monkeypatch):
    monkeypatch.setattr(served_model, "ENDED_KEPT", 2)
    version = export_tiny(tmp_path)
    model = ServedModel(ModelConfig("drums", tmp_path))
    for number in range(2, 6):
        model.poll()
        (tmp_path / str(number - 1)).rename(tmp_path / str(number))
    model.poll()
    model.poll()
    assert version.name not in map(str, model.states())
    assert len(model.states()) == 2 + 1
    model.close()


def _health(server, service):
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        status = check(health_pb2.HealthCheckRequest(service=service), timeout=10).status
    return health_pb2.HealthCheckResponse.ServingStatus.Name(status)


def test_a_model_that_fails_does_not_take_down_the_others(models, tmp_path):
    configs = [ModelConfig("drums", models), ModelConfig("toms", tmp_path / "none")]
    with Server(configs, ServerOptions(port=0, poll_s=0.05)) as server:
        states = {name: _health(server, name) for name in ("", "drums", "toms", "liveness")}
    assert states == {"": "SERVING", "drums": "SERVING", "toms": "NOT_SERVING"} | {
        "liveness": "SERVING"
    }


def test_a_model_that_was_missing_is_taken_up(models, tmp_path):
    configs = [ModelConfig("drums", models), ModelConfig("toms", tmp_path / "toms")]
    with Server(configs, ServerOptions(port=0, poll_s=0.05)) as server:
        shutil.copytree(models, tmp_path / "toms")
        deadline = time.monotonic() + 20
        while _health(server, "toms") != "SERVING":
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_start_that_nobody_wants_any_more_ends(models, tmp_path):
    configs = [ModelConfig("drums", models), ModelConfig("never", tmp_path)]
    registry = ModelRegistry(configs)
    with pytest.raises(StartCancelled):
        registry.start(lambda: bool(registry.models["drums"].states()))
    assert registry.models["drums"].available == ()
    assert registry.models["never"].states() == {}


STARTING = """
import sys, threading
import drumsmith.cli.serving.serve as serve
from drumsmith.cli.main import main
from drumsmith.serving.server.models import served_model

class Swallowing(served_model.ServedVersion):
    # As a callback of the C core does: what is raised in here is lost.
    def __init__(self, *args, **kwargs):
        print("loading", flush=True)
        try:
            sys.stdin.readline()
        except BaseException:
            pass
        super().__init__(*args, **kwargs)

served_model.ServedVersion = Swallowing
sys.exit(main(["serve", sys.argv[1], "--port", "0"]))
"""


def test_a_signal_during_the_start_is_not_lost(models):
    command = [sys.executable, "-c", STARTING, str(models)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate("\n", timeout=120)
    assert (process.returncode, output) == (0, ""), errors
    assert "stopped before the start was complete" in errors


def test_connections_are_renewed(models):
    with (
        _server(models, max_connection_age_s=0.2) as server,
        Client(f"127.0.0.1:{server.port}") as client,
    ):
        peers = set()
        deadline = time.monotonic() + 20
        while len(peers) < 2:
            assert time.monotonic() < deadline
            with contextlib.suppress(ClientError):
                client.describe()
            peers |= _peers(server.port)
            time.sleep(0.05)


def _peers(port):
    """Return the ports that are connected to one."""
    lines = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path("/proc/self/net", table).read_text().splitlines()[1:]
    ]
    ends = [(line[1].rpartition(":")[2], line[2].rpartition(":")[2]) for line in lines]
    return {int(theirs, 16) for ours, theirs in ends if int(ours, 16) == port and theirs != "0000"}
