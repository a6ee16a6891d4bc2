"""The embedded server: TF Serving's gRPC interface in one Python process."""

import errno
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from ...common.errors import UserError
from .calls.accounting import Accounting
from .calls.admission import Admission
from .calls.bearer_token import BearerToken
from .calls.call_gate import CallGate
from .calls.call_pool import CallPool
from .calls.metrics import Connections, Metrics
from .calls.open_connections import open_connections
from .calls.refusals import GRPC, REST, Refusals
from .models.model_registry import ModelRegistry
from .models.served_model import ModelConfig, State
from .options import ServerOptions
from .reflection import enable_reflection
from .rest.app import RestApp, RestOptions
from .rest.bounded_protocol import Bounds
from .rest.http_server import HttpServer
from .rest.monitoring import monitoring_app
from .rest.rest_calls import RestCalls
from .services import MODEL_SERVICE, PREDICTION_SERVICE, RELOAD, Services, methods
from .tls import is_loopback

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
WHOLE_SERVER = ""
LIVENESS = "liveness"
"""Health service that says SERVING as long as the process answers, whatever its models do."""

CUT_OFF_S = 2.0
"""Seconds in which calls that are cut off have to be gone."""

LONGEST_QUIET_S = 2.0
"""Seconds for which callers that do not take no for an answer are waited for at most."""


SPARE_CALLS = 8
"""Places for health checks and reflection beside the calls to models."""

SOUNDS_A_CALL = 16
"""Sounds that each accepted call may ask for on average; an export's largest batch."""

MONITORING_CONNECTIONS = 64
BODIES_TOGETHER = 4
"""Largest REST bodies that fit into the memory kept for all of them."""


class ServeError(UserError):
    """The server cannot start."""


