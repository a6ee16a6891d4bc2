"""TF Serving's REST interface on a second port, and Prometheus' metrics beside it."""

import json
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from google.protobuf import json_format
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    regression_pb2,
)

from ..calls.accounting import Accounting, Call
from ..calls.bearer_token import BearerToken
from ..calls.call_log import REQUEST_ID, request_id
from ..rpc_status import RpcStatus, invalid
from ..services import Services
from .json_predict import ROWS, answer_text, error_text, fill_request, new_request, parse_body

log = logging.getLogger("drumsmith.serving")

METRICS_PATH = "/monitoring/prometheus/metrics"
TIMEOUT_S = 30.0
"""Of one call, as TF Serving's `--rest_api_timeout_in_ms`; a connection idle so long is closed."""

_MODEL = r"/v1/models/(?P<model>[^/:]+)"
_VERSION = r"(?:/versions/(?P<version>\d{1,18})|/labels/(?P<label>[^/:]+))?"
_PREDICT = re.compile(_MODEL + _VERSION + r":(?P<method>predict|classify|regress)", re.IGNORECASE)
_STATUS = re.compile(_MODEL + _VERSION + r"(?P<metadata>/metadata)?", re.IGNORECASE)

_HTTP_CODES = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}


class RestServer:
    """Answers HTTP in threads of its own until it is closed.

    Args:
        host: address to listen on.
        port: 0 takes a free one.
        services: what answers the calls.
        accounting: what counts them.
        metrics_text: returns the metrics.
        concurrency: calls answered at the same time; more are refused.
        connections: open at the same time, each with a thread; more are closed.
        max_body: bytes of a request.
        tls: returns the context of the server's identity for a new connection; plain text without.
        token: what callers must show; metrics are free, as health is.

    Attributes:
        port: the port taken.

    Raises:
        OSError: the port is taken, or the address is not ours.
    """

    def __init__(
        self,
        host: str,
        port: int,
        services: Services,
        accounting: Accounting,
        metrics_text: Callable[[], str],
        *,
        concurrency: int,
        connections: int,
        max_body: int,
        tls: Callable[[], ssl.SSLContext] | None = None,
        token: BearerToken | None = None,
    ):
        self.closing = False
        self.max_body = max_body
        self.token = token
        self.metrics_text = metrics_text
        self._services = services
        self._accounting = accounting
        self._http = _Http(host, port, self, concurrency, connections, tls)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.1}, name="drumsmith-rest"
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self, grace_s: float) -> None:
        """Take no more connections, finish the calls in flight, then close what is idle."""
        self.closing = True
        self._http.shutdown()
        self._thread.join()
        self._http.finish(grace_s)
        self._http.server_close()

    def get(self, path: str, call_id: str) -> tuple[int, str]:
        """Return HTTP status and JSON for a GET."""
        match = _STATUS.fullmatch(path)
        if match is None:
            return 404, error_text(invalid(f"Malformed request: GET {path[:200]}"))
        what = "GetModelMetadata" if match["metadata"] else "GetModelStatus"
        text = ""
        with self._accounting.call(what, "REST", call_id) as call:
            text = self._metadata(call, match) if match["metadata"] else self._status(call, match)
        return _ended(call, text)

    def post(self, path: str, body: bytes, call_id: str) -> tuple[int, str]:
        """Return HTTP status and JSON for a POST."""
        match = _PREDICT.fullmatch(path)
        if match is None:
            return 404, error_text(invalid(f"Malformed request: POST {path[:200]}"))
        text = ""
        with self._accounting.call(match["method"].capitalize(), "REST", call_id) as call:
            if match["method"].lower() == "predict":
                text = self._predict(call, match, body)
            else:
                self._other(call, match)
        return _ended(call, text)

    def _predict(self, call: Call, match: re.Match, body: bytes) -> str:
        content = parse_body(body)
        version = int(match["version"]) if match["version"] else None
        call.request = new_request(match["model"], version, match["label"] or "", content)
        fill_request(call.request, content, self._services.signature(call.request))
        call.response = self._services.predict(call.request, TIMEOUT_S)
        return answer_text(call.response.message(), by_rows=ROWS in content)

    def _other(self, call: Call, match: re.Match) -> None:
        classify = match["method"].lower() == "classify"
        kind = (
            classification_pb2.ClassificationRequest
            if classify
            else regression_pb2.RegressionRequest
        )
        call.request = _with_spec(kind(), match)
        (self._services.classify if classify else self._services.regress)(call.request, None)

    def _status(self, call: Call, match: re.Match) -> str:
        call.request = _with_spec(get_model_status_pb2.GetModelStatusRequest(), match)
        call.response = self._services.get_model_status(call.request, None)
        return _as_json(call.response)

    def _metadata(self, call: Call, match: re.Match) -> str:
        call.request = _with_spec(get_model_metadata_pb2.GetModelMetadataRequest(), match)
        call.request.metadata_field.append("signature_def")
        call.response = self._services.get_model_metadata(call.request, None)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        call.response.metadata["signature_def"].Unpack(signatures)
        spec, definitions = _as_json(call.response.model_spec), _as_json(signatures)
        return f'{{"model_spec": {spec}, "metadata": {{"signature_def": {definitions}}}}}'


