"""How much work may be accepted at the same time, counted in sounds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from ..rpc_status import Refused

HEAVIEST = 256
"""Sounds that one call counts as at most; larger ones are the graph's to refuse."""


class Admission:
    """Admits calls while the sounds they ask for together fit.

    The number of calls says little about the wait: one may ask for a sound, another for 256. A
    call that comes to an idle server is admitted whatever it asks for.

    Args:
        sounds: that may be asked for at the same time.

    """

    def __init__(self, sounds: int):
        self._limit = sounds
        self._lock = threading.Lock()
        self._open = 0

    @contextmanager
    def hold(self, request: Any) -> Iterator[None]:
        """Hold a PredictRequest's share while the block runs.

        Raises:
            Refused: RESOURCE_EXHAUSTED, there is no room.

        """
        weight = _sounds(request)
        with self._lock:
            fits = not self._open or self._open + weight <= self._limit
            if fits:
                self._open += weight
        if not fits:
            raise Refused(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"{weight} sounds more than fit: the server takes {self._limit} at the same time",
                "sounds",
            )
        try:
            yield
        finally:
            with self._lock:
                self._open -= weight


def _sounds(request: Any) -> int:
    """Return how many sounds a request claims to want: the longest first dimension."""
    sizes = [
        tensor.tensor_shape.dim[0].size
        for tensor in request.inputs.values()
        if tensor.tensor_shape.dim
    ]
    return max(1, min(HEAVIEST, max(sizes, default=1)))
