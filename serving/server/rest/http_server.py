"""An ASGI application on a port of its own, in a thread of its own: uvicorn, with bounds."""

import asyncio
import functools
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import uvicorn

from ..calls.metrics import Connections
from .bounded_protocol import BoundedProtocol, Bounds

STOP_WITHIN_S = 5.0
"""Seconds in which connections that are cut off have to be gone."""

KEEP_ALIVE_S = 30
"""Seconds after which a connection without a request is closed."""


class HttpServer:
    """Answers HTTP from `start` to `close`.

    Args:
        app: the ASGI application.
        host: address to listen on.
        port: 0 takes a free one.
        bounds: of connections and of their time.
        tls: returns the context of the server's identity for a new connection; plain text without.
        name: of the thread.

    Attributes:
        port: the port taken.

    Raises:
        OSError: the port is taken, or the address is not ours.

    """

    def __init__(
        self,
        app: Any,
        host: str,
        port: int,
        bounds: Bounds,
        *,
        tls: Callable[[], ssl.SSLContext] | None = None,
        name: str = "drumsmith-rest",
    ):
        self._limit = bounds.connections
        self._socket = _listening(host, port)
        self.port = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=functools.partial(BoundedProtocol, bounds=bounds),  # type: ignore[arg-type]
            ws="none",
            lifespan="off",
            log_config=None,
            # A caller's mistakes are no errors of ours, and there may be many.
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
        )
        config.load()
        config.ssl = _following(tls) if tls else None
        self._config = config
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def connections(self) -> Connections:
        """Return how many connections are open, and how many may be."""
        return Connections(len(self._server.server_state.connections), self._limit)

    def close(self, grace_s: float) -> None:
        """Take no more connections, finish the requests in flight, then close what is left."""
        if not self._thread.is_alive():
            self._socket.close()
            return
        self._config.timeout_graceful_shutdown = grace_s  # type: ignore[assignment]
        self._server.should_exit = True
        self._thread.join(grace_s + STOP_WITHIN_S)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        # What a broken connection raises is the caller's affair.
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        await self._server.serve([self._socket])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        # A port whose connections are only winding down is free.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        # So that a second server is told that the port is taken.
        listening.listen(128)
    except BaseException:
        listening.close()
        raise
    return listening


def _following(current: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return a context that takes up a renewed identity at each handshake."""
    context = current()

    def renew(connection: ssl.SSLObject, name: str | None, first: ssl.SSLContext) -> None:
        connection.context = current()

    context.sni_callback = renew  # type: ignore[assignment]
    return context
