import http.client

import pytest

from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server


@pytest.fixture(scope="module")
def server(models, tmp_path_factory):
    configs = [ModelConfig("drums", models), ModelConfig("toms", tmp_path_factory.mktemp("none"))]
    options = ServerOptions(
        port=0, rest_port=0, metrics_port=0, cors_origins=("https://a.example",)
    )
    with Server(configs, options) as running:
        yield running


def _ask(port, path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/readyz/drums", 200),
        ("/readyz/toms", 503),
        ("/readyz/bass", 404),
        ("/metrics", 200),
        ("/v1/models/drums", 404),
    ],
)
def test_health_is_told_over_http(server, path, status):
    assert _ask(server.metrics_port, path).status == status


def test_a_server_that_stops_is_live_but_not_ready(models):
    server = Server([ModelConfig("drums", models)], ServerOptions(port=0, metrics_port=0))
    server.stop(0)
    assert not any(server._ready().values())


PREFLIGHT = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}


def test_a_named_page_may_call(server):
    answer = _ask(server.rest_port, "/v1/models/drums", "OPTIONS", **PREFLIGHT)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"


def test_another_page_may_not(server):
    answer = _ask(server.rest_port, "/v1/models/drums", Origin="https://b.example")
    assert answer.headers["Access-Control-Allow-Origin"] is None


def test_no_page_may_call_unless_named(models):
    options = ServerOptions(port=0, rest_port=0)
    with Server([ModelConfig("drums", models)], options) as server:
        answer = _ask(server.rest_port, "/v1/models/drums", "OPTIONS", **PREFLIGHT)
    assert answer.status == 405
    assert answer.headers["Access-Control-Allow-Origin"] is None
