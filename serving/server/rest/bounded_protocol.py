"""HTTP/1.1 for slow and hostile callers: uvicorn's protocol with bounds on connections."""

import asyncio
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from ..calls.refusals import REST, Refusals


@dataclass(frozen=True)
class Bounds:
    """What connections may cost.

    Args:
        connections: open at the same time; more are closed.
        request_s: seconds from a request's first byte, or from the connection's beginning, to the
            last byte of its answer; afterwards the connection is cut off.
        refusals: where to note what was cut off.

    """

    connections: int
    request_s: float
    refusals: Refusals


class BoundedProtocol(H11Protocol):
    """One connection.

    uvicorn bounds what a request's head may hold, but not its time: callers who send a byte now
    and then, or who never read their answer, would hold their connection for ever.
    """

    def __init__(self, *args: Any, bounds: Bounds, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._bounds = bounds
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to count the time, or hang up where there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self._bounds.connections:
            self._cut_off("UNAVAILABLE", "connections")
            return
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Count the time of the next request from its first byte on."""
        if self._deadline is None:
            self._arm()
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Stop counting once the answer is on its way to the network.

        A request that came in together with the one before is begun in here: it counts anew.
        """
        super().on_response_complete()
        self._disarm()
        if not self._settled():
            self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting."""
        self._disarm()
        super().connection_lost(exc)

    def _arm(self) -> None:
        self._deadline = self.loop.call_later(self._bounds.request_s, self._time_is_up)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _time_is_up(self) -> None:
        self._deadline = None
        if not self._settled():
            self._cut_off("DEADLINE_EXCEEDED", "deadline")

    def _settled(self) -> bool:
        """Tell whether the last request is answered and its answer has left."""
        answered = self.cycle is not None and self.cycle.response_complete
        return answered and not self.transport.get_write_buffer_size()

    def _cut_off(self, status: str, reason: str) -> None:
        self._bounds.refusals.note(REST, status, reason)
        self.transport.abort()
