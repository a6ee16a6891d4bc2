"""Calls that wait together run together: one run of the session for several requests.

The queue in the graph gathers what its threads compute, but each request still pays a run of its
own for checking, and waits where nobody can take it out again. Gathered before the session, a
request of one sound costs a third less of a processor at width 16, and one whose deadline passes
while it waits is never computed.
"""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...saved_model.quick_tensorflow import errors
from ...saved_model.session import SavedModelSession
from ...saved_model.signatures import OPTIONAL, SIGNATURES

LARGEST = 16
"""Sounds of one gathered run; more gain nothing, and keep the first waiting for the last."""

KNOWN = SIGNATURES.keys() | OPTIONAL.keys()

RUNS = 2
"""Runs at the same time, so that one core is busy while another run is handed over."""


class Gathering:
    """A session whose waiting calls are run together; safe to call from several threads.

    There is no thread of its own: the caller that finds a run free becomes the leader, runs
    whatever waits for the same signature along with its own request, and names the next leader
    when it is done. A request that is refused spoils no other: those gathered with it are run
    again, one by one.

    Args:
        session: closed by whoever made it.
        runs: at the same time; as many as there are cores, up to `RUNS`, by default.

    """

    def __init__(self, session: SavedModelSession, runs: int | None = None):
        self._session = session
        self.signatures = session.signatures
        self._rows = {
            name: rows
            for name, signature in session.signatures.items()
            if name in KNOWN and (rows := _rows(signature)) is not None
        }
        self._lock = threading.Lock()
        self._waiting: list[_Request] = []
        self._free = runs or min(RUNS, len(os.sched_getaffinity(0)))

    def run(
        self,
        inputs: Mapping[str, Any],
        *,
        signature: str,
        outputs: Sequence[str] | None = None,
        timeout_s: float | None = None,
    ) -> Mapping[str, np.ndarray]:
        """Run a signature, as `SavedModelSession.run` does."""
        count = self._count(signature, inputs)
        request = _Request(self._session, signature, outputs, inputs, count, timeout_s)
        if not 0 < count < LARGEST:
            return request.alone()
        with self._lock:
            leads = self._free > 0
            if leads:
                self._free -= 1
            else:
                self._waiting.append(request)
        if leads or self._waited(request):
            self._lead(request)
        return request.answer()

    def _count(self, signature: str, inputs: Mapping[str, Any]) -> int:
        """Return the number of examples; 0 where the request is not as callers are promised."""
        rows = self._rows.get(signature)
        if rows is None:
            return 0
        counts = {len(v) if v.shape[1:] == rows[a] and v.ndim else 0 for a, v in inputs.items()}
        return counts.pop() if len(counts) == 1 else 0

    def _waited(self, request: "_Request") -> bool:
        """Wait for the request's turn; tell whether it leads, and not whether it is answered."""
        if request.wait():
            return request.leads
        with self._lock:
            if request in self._waiting:
                self._waiting.remove(request)
                request.error = _too_late()
            elif not request.leads and request.outputs is None and request.error is None:
                # It is being computed with others, who still want it.
                request.error = _too_late()
            return request.leads

    def _lead(self, request: "_Request") -> None:
        group = [request, *self._companions(request)]
        try:
            _run(group)
        finally:
            self._name_next()
            for other in group[1:]:
                other.signal()

    def _companions(self, request: "_Request") -> list["_Request"]:
        """Take the waiting requests that run along with one."""
        room, chosen, rest = LARGEST - request.count, [], []
        with self._lock:
            for other in self._waiting:
                if other.kind == request.kind and other.count <= room:
                    room -= other.count
                    chosen.append(other)
                else:
                    rest.append(other)
            self._waiting = rest
        return chosen

    def _name_next(self) -> None:
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            leader = self._waiting.pop(0)
            leader.leads = True
            leader.signal()


class _Request:
    """One call's request, and later its answer or what went wrong."""

    def __init__(self, session, signature, wanted, inputs, count, timeout_s):
        self.kind = (signature, tuple(wanted or ()))
        self.inputs = inputs
        self.count = count
        self.outputs: Mapping[str, np.ndarray] | None = None
        self.error: Exception | None = None
        self.leads = False
        self.session = session
        self._deadline = None if timeout_s is None else time.monotonic() + timeout_s
        self._turn = threading.Lock()
        self._turn.acquire()

    def time_left(self) -> float | None:
        """Return seconds; None without a deadline."""
        return None if self._deadline is None else self._deadline - time.monotonic()

    def wait(self) -> bool:
        """Wait for `signal`; tell whether it came in time."""
        left = self.time_left()
        return self._turn.acquire(timeout=-1 if left is None else max(0.0, left))

    def signal(self) -> None:
        """Wake up whoever waits; called once."""
        self._turn.release()

    def alone(self, inputs=None, timeout_s: float | None = None) -> Mapping[str, np.ndarray]:
        """Run by itself; or, with other inputs, for several."""
        signature, wanted = self.kind
        if inputs is None:
            inputs, timeout_s = self.inputs, self.time_left()
            if timeout_s is not None and timeout_s <= 0:
                raise _too_late()
        return self.session.run(inputs, signature=signature, outputs=wanted, timeout_s=timeout_s)

    def answer(self) -> Mapping[str, np.ndarray]:
        """Return the outputs, or raise what went wrong."""
        if self.error is not None:
            raise self.error
        assert self.outputs is not None
        return self.outputs


def _run(group: list[_Request]) -> None:
    """Run requests of one kind, together if that goes well."""
    in_time = [request for request in group if (request.time_left() or 1.0) > 0]
    for request in set(group) - set(in_time):
        request.error = _too_late()
    if len(in_time) > 1:
        try:
            return _run_together(in_time)
        except errors.InvalidArgumentError:
            # One of them is refused: which one, and in which words, it learns by itself.
            pass
        except Exception as error:
            for request in in_time:
                request.error = error
            return None
    for request in in_time:
        try:
            request.outputs = request.alone()
        except Exception as error:
            request.error = error
    return None


def _run_together(group: list[_Request]) -> None:
    inputs = {a: np.concatenate([r.inputs[a] for r in group]) for a in group[0].inputs}
    left = [request.time_left() for request in group]
    # As long as anybody waits for it.
    known = [seconds for seconds in left if seconds is not None]
    timeout_s = max(known) if len(known) == len(left) else None
    outputs = group[0].alone(inputs, timeout_s)
    start = 0
    for request in group:
        end = start + request.count
        request.outputs = {alias: value[start:end] for alias, value in outputs.items()}
        start = end


def _rows(signature: Any) -> dict[str, tuple[int, ...]] | None:
    """Return the shape of an example of each input; None if not all is in rows."""
    tensors = [*signature.inputs.values(), *signature.outputs.values()]
    shapes = [[dim.size for dim in tensor.tensor_shape.dim] for tensor in tensors]
    if not signature.inputs or any(shape[:1] != [-1] for shape in shapes):
        return None
    return {
        alias: tuple(dim.size for dim in tensor.tensor_shape.dim[1:])
        for alias, tensor in signature.inputs.items()
    }


def _too_late() -> Exception:
    return errors.DeadlineExceededError(None, None, "Timed out waiting for notification")
