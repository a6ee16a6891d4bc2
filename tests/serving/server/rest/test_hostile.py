"""Slow and hostile HTTP: what one caller does must not be felt by the others."""

import contextlib
import http.client
import json
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

from ....helpers.metric_lines import scrape
from ....helpers.tiny_export import random_z

TOKEN = "0123456789abcdef"
PREDICT = "/v1/models/drums:predict"
REFUSED = ":drumsmith:serving:refused_count"
LIMIT = 4 * 2**20
ZEROS = bytes(LIMIT)


@pytest.fixture(scope="module")
def guarded(models, tmp_path_factory):
    """A server with a token, few connections and little patience."""
    token = tmp_path_factory.mktemp("hostile") / "token"
    token.write_text(TOKEN)
    options = ServerOptions(
        port=0,
        rest_port=0,
        metrics_port=0,
        connections=60,
        request_s=2.0,
        max_message_bytes=LIMIT,
        token_file=token,
    )
    with Server([ModelConfig("drums", models)], options) as server:
        yield server


def _open(server):
    return socket.create_connection(("127.0.0.1", server.rest_port), timeout=20)


def _head(length, token=TOKEN):
    shown = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\n{shown}Content-Length: {length}\r\n\r\n".encode()


def _status(connection):
    """Return the answer's status; None if the connection was closed without one."""
    try:
        line = connection.makefile("rb").readline()
    except ConnectionError:
        return None
    return int(line.split()[1]) if line else None


def test_a_body_is_not_read_before_the_token(guarded):
    with _open(guarded) as connection:
        # Nothing of the body is sent: the answer must come all the same.
        connection.sendall(_head(LIMIT, token="wrong"))
        assert _status(connection) == 401


def test_a_body_is_not_read_before_there_is_a_place(models):
    options = ServerOptions(port=0, rest_port=0, concurrency=0)
    with Server([ModelConfig("drums", models)], options) as server, _open(server) as connection:
        connection.sendall(_head(1000, token=None))
        assert _status(connection) == 429


def test_too_long_a_body_is_refused_by_its_head(guarded):
    with _open(guarded) as connection:
        connection.sendall(_head(LIMIT + 1))
        assert _status(connection) == 413


def test_a_body_of_unsaid_length_is_bounded_as_well(guarded):
    with _open(guarded) as connection:
        head = _head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        connection.sendall(head)
        chunk = b"100000\r\n" + bytes(2**20) + b"\r\n"
        answer: list = []
        reader = threading.Thread(target=lambda: answer.append(_status(connection)))
        reader.start()
        with contextlib.suppress(ConnectionError):
            for _ in range(6):
                connection.sendall(chunk)
        reader.join(20)
        assert answer == [413]


def test_bodies_are_bounded_all_together(guarded):
    before = _resident()
    connections = [_open(guarded) for _ in range(12)]
    for connection in connections:
        connection.sendall(_head(LIMIT))
    writers = [threading.Thread(target=_write, args=(c, LIMIT - 1)) for c in connections]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
    grown = _resident() - before
    statuses = [_status(connection) for connection in connections]
    for connection in connections:
        connection.close()
    # Four fit; what is beyond was told so, or closed while it was writing.
    assert grown < 10 * LIMIT
    assert {429, None} & set(statuses)
    numbers = scrape(guarded.metrics_port)
    assert numbers[REFUSED + '{entrypoint="REST",status="RESOURCE_EXHAUSTED",reason="bodies"}'] >= 1


def _write(connection, size):
    with contextlib.suppress(OSError):
        connection.sendall(memoryview(ZEROS)[:size])


def _resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("beginning", [b"", b"GET /v1/mod", _head(100) + b"{"])
def test_whoever_drips_is_cut_off(guarded, beginning):
    with _open(guarded) as connection:
        connection.sendall(beginning)
        answered = []
        reader = threading.Thread(target=lambda: answered.append(_status(connection)))
        reader.start()
        while reader.is_alive():
            try:
                connection.sendall(b" " if beginning else b"G")
            except OSError:
                break
            reader.join(0.2)
        reader.join(20)
    # 408 where a request can be told, otherwise nothing; never an answer.
    assert answered in ([408], [None], [400])


def test_drippers_do_not_shut_out_prometheus_nor_others(guarded):
    drippers = [_open(guarded) for _ in range(40)]
    for dripper in drippers:
        dripper.sendall(_head(1000) + b"{")
    assert scrape(guarded.metrics_port)
    assert scrape(guarded.rest_port)
    assert _predict(guarded) == 200
    for dripper in drippers:
        dripper.close()


def test_whoever_reads_no_answer_is_cut_off(guarded):
    key = REFUSED + '{entrypoint="REST",status="DEADLINE_EXCEEDED",reason="deadline"}'
    before = scrape(guarded.metrics_port).get(key, 0)
    with _open(guarded) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        body = json.dumps({"instances": [{"z": random_z(1)[0].tolist(), "label": 0}] * 200})
        # Answers of 1 MB each, more than the buffers between the two hold.
        connection.sendall(12 * (_head(len(body)) + body.encode()))
        deadline = time.monotonic() + 20
        while scrape(guarded.metrics_port).get(key, 0) == before:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_connections_beyond_the_limit_are_closed_and_counted(guarded):
    connections = [_open(guarded) for _ in range(70)]
    deadline = time.monotonic() + 20
    key = REFUSED + '{entrypoint="REST",status="UNAVAILABLE",reason="connections"}'
    while scrape(guarded.metrics_port).get(key, 0) < 10:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for connection in connections:
        connection.close()


def test_refusals_of_each_kind_are_counted(guarded):
    for head in (_head(5, token="wrong"), _head(LIMIT + 1)):
        with _open(guarded) as connection:
            connection.sendall(head)
            _status(connection)
    numbers = scrape(guarded.metrics_port)
    for status, reason in (("UNAUTHENTICATED", "token"), ("INVALID_ARGUMENT", "size")):
        labels = f'{{entrypoint="REST",status="{status}",reason="{reason}"}}'
        assert numbers[REFUSED + labels] >= 1


@pytest.mark.parametrize(
    "noise",
    [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"\xff\xfe" * 100 + b"\r\n\r\n"],
)
def test_noise_is_answered_or_closed(guarded, noise):
    with _open(guarded) as connection:
        connection.sendall(noise)
        assert _status(connection) in (400, 401, None)
    assert _predict(guarded) == 200


def test_an_endless_head_is_cut_off(guarded):
    with _open(guarded) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        # Ten times what the kernel's buffers hold: it can be sent only if somebody reads it.
        with pytest.raises(ConnectionError):
            connection.sendall(b"x: y\r\n" * 10_000_000)


def _predict(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.rest_port, timeout=20)
    body = json.dumps({"instances": [{"z": random_z(1)[0].tolist(), "label": 0}]})
    connection.request("POST", PREDICT, body, {"Authorization": f"Bearer {TOKEN}"})
    status = connection.getresponse().status
    connection.close()
    return status
