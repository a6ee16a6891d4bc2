"""Where calls come in: each is led to its method or turned away at once."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc

from .bearer_token import BearerToken
from .refusals import GRPC, Refusals

QUIET_SLICES, SLICE_S, LATE_S = 10, 0.01, 0.03
"""A closing server takes its callers to be gone after so many slices without a new call. A slice
that took longer than the last of these says that the machine is starved, and does not count."""


class InlineExecutor(ThreadPoolExecutor):
    """Runs what it is given on the spot: a refusal must not wait behind the work.

    It takes 0.1 ms where a thread of its own would add two changes of threads, and those are what
    a server under five times its load cannot spare.
    """

    def __init__(self):
        super().__init__(max_workers=1)

    def submit(self, fn: Callable, /, *args: Any, **kwargs: Any) -> Future:
        """Run it."""
        future: Future = Future()
        fn(*args, **kwargs)
        future.set_result(None)
        return future


class CallGate(grpc.GenericRpcHandler):
    """Leads calls to their methods; beyond its places answers with RESOURCE_EXHAUSTED.

    gRPC's own limit would count health checks too: an overloaded server would be taken for a dead
    one and restarted. Once closed, the gate answers new calls with UNAVAILABLE.

    gRPC's own stop drops calls that have arrived but are not accepted yet; their callers see
    CANCELLED, which nobody retries. Here they are told to go elsewhere, which clients do.

    Args:
        methods: from a call's full name to what answers it, from bytes to bytes.
        open_calls: returns how many calls are being answered.
        places: calls that may be open at the same time.
        refusals: where to note the calls turned away.
        token: what callers must show; None admits all.
        guarded: calls that ask for a token of their own instead; None refuses everybody.
    """

    def __init__(
        self,
        methods: Mapping[str, Callable[[bytes, grpc.ServicerContext], bytes]],
        open_calls: Callable[[], int],
        places: int,
        refusals: Refusals,
        token: BearerToken | None = None,
        guarded: Mapping[str, BearerToken | None] | None = None,
    ):
        self._open_calls, self._places = open_calls, places
        self._refusals = refusals
        self._token = token
        self._guarded = dict(guarded or {})
        self._handlers = {
            name: grpc.unary_unary_rpc_method_handler(method) for name, method in methods.items()
        }
        self._closed = False
        self._last_refusal = 0.0
        self._at_once = InlineExecutor()
        self._full = self._refusing(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            f"the server is answering {places} calls already",
            "places",
        )
        self._closing = self._refusing(
            grpc.StatusCode.UNAVAILABLE, "the server is shutting down", "stopping"
        )
        self._no_token = self._refusing(
            grpc.StatusCode.UNAUTHENTICATED, "a valid bearer token is needed", "token"
        )
        self._off = self._refusing(
            grpc.StatusCode.PERMISSION_DENIED, "this call is turned off on this server", "off"
        )

    def service(self, handler_call_details: Any) -> grpc.RpcMethodHandler | None:
        """Return what answers a call; gRPC asks at the moment it accepts it."""
        handler = self._handlers.get(handler_call_details.method)
        if handler is None:
            return None
        guard = self._guarded.get(handler_call_details.method, self._token)
        if guard is None and handler_call_details.method in self._guarded:
            return self._off
        if guard and not guard.admits(handler_call_details.invocation_metadata):
            return self._no_token
        if self._closed:
            self._last_refusal = time.monotonic()
            return self._closing
        if self._open_calls() >= self._places:
            return self._full
        return handler

    def _refusing(self, code: grpc.StatusCode, details: str, reason: str) -> grpc.RpcMethodHandler:
        def refuse(requests: Any, context: grpc.ServicerContext) -> bytes:
            self._refusals.note(GRPC, code.name, reason)
            context.set_code(code)
            context.set_details(details)
            return b""

        refuse.experimental_thread_pool = self._at_once  # type: ignore[attr-defined]
        # As a stream, whose messages nobody reads: the request is not even taken in.
        return grpc.stream_unary_rpc_method_handler(refuse)

    def close(self) -> None:
        """Accept no further call."""
        self._last_refusal = time.monotonic()
        self._closed = True

    def wait_quiet(self, timeout_s: float) -> None:
        """Wait until no call has come for a moment, so that none is on its way.

        A starved machine is late with its calls as it is with this thread, so only a moment in
        which the thread itself was on time tells anything.
        """
        deadline = time.monotonic() + timeout_s
        quiet = 0
        while quiet < QUIET_SLICES and (began := time.monotonic()) < deadline:
            time.sleep(min(SLICE_S, deadline - began))
            on_time = time.monotonic() - began < LATE_S
            quiet = quiet + 1 if on_time and self._last_refusal < began else 0
