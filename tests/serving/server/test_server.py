import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from drumsmith.common.errors import UserError
from drumsmith.serving.client.client import Client
from drumsmith.serving.saved_model.versions import ModelsError
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import ServeError, Server

from ...helpers.predict_requests import good_request
from ...helpers.tiny_export import expected_audio, export_tiny, random_z

FAST = ServerOptions(port=0, workers=8, poll_s=0.05)

PAUSE_S = 0.005
"""Between two calls of a thread: without it what is waited for would wait for the calls."""


@pytest.mark.parametrize("service", ["", "drums", "tensorflow.serving.PredictionService"])
def test_health_is_serving(channel, service):
    check = health_pb2_grpc.HealthStub(channel).Check
    answer = check(health_pb2.HealthCheckRequest(service=service), timeout=10)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_lists_and_describes_the_services(channel):
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    symbol = "tensorflow.serving.PredictionService"
    requests = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol),
    ]
    listed, described = stub.ServerReflectionInfo(iter(requests), timeout=10)
    names = {service.name for service in listed.list_services_response.service}
    assert {symbol, "tensorflow.serving.ModelService", "grpc.health.v1.Health"} <= names
    assert described.file_descriptor_response.file_descriptor_proto


def test_no_models_is_said_plainly(tmp_path):
    with pytest.raises(ModelsError, match="holds no exported version"):
        Server([ModelConfig("drums", tmp_path / "none")], FAST)


def test_models_that_do_not_load_are_said_plainly(tmp_path):
    (tmp_path / "3").mkdir()
    with pytest.raises(ModelsError, match="version 3"):
        Server([ModelConfig("drums", tmp_path)], FAST)


def test_a_taken_port_is_said_plainly(models):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(ServeError, match=f"port {port} on 127.0.0.1 is taken"):
            Server([ModelConfig("drums", models)], ServerOptions(port=port))


def test_two_servers_do_not_share_a_port(server, models):
    with pytest.raises(ServeError, match="taken"):
        Server([ModelConfig("drums", models)], ServerOptions(port=server.port))


@pytest.mark.parametrize("host", ["203.0.113.1", "not a host"])
def test_an_address_that_is_not_ours_is_said_plainly(models, host):
    with pytest.raises(UserError, match="cannot listen"):
        Server(
            [ModelConfig("drums", models)], ServerOptions(host=host, port=0, allow_plaintext=True)
        )


def _until(condition, timeout_s=90):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


class _Callers:
    """Threads that call again and again, and keep every error."""

    def __init__(self, target, count=4):
        self.errors: list = []
        self.answers = 0
        self._target = target
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(count)]

    def _call(self):
        z = random_z(1)
        right = [expected_audio(z, [0], seed) for seed in range(3)]
        with Client(self._target) as client:
            while not self._stop.wait(PAUSE_S):
                try:
                    audio = client.from_z(z, [0])
                    assert min(np.abs(audio - r).max() for r in right) < 1e-5
                    self.answers += 1
                except Exception as error:
                    self.errors.append(error)
                    return

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self._stop.set()
        for thread in self._threads:
            thread.join()


def test_a_new_version_is_taken_up_without_a_dropped_call(tmp_path):
    models = tmp_path / "models"
    for seed in range(3):
        # Made before anybody calls, so that the calls last no longer than the versions' loading.
        export_tiny(tmp_path / "ready", seed)
    export_tiny(models, seed=0)
    with Server([ModelConfig("drums", models)], FAST) as server:
        model = server.registry.models["drums"]
        with _Callers(f"127.0.0.1:{server.port}") as callers:
            for seed, version in ((1, 2), (2, 3)):
                export_tiny(models, seed)
                _until(lambda version=version: model.available == (version,))
            before = callers.answers
            _until(lambda: callers.answers > before + 50)
    assert callers.errors == []