class Server:
    """Serves models over gRPC, health and reflection included.

    Starting loads and warms the models up, then opens the port. A context manager.

    Args:
        configs: what to serve.
        options: how.
        cancelled: asked between models while they load; once it says so, the start ends.

    Attributes:
        port: the port taken.
        rest_port: the port of the REST interface; None without.
        metrics_port: the port of metrics and health; None without.
        registry: the models.

    Raises:
        ModelsError: no model has a version that loads.
        StartCancelled: see ``cancelled``.
        ServeError: the port is taken, or the address is not ours.

    Example:
        >>> with Server([ModelConfig("drums", Path("models"))], ServerOptions(port=0)) as server:
        ...     print(server.port)

    """

    def __init__(
        self,
        configs: Sequence[ModelConfig],
        options: ServerOptions | None = None,
        *,
        cancelled: Callable[[], bool] = lambda: False,
    ):
        self._options = options or ServerOptions()
        _require_safe(self._options)
        for port in (self._options.port, self._options.rest_port, self._options.metrics_port):
            if port is not None:
                _require_free(self._options.host, port)
        self._credentials = self._options.tls.credentials() if self._options.tls else None
        token, reload_token = (
            BearerToken(path) if path else None
            for path in (self._options.token_file, self._options.reload_token_file)
        )
        self.registry = ModelRegistry(
            configs, threads=self._options.threads, poll_s=self._options.poll_s
        )
        self._health = health.HealthServicer()
        self._stopped = False
        self._shown: set[str] = set()
        self._show_health()
        self.registry.on_change(self._show_health)
        self.registry.start(cancelled)
        self._pool = CallPool(self._options.workers or self._options.concurrency + SPARE_CALLS)
        self._metrics = Metrics()
        self._refusals = Refusals(self._metrics)
        services = Services(self.registry, Admission(_sounds(self._options)))
        accounting = Accounting(
            self._metrics, self._refusals, lambda name: name in self.registry.models
        )
        self._gate = CallGate(
            methods(services, accounting),
            self._pool.open,
            self._options.concurrency,
            self._refusals,
            token,
            {RELOAD: reload_token},
        )
        self._rest: HttpServer | None = None
        self._monitoring: HttpServer | None = None
        try:
            self._server = self._build()
            self.port = self._bind()
            if self._options.rest_port is not None:
                self._rest = self._build_rest(RestCalls(services, accounting), token)
            if self._options.metrics_port is not None:
                self._monitoring = self._build_monitoring()
        except BaseException:
            self.registry.close()
            raise
        self.rest_port = self._rest.port if self._rest else None
        self.metrics_port = self._monitoring.port if self._monitoring else None
        self._server.start()
        for http in (self._rest, self._monitoring):
            if http:
                http.start()

    def _build_rest(self, calls: RestCalls, token: BearerToken | None) -> HttpServer:
        options = self._options
        app = self._rest_app = RestApp(
            calls,
            self._refusals,
            self._metrics_text,
            RestOptions(
                concurrency=options.concurrency,
                max_body=options.max_message_bytes,
                bodies_together=BODIES_TOGETHER * options.max_message_bytes,
                body_s=options.request_s / 2,
                token=token,
                cors_origins=options.cors_origins,
            ),
        )
        return self._http(
            app.asgi,
            options.rest_port,
            options.connections,
            tls=options.tls.contexts() if options.tls else None,
        )

    def _build_monitoring(self) -> HttpServer:
        app = monitoring_app(self._metrics_text, self._ready)
        return self._http(app, self._options.metrics_port, MONITORING_CONNECTIONS)

    def _http(self, app: Any, port: int | None, connections: int, **more: Any) -> HttpServer:
        assert port is not None
        host, bounds = (
            self._options.host,
            Bounds(connections, self._options.request_s, self._refusals),
        )
        try:
            return HttpServer(app, host, port, bounds, **more)
        except OSError:
            raise _taken(host, port) from None

    def _metrics_text(self) -> str:
        connections = {}
        if (grpc_open := open_connections(self.port)) is not None:
            connections[GRPC] = Connections(grpc_open, self._options.connections)
        if self._rest:
            connections[REST] = self._rest.connections()
        return self._metrics.text(self._versions(), connections)

    def _ready(self) -> dict[str, bool]:
        """Return, of each model, whether it answers calls; none does once the server stops."""
        return {
            name: bool(model.available) and not self._stopped
            for name, model in self.registry.models.items()
        }

    def _versions(self) -> dict[str, dict[int, tuple[bool, bool]]]:
        """Return, of each model's versions, whether they are available and whether they failed."""
        return {
            name: {
                number: (state.state == State.AVAILABLE, state.error_code != 0)
                for number, state in model.states().items()
            }
            for name, model in self.registry.models.items()
        }

    def _build(self) -> grpc.Server:
        server = grpc.server(
            self._pool,
            # The gate refuses before; this is for a flood of health checks.
            maximum_concurrent_rpcs=self._options.concurrency + SPARE_CALLS,
            options=[
                *self._options.grpc_arguments(),
                # Two servers on one port would share its calls without a word.
                ("grpc.so_reuseport", 0),
            ],
        )
        server.add_generic_rpc_handlers([self._gate])
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        enable_reflection(server)
        return server

    def _bind(self) -> int:
        address = _address(self._options.host, self._options.port)
        try:
            if self._credentials is None:
                return self._server.add_insecure_port(address)
            return self._server.add_secure_port(address, self._credentials)
        except RuntimeError:
            raise _taken(self._options.host, self._options.port) from None

    def stop(self, grace_s: float = 0.0) -> bool:
        """Answer the calls that were accepted, turn new ones away, and unload the models.

        Health says NOT_SERVING from the first moment on.

        Args:
            grace_s: seconds after which calls still running are cut off.

        Returns:
            Whether nothing runs any more: what the runtime has begun it cannot break off.

        """
        if self._stopped:
            return True
        self._stopped = True
        deadline = time.monotonic() + grace_s
        self._health.enter_graceful_shutdown()
        self._gate.close()
        if self._rest:
            self._rest.close(grace_s)
            self._rest_app.close()
        self._pool.wait_idle(max(0.0, deadline - time.monotonic()))
        self._gate.wait_quiet(max(0.0, min(LONGEST_QUIET_S, deadline - time.monotonic())))
        left = max(0.0, deadline - time.monotonic())
        # Bounded, whatever a call does: whoever stops a server wants the process to end.
        self._server.stop(left).wait(left + CUT_OFF_S)
        self._pool.shutdown(timeout_s=1.0)
        if self._monitoring:
            self._monitoring.close(0.0)
        return self.registry.close(CUT_OFF_S)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *exception) -> None:
        self.stop(grace_s=5.0)

    def _show_health(self) -> None:
        """Set the health of each model, and of the server: whether any model can answer.

        One model of several that fails is its own affair: the others must not be taken out of
        service for it.
        """
        ready = self._ready()
        gone = dict.fromkeys(self._shown - set(ready), False)
        self._shown |= set(ready)
        anything = any(ready.values())
        services = dict.fromkeys((WHOLE_SERVER, PREDICTION_SERVICE, MODEL_SERVICE), anything)
        for name, good in {**gone, **ready, **services, LIVENESS: True}.items():
            self._health.set(name, SERVING if good else NOT_SERVING)


def _sounds(options: ServerOptions) -> int:
    places = SOUNDS_A_CALL * options.concurrency
    return max(1, places if options.sounds is None else options.sounds)


def _require_safe(options: ServerOptions) -> None:
    """Refuse to talk in the clear with other machines, unless told to.

    Raises:
        ServeError: the address is not the loopback, there is no TLS, and it was not allowed.
    """
    if options.tls is None and not options.allow_plaintext and not is_loopback(options.host):
        raise ServeError(
            f"{options.host} can be reached from other machines: give --tls-cert and --tls-key, "
            "or --allow-plaintext if something in front of the server encrypts"
        )


def _require_free(host: str, port: int) -> None:
    """Look at the port before the models are loaded, which takes longer.

    Raises:
        ServeError: it is taken, or the address is not this machine's.

    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # A port whose connections are only winding down is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise ServeError(f"port {port} needs more rights; choose one above 1023") from None
        except (OSError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                raise _taken(host, port) from None
            raise ServeError(f"cannot listen on {host}:{port}: {error}") from None


def _taken(host: str, port: int) -> ServeError:
    return ServeError(
        f"port {port} on {host} is taken; choose another with --port, or 0 for a free one"
    )


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