class _Http(ThreadingHTTPServer):
    """The connections; each thread holds one, and there are only so many."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host, port, rest, concurrency, connections, tls):
        self.rest = rest
        self._tls = tls
        self._concurrency = concurrency
        self._places = threading.BoundedSemaphore(connections)
        self._changed = threading.Condition()
        self._connections: set[socket.socket] = set()
        self._busy = 0
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), _Handler)

    @contextmanager
    def busy(self):
        """Count a request as being answered; give whether there is a place for it."""
        with self._changed:
            self._busy += 1
            place = self._busy <= self._concurrency
        try:
            yield place
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def finish(self, grace_s: float) -> None:
        """Wait for the requests being answered, then hang up."""
        with self._changed:
            self._changed.wait_for(lambda: self._busy == 0, grace_s)
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request, client_address):
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address):
        with self._changed:
            self._connections.add(request)
        try:
            if self._tls is not None:
                # In the connection's own thread: a slow handshake must not hold up the others.
                request.settimeout(TIMEOUT_S)
                with self._tls().wrap_socket(request, server_side=True) as encrypted:
                    super().process_request_thread(encrypted, client_address)
            else:
                super().process_request_thread(request, client_address)
        except (OSError, ValueError):
            self.shutdown_request(request)
        finally:
            with self._changed:
                self._connections.discard(request)
            self._places.release()

    def handle_error(self, request, client_address):
        log.debug("a connection broke", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests, hands them on, writes answers."""

    protocol_version = "HTTP/1.1"
    server_version = "drumsmith"
    sys_version = ""
    timeout = TIMEOUT_S
    server: _Http

    def do_GET(self) -> None:
        if self.path == METRICS_PATH:
            text = self.server.rest.metrics_text()
            self._answer(200, text, "text/plain; version=0.0.4", "")
            return
        call_id = self._call_id()
        if self._admitted():
            with self.server.busy():
                code, text = self.server.rest.get(self.path, call_id)
                self._answer(code, text, "application/json", call_id)

    def do_POST(self) -> None:
        call_id = self._call_id()
        body = self._body()
        if body is not None and self._admitted():
            with self.server.busy() as place:
                if place:
                    code, text = self.server.rest.post(self.path, body, call_id)
                    self._answer(code, text, "application/json", call_id)
                else:
                    self._refuse(429, "the server is answering as many calls as it may")

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdecimal():
            self._refuse(411, "a Content-Length is needed")
            return None
        if int(length) > self.server.rest.max_body:
            self._refuse(413, f"the body is over {self.server.rest.max_body} bytes")
            return None
        return self.rfile.read(int(length))

    def _admitted(self) -> bool:
        token = self.server.rest.token
        shown = [("authorization", self.headers.get("Authorization", ""))]
        if token is not None and not token.admits(shown):
            self._refuse(401, "a valid bearer token is needed")
            return False
        return True

    def _refuse(self, code: int, message: str) -> None:
        # What is left of the body would be read as the next request.
        self.close_connection = True
        self._answer(code, json.dumps({"error": message}), "application/json", "")

    def _answer(self, code: int, text: str, kind: str, call_id: str) -> None:
        content = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if call_id:
            self.send_header(REQUEST_ID, call_id)
        if self.server.rest.closing or self.close_connection:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def _call_id(self) -> str:
        return request_id((key.lower(), value) for key, value in self.headers.items())

    def send_error(self, code, message=None, explain=None) -> None:
        self._refuse(code, message or self.responses.get(code, ("error",))[0])

    def log_message(self, format, *args) -> None:
        """Leave logging to `accounting`, which has one form for both interfaces."""


def _ended(call: Call, text: str) -> tuple[int, str]:
    if call.status is None:
        return 200, text
    return _HTTP_CODES.get(call.status.code, 500), error_text(call.status)


def _with_spec(request: Any, match: re.Match) -> Any:
    request.model_spec.name = match["model"]
    if match["version"]:
        request.model_spec.version.value = int(match["version"])
    elif match["label"]:
        request.model_spec.version_label = match["label"]
    return request


def _as_json(message: Any) -> str:
    options: dict[str, Any] = {"preserving_proto_field_name": True}
    try:
        return json_format.MessageToJson(message, including_default_value_fields=True, **options)
    except TypeError:
        # protobuf 5 has renamed it.
        return json_format.MessageToJson(
            message, always_print_fields_with_no_presence=True, **options
        )
    except json_format.Error as error:
        raise RpcStatus(grpc.StatusCode.INTERNAL, "metadata has no JSON form") from error
