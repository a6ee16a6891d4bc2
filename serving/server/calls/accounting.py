"""What is done around every call, however it came in: errors become statuses, and it is counted."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc

from ..rpc_status import Refused, RpcStatus
from .call_log import log_call
from .metrics import Metrics
from .refusals import Refusals

log = logging.getLogger("drumsmith.serving")


@dataclass
class Call:
    """One call; whoever handles it fills in request and response.

    Attributes:
        request: the message, None if it could not be read.
        response: the answer, None if it failed.
        status: why it failed; None if it went well.
    """

    request: Any = None
    response: Any = None
    status: RpcStatus | None = None

    @property
    def code(self) -> grpc.StatusCode:
        """The call's gRPC status."""
        return self.status.code if self.status else grpc.StatusCode.OK


class Accounting:
    """Counts and logs calls.

    Args:
        metrics: where to count.
        refusals: where to note calls that were turned away.
        is_served: tells whether a model of that name is served.
    """

    def __init__(self, metrics: Metrics, refusals: Refusals, is_served: Callable[[str], bool]):
        self._metrics = metrics
        self._refusals = refusals
        self._is_served = is_served

    @contextmanager
    def call(self, api: str, entrypoint: str, call_id: str) -> Iterator[Call]:
        """Run a block that answers a call; what it raises becomes the call's status.

        Args:
            api: the method's name.
            entrypoint: GRPC or REST.
            call_id: for the log.
        """
        call = Call()
        start = time.monotonic()
        self._metrics.begin()
        try:
            yield call
        except RpcStatus as status:
            call.status = status
        except Exception:
            # The words of an unforeseen error may tell of paths and hosts: they are for the log.
            log.exception("%s failed, id %s", api, call_id)
            call.status = RpcStatus(grpc.StatusCode.INTERNAL, "internal error")
        finally:
            self._count(call, api, entrypoint, call_id, time.monotonic() - start)

    def _count(self, call: Call, api: str, entrypoint: str, call_id: str, took_s: float) -> None:
        spec = getattr(call.request, "model_spec", None)
        model = spec.name if spec and self._is_served(spec.name) else ""
        if isinstance(call.status, Refused):
            self._refusals.note(entrypoint, call.code.name, call.status.reason, ended=True)
        sounds = 0 if call.status else getattr(call.response, "sounds", 0)
        self._metrics.end(model, api, entrypoint, call.code.name, 1e6 * took_s, sounds)
        message = call.status.message if call.status else ""
        log_call(call_id, api, call.request, call.code.name, message, 1e3 * took_s)
