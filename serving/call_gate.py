"""Where calls come in: accepted ones are counted until they are answered, late ones turned away."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from .bearer_token import BearerToken

QUIET_S = 0.1
"""Seconds without a new call after which a closing server takes its callers to be gone."""


class CallGate(grpc.GenericRpcHandler):
    """Leads calls to their methods; once closed, answers new ones with UNAVAILABLE.

    gRPC's own stop drops calls that have arrived but are not accepted yet; their callers see
    CANCELLED, which nobody retries. Here they are told to go elsewhere, which clients do.

    Args:
        methods: from a call's full name to what answers it, from bytes to bytes.
        token: what callers must show; None admits all.
    """

    def __init__(
        self,
        methods: Mapping[str, Callable[[bytes, grpc.ServicerContext], bytes]],
        token: BearerToken | None = None,
    ):
        self._token = token
        self._handlers = {
            name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()
        }
        self._closed = False
        self._last_refusal = 0.0
        # A pool of its own: a refusal must not wait behind the work.
        self._refusals = ThreadPoolExecutor(1, thread_name_prefix="drumsmith-refuse")
        self._going = self._refusing(grpc.StatusCode.UNAVAILABLE, "the server is shutting down")
        self._strange = self._refusing(
            grpc.StatusCode.UNAUTHENTICATED, "a valid bearer token is needed"
        )

    def service(self, handler_call_details: Any) -> grpc.RpcMethodHandler | None:
        """Return what answers a call; gRPC asks at the moment it accepts it."""
        handler = self._handlers.get(handler_call_details.method)
        if handler is None:
            return None
        if self._token and not self._token.admits(handler_call_details.invocation_metadata):
            return self._strange
        if self._closed:
            self._last_refusal = time.monotonic()
            return self._going
        return handler

    def _refusing(self, code: grpc.StatusCode, details: str) -> grpc.RpcMethodHandler:
        def refuse(request: bytes, context: grpc.ServicerContext) -> bytes:
            context.set_code(code)
            context.set_details(details)
            return b""

        refuse.experimental_thread_pool = self._refusals  # type: ignore[attr-defined]
        return grpc.unary_unary_rpc_method_handler(refuse)

    def close(self) -> None:
        """Accept no further call."""
        self._last_refusal = time.monotonic()
        self._closed = True

    def wait_quiet(self, timeout_s: float) -> None:
        """Wait until no call has come for a moment, so that none is on its way."""
        deadline = time.monotonic() + timeout_s
        while True:
            quiet_at = self._last_refusal + QUIET_S
            now = time.monotonic()
            if now >= min(quiet_at, deadline):
                return
            time.sleep(min(quiet_at, deadline) - now)
