"""The threads that answer calls."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

log = logging.getLogger("drumsmith.serving")


class CallPool:
    """A pool for `grpc.server`; knows how many calls it has taken and not yet answered.

    gRPC hands a call over at the moment it accepts it, so a call that still waits for a thread
    counts, too. Nobody asks for a call's result, so that a queue does where an executor makes a
    future with a lock of its own for every call.

    Args:
        workers: threads.
        name: of the threads.

    """

    def __init__(self, workers: int, name: str = "drumsmith-call"):
        self._waiting: queue.SimpleQueue[_PendingCall | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._open = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True)
            for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def open(self) -> int:
        """Return how many calls are taken and not yet answered."""
        return self._open

    def submit(self, function: Callable, *args: Any) -> "_PendingCall":
        """Take a call."""
        taken = _PendingCall(function, args, self._changed)
        with self._changed:
            self._open += 1
        self._waiting.put(taken)
        return taken

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until every call taken is answered; tell whether that happened in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, timeout_s)

    def shutdown(self, timeout_s: float) -> None:
        """End the threads once they have done what is waiting, and wait for them for a while.

        A call that never ends must not keep the process; a thread that is merely on its way out
        must not be cut off by the interpreter's end.
        """
        for _ in self._threads:
            self._waiting.put(None)
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while (taken := self._waiting.get()) is not None:
            try:
                taken.run()
            except BaseException:
                log.exception("a call was not answered")
            with self._changed:
                taken.done = True
                callbacks = taken.callbacks
                self._open -= 1
                if not self._open:
                    self._changed.notify_all()
            for callback in callbacks:
                callback(taken)
            # The next call may be long in coming; this one's request need not wait for it.
            del taken, callbacks


class _PendingCall:
    """A call that was taken: as much of a future as gRPC uses."""

    __slots__ = ("_args", "_function", "_lock", "callbacks", "done")

    def __init__(self, function: Callable, args: tuple, lock: threading.Condition):
        self._function, self._args, self._lock = function, args, lock
        self.callbacks: list[Callable] = []
        self.done = False

    def run(self) -> None:
        """Answer the call."""
        self._function(*self._args)

    def add_done_callback(self, callback: Callable) -> None:
        """Have ``callback(self)`` called when the call is answered, at once if it is."""
        with self._lock:
            if not self.done:
                self.callbacks.append(callback)
                return
        callback(self)
