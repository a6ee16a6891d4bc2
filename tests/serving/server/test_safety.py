import http.client
import logging
import shutil
import ssl
import subprocess

import grpc
import numpy as np
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from drumsmith.cli.main import main
from drumsmith.common.errors import UserError
from drumsmith.serving.client.client import Client
from drumsmith.serving.client.errors import (
    AccessError,
    TlsError,
    TooLargeError,
    UnavailableError,
)
from drumsmith.serving.server.calls.bearer_token import BearerToken
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import ServeError, Server
from drumsmith.serving.server.tls import Tls, is_loopback

from ...helpers.predict_requests import good_request

TOKEN = "0123456789abcdef-secret"


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """A certificate authority, a server's pair and a client's pair."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates")
    folder = tmp_path_factory.mktemp("pki")
    _openssl(folder, "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
    for name in ("server", "client"):
        new = f"req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"
        _openssl(folder, new)
        sign = f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial"
        _openssl(folder, f"{sign} -out {name}.pem -extfile names")
    return folder


def _openssl(folder, command):
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


def _client_credentials(pki, with_pair):
    pair = ((pki / f"client.{end}").read_bytes() for end in ("key", "pem"))
    key, certificate = pair if with_pair else (None, None)
    return grpc.ssl_channel_credentials((pki / "ca.pem").read_bytes(), key, certificate)


def _serve(models, **options):
    return Server([ModelConfig("drums", models)], ServerOptions(port=0, **options))


@pytest.fixture(scope="module")
def tls_target(models, pki):
    with _serve(models, tls=Tls(pki / "server.pem", pki / "server.key")) as server:
        # Not localhost: where that is ::1 as well, nobody listens there, and gRPC tells of either.
        yield f"127.0.0.1:{server.port}"


def test_tls_encrypts(tls_target, pki):
    with Client(tls_target, credentials=_client_credentials(pki, False)) as client:
        assert client.describe()
    with Client(tls_target) as client, pytest.raises(UnavailableError):
        client.describe()


def test_a_server_that_is_not_trusted_is_told_apart(tls_target, pki):
    strange = grpc.ssl_channel_credentials((pki / "client.pem").read_bytes())
    with Client(tls_target, credentials=strange) as client, pytest.raises(TlsError):
        client.describe()


def test_a_server_without_tls_is_told_apart(target, pki):
    credentials = _client_credentials(pki, False)
    with Client(target, credentials=credentials) as client, pytest.raises(TlsError):
        client.describe()


def test_mutual_tls_demands_a_certificate(models, pki):
    tls = Tls(pki / "server.pem", pki / "server.key", pki / "ca.pem")
    with _serve(models, tls=tls) as server:
        target = f"127.0.0.1:{server.port}"
        with Client(target, credentials=_client_credentials(pki, True)) as client:
            assert client.describe()
        stranger = Client(target, credentials=_client_credentials(pki, False))
        with stranger as client, pytest.raises(UnavailableError):
            client.describe()


def test_a_renewed_certificate_is_taken_up(models, pki, tmp_path):
    for name in ("server.pem", "server.key"):
        shutil.copy(pki / name, tmp_path / name)
    with _serve(models, tls=Tls(tmp_path / "server.pem", tmp_path / "server.key")) as server:
        self_signed = "req -x509 -newkey rsa:2048 -nodes -keyout server.key -out server.pem"
        _openssl(
            tmp_path, f"{self_signed} -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        )
        renewed = grpc.ssl_channel_credentials((tmp_path / "server.pem").read_bytes())
        with Client(f"localhost:{server.port}", credentials=renewed) as client:
            assert client.describe()


def test_files_that_are_no_pair_are_named(models, pki, tmp_path):
    with pytest.raises(UserError, match=r"client\.key"):
        _serve(models, tls=Tls(pki / "server.pem", pki / "client.key"))
    with pytest.raises(UserError, match=r"cannot read .*none"):
        _serve(models, tls=Tls(tmp_path / "none", pki / "server.key"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_wider_needs_tls_or_a_word(models, host):
    with pytest.raises(ServeError, match="--allow-plaintext"):
        _serve(models, host=host)


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", True), ("127.1.2.3", True), ("10.0.0.1", False)]
)
def test_the_loopback_is_known(host, expected):
    assert is_loopback(host) is expected


@pytest.fixture
def token_file(tmp_path):
    return _write_token(tmp_path)


def _write_token(folder):
    (folder / "token").write_text(TOKEN + "\n")
    return folder / "token"


@pytest.fixture(scope="module")
def guarded(models, tmp_path_factory):
    """The address of a server that asks for the token."""
    with _serve(models, token_file=_write_token(tmp_path_factory.mktemp("token"))) as server:
        yield f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("shown", [None, "wrong", TOKEN + "x", ""])
def test_a_call_without_the_token_is_refused(guarded, shown):
    with Client(guarded, token=shown) as client, pytest.raises(AccessError):
        client.describe()
    with Client(guarded, token=TOKEN) as client:
        assert client.describe()


def test_a_replaced_token_is_read_again(token_file):
    token = BearerToken(token_file)
    token_file.write_text("another-token-of-some-length")
    assert token.admits([("authorization", "Bearer another-token-of-some-length")])
    assert not token.admits([("authorization", f"Bearer {TOKEN}")])


def test_a_vanished_token_file_keeps_the_token(token_file, caplog):
    token = BearerToken(token_file)
    token_file.unlink()
    with caplog.at_level(logging.ERROR):
        assert token.admits([("authorization", f"Bearer {TOKEN}")])
    assert "keeping the token before" in caplog.text


@pytest.mark.parametrize("content", [None, "", "short"])
def test_a_token_file_without_a_token_is_said_plainly(tmp_path, content):
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match="token in"):
        BearerToken(path)


def test_too_large_a_message_is_refused(models):
    inputs = {"seed": np.arange(100), "label": np.zeros(100, np.int32)}
    with (
        _serve(models, max_message_bytes=2000) as server,
        Client(f"127.0.0.1:{server.port}") as client,
        pytest.raises(TooLargeError),
    ):
        client.predict("seeded", inputs)


def test_too_many_calls_are_refused_at_once(models):
    with (
        _serve(models, concurrency=2, workers=2) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        message = good_request().SerializeToString()
        futures = [call.future(message, timeout=10) for _ in range(200)]
        codes = {future.code().name for future in futures}
    assert codes <= {"OK", "RESOURCE_EXHAUSTED"}
    assert "OK" in codes


def test_errors_name_no_path(models, channel):
    call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    request = good_request()
    request.inputs["z"].tensor_shape.dim[1].size = 4
    del request.inputs["z"].float_val[:]
    with pytest.raises(grpc.RpcError) as refusal:
        call(request.SerializeToString(), timeout=10)
    assert str(models) not in refusal.value.details()
    assert "node" not in refusal.value.details()
    assert "/" not in refusal.value.details()


def test_an_id_comes_back_and_the_log_holds_no_payload(target, caplog):
    with (
        caplog.at_level(logging.DEBUG, "drumsmith.serving"),
        grpc.insecure_channel(target) as channel,
    ):
        call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        message = good_request().SerializeToString()
        _, done = call.with_call(message, timeout=10, metadata=[("x-request-id", "song-7")])
        assert ("x-request-id", "song-7") in done.trailing_metadata()
        _, odd = call.with_call(message, timeout=10, metadata=[("x-request-id", "a b")])
        assert "a b" not in dict(odd.trailing_metadata()).values()
    line = next(r.getMessage() for r in caplog.records if "song-7" in r.getMessage())
    assert "method=Predict" in line
    assert "code=OK" in line
    assert "float_val" not in caplog.text


def test_tls_options_go_together(models, tmp_path, capsys):
    assert main(["serve", str(models), "--port", "0", "--tls-cert", str(tmp_path / "x")]) == 2
    assert "--tls-key" in capsys.readouterr().err


def test_health_is_told_while_calls_are_refused(models):
    with (
        _serve(models, concurrency=1) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        check = health_pb2_grpc.HealthStub(channel).Check
        message = good_request().SerializeToString()
        futures = [call.future(message, timeout=10) for _ in range(200)]
        answers = [check(health_pb2.HealthCheckRequest(), timeout=10).status for _ in range(5)]
        refused = [f for f in futures if f.code() == grpc.StatusCode.RESOURCE_EXHAUSTED]
    assert answers == [health_pb2.HealthCheckResponse.SERVING] * 5
    assert "answering 1 calls already" in refused[0].details()


def test_connections_are_limited(models):
    options = [("grpc.use_local_subchannel_pool", 1)]
    with _serve(models, connections=2) as server:
        target = f"127.0.0.1:{server.port}"
        channels = [grpc.insecure_channel(target, options) for _ in range(3)]
        message = good_request().SerializeToString()
        calls = [c.unary_unary("/tensorflow.serving.PredictionService/Predict") for c in channels]
        for call in calls[:2]:
            call(message, timeout=10)
        with pytest.raises(grpc.RpcError) as refusal:
            calls[2](message, timeout=10)
        assert refusal.value.code() == grpc.StatusCode.UNAVAILABLE
        # A place that is left is taken.
        channels[0].close()
        calls[2](message, timeout=10, wait_for_ready=True)
        for channel in channels:
            channel.close()


def _https(pki, port, with_pair=False, ca="ca.pem"):
    """Ask for the model's state as any HTTPS client does; return the server's certificate, too."""
    context = ssl.create_default_context(cafile=pki / ca)
    if with_pair:
        context.load_cert_chain(pki / "client.pem", pki / "client.key")
    connection = http.client.HTTPSConnection("localhost", port, timeout=20, context=context)
    try:
        connection.request("GET", "/v1/models/drums")
        certificate = connection.sock.getpeercert(binary_form=True)
        return connection.getresponse().status, certificate
    finally:
        connection.close()


def test_rest_is_encrypted_too(models, pki):
    with _serve(models, rest_port=0, tls=Tls(pki / "server.pem", pki / "server.key")) as server:
        assert _https(pki, server.rest_port)[0] == 200
        plain = http.client.HTTPConnection("localhost", server.rest_port, timeout=20)
        plain.request("GET", "/v1/models/drums")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            plain.getresponse()
        plain.close()


def test_mutual_tls_holds_for_rest_too(models, pki):
    tls = Tls(pki / "server.pem", pki / "server.key", pki / "ca.pem")
    with _serve(models, rest_port=0, tls=tls) as server:
        assert _https(pki, server.rest_port, with_pair=True)[0] == 200
        with pytest.raises((ssl.SSLError, ConnectionError)):
            _https(pki, server.rest_port)


def test_rest_takes_up_a_renewed_certificate(models, pki, tmp_path):
    for name in ("server.pem", "server.key", "ca.pem"):
        shutil.copy(pki / name, tmp_path / name)
    tls = Tls(tmp_path / "server.pem", tmp_path / "server.key")
    with _serve(models, rest_port=0, tls=tls) as server:
        _, before = _https(tmp_path, server.rest_port)
        (tmp_path / "server.key").write_text("half renewed")
        assert _https(tmp_path, server.rest_port)[1] == before
        renew = "req -x509 -newkey rsa:2048 -nodes -keyout server.key -out server.pem"
        _openssl(tmp_path, f"{renew} -subj /CN=localhost -addext subjectAltName=DNS:localhost")
        assert _https(tmp_path, server.rest_port, ca="server.pem")[1] != before


def test_rest_refuses_calls_beyond_its_places(models):
    with _serve(models, rest_port=0, concurrency=0) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.rest_port, timeout=20)
        connection.request("POST", "/v1/models/drums:predict", "{}")
        assert connection.getresponse().status == 429
        connection.close()