def test_a_broken_version_is_named_and_the_old_one_serves_on(tmp_path, caplog):
    export_tiny(tmp_path)
    with (
        caplog.at_level(logging.INFO, "drumsmith.serving"),
        Server([ModelConfig("drums", tmp_path)], FAST) as server,
        Client(f"127.0.0.1:{server.port}") as client,
    ):
        (tmp_path / "2").mkdir()
        (tmp_path / "2" / "saved_model.pb").write_bytes(b"broken")
        _until(lambda: len(client.status()) == 2)
        _until(lambda: client.status()[0].state == "END")
        assert client.status()[0].error_message
        assert client.describe()
        # Mended in place, it is taken up.
        shutil.copytree(tmp_path / "1", tmp_path / "2", dirs_exist_ok=True)
        _until(lambda: client.status()[0].state == "AVAILABLE")
    assert "drums version 2 does not load" in caplog.text


def test_removing_a_version_rolls_back(tmp_path):
    export_tiny(tmp_path, 0)
    export_tiny(tmp_path, 1)
    with Server([ModelConfig("drums", tmp_path)], FAST) as server:
        model = server.registry.models["drums"]
        assert model.available == (2,)
        shutil.rmtree(tmp_path / "2")
        _until(lambda: model.available == (1,))


def test_an_emptied_folder_does_not_stop_the_service(tmp_path):
    export_tiny(tmp_path)
    with Server([ModelConfig("drums", tmp_path)], FAST) as server:
        shutil.rmtree(tmp_path / "1")
        time.sleep(0.3)
        with Client(f"127.0.0.1:{server.port}") as client:
            assert client.describe()


def test_a_server_starts_on_the_newest_version_that_loads(tmp_path):
    export_tiny(tmp_path)
    (tmp_path / "2").mkdir()
    with Server([ModelConfig("drums", tmp_path)], FAST) as server:
        assert server.registry.models["drums"].available == (1,)


def test_a_failing_warm_up_fails_the_version(tmp_path):
    version = export_tiny(tmp_path)
    other = export_tiny(tmp_path)
    # The warm-up of a model with another width.
    from drumsmith.serving.export.warmup import write_warmup
    from drumsmith.serving.saved_model.description import Description

    write_warmup(Description(("kick",), 44100, 5, 256), None, other)
    with Server([ModelConfig("drums", tmp_path)], FAST) as server:
        model = server.registry.models["drums"]
        assert model.available == (int(version.name),)
        assert "warm-up" in model.states()[int(other.name)].error_message


def test_stopping_answers_every_accepted_call_and_turns_the_rest_away(models):
    # Room for all calls, so that only the stop can turn one away.
    options = ServerOptions(port=0, workers=8, concurrency=1000)
    server = Server([ModelConfig("drums", models)], options)
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
        call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        message = good_request().SerializeToString()
        futures = [call.future(message, timeout=10) for _ in range(300)]
        futures[20].result()
        server.stop(grace_s=10)
        answers = [future.code().name for future in futures]
    assert set(answers) <= {"OK", "UNAVAILABLE"}
    assert answers[:20] == ["OK"] * 20


def test_health_says_at_once_that_the_server_is_going(models):
    server = Server([ModelConfig("drums", models)], FAST)
    seen = []
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        reader = threading.Thread(target=lambda: seen.extend(_statuses(watch)))
        reader.start()
        _until(lambda: seen == ["SERVING"])
        server.stop(grace_s=1)
        reader.join(10)
    assert seen == ["SERVING", "NOT_SERVING"]


def _statuses(watch):
    try:
        for answer in watch:
            yield health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status)
    except grpc.RpcError:
        return


def test_stopping_twice_is_harmless(models):
    server = Server([ModelConfig("drums", models)], FAST)
    server.stop(1)
    server.stop(1)


def test_ctrl_c_ends_the_command_cleanly(models):
    command = [sys.executable, "-m", "drumsmith.cli.main", "serve", str(models), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        line = process.stdout.readline()
        assert line.startswith("serving drums version 1 on 127.0.0.1:"), process.stderr.read()
        target = line.split()[-1]
        try:
            with _Callers(target, count=2) as callers:
                _until(lambda: callers.answers > 20)
                process.send_signal(signal.SIGINT)
                output, errors = process.communicate(timeout=20)
        except BaseException:
            process.kill()
            raise
    assert process.returncode == 0
    assert output == ""
    assert "stopped" in errors
    assert "Traceback" not in errors
    # Calls made after the stop find nobody; no call that was accepted is lost or wrong.
    assert {type(error).__name__ for error in callers.errors} <= {"UnavailableError"}
