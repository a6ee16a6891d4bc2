"""Ctrl-C and SIGTERM: a wish to stop after the step that runs, or at once when asked twice.

Python calls a signal's handler between two of its own instructions, and a step is one call of
TensorFlow that can take half a minute. Only the byte that the interpreter writes to a descriptor
(`signal.set_wakeup_fd`) comes at once, so a thread waits for it, answers, and ends the process
itself where the main thread does not come back from its step.
"""

import _thread
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    import tensorflow as tf

SIGNALS = (signal.SIGINT, signal.SIGTERM)

GRACE_S = 1.0
"""Time for the main thread to unwind after a second Ctrl-C, before the process ends without it."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

AFTER_THIS_STEP = (
    "stopping after this step, everything is saved; "
    "Ctrl-C again stops now and loses what came after the last checkpoint"
)
WHEN_WORKERS_AGREE = "stopping when all workers have heard of it, everything is saved"
NOW = "stopping now; the last checkpoint is kept"


class Interruption:
    """Whether Ctrl-C or SIGTERM has asked the run to stop.

    Args:
        strategy: of the run; matters where it has several workers.
        agree_every: steps after which workers ask each other.

    """

    def __init__(self, strategy: "tf.distribute.Strategy | None" = None, agree_every: int = 1):
        self.asked = False
        self._now = False
        self._several = strategy is not None and strategy.cluster_resolver is not None
        self._strategy = strategy
        self._agree_every = agree_every

    def agreed(self, step: int) -> bool:
        """Whether to stop after ``step``: on several workers, all at the same step.

        A worker that stops alone leaves the others waiting for it, so they ask each other, though
        not at every step.
        """
        if self._strategy is None or not self._several:
            return self.asked
        if step % self._agree_every:
            return False
        from ..strategies import any_worker

        self.asked = any_worker(self._strategy, self.asked)
        return self.asked

    @contextmanager
    def listening(self, say: Callable[[str], None]) -> Iterator[None]:
        """Answer signals while the block runs.

        Args:
            say: tells people; called from another thread.

        """
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are the main thread's
            return
        ours, interpreters = socket.socketpair()
        interpreters.setblocking(False)
        handlers = {number: signal.signal(number, self._handle) for number in SIGNALS}
        descriptor = signal.set_wakeup_fd(interpreters.fileno(), warn_on_full_buffer=False)
        answering = threading.Thread(target=self._answer, args=(ours, say), daemon=True)
        answering.start()
        try:
            yield
        finally:
            signal.set_wakeup_fd(descriptor)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            interpreters.close()  # which ends the thread
            answering.join()
            ours.close()

    def _handle(self, number, frame) -> None:
        self.asked = True
        if self._now:
            raise KeyboardInterrupt

    def _answer(self, numbers: socket.socket, say: Callable[[str], None]) -> None:
        told = False
        while received := numbers.recv(1):
            if received[0] not in SIGNALS:
                continue
            if not told:
                self.asked = told = True
                say(WHEN_WORKERS_AGREE if self._several else AFTER_THIS_STEP)
            elif received[0] == signal.SIGINT:
                self._now = True
                say(NOW)
                _thread.interrupt_main()
                return _exit_unless_closed(numbers)


def _exit_unless_closed(numbers: socket.socket) -> None:
    """End the process, unless the main thread ends the listening within the grace."""
    numbers.settimeout(GRACE_S)
    try:
        while numbers.recv(16):
            pass
    except TimeoutError:
        # Files appear by one rename, so nothing half-written is left under a name that is read.
        Console(stderr=True).show_cursor()
        sys.stderr.flush()
        os._exit(INTERRUPTED)
