"""Lets a program end while its pipelines still read.

TensorFlow's threads enter Python to read records. One that asks for the interpreter while it is
being taken down waits for ever, and TensorFlow waits for that thread. So the pipelines stop first:
each looks, before it enters Python, at a variable that TensorFlow itself can read, and when the
program ends that is turned off and the calls under way are waited for.
"""

import atexit
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import tensorflow as tf

QUIET_S = 0.05
"""How long no call may have come before it is believed that none will."""

PATIENCE_S = 5.0
"""How long calls under way are waited for at most."""


class _Calls:
    """Counts calls into Python, under way and ever."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active = 0
        self._ever = 0

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self._active += 1
            self._ever += 1
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1

    def wait_until_quiet(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        seen, since = -1, time.monotonic()
        while time.monotonic() < deadline:
            if self._active or self._ever != seen:
                seen, since = self._ever, time.monotonic()
            elif time.monotonic() - since > QUIET_S:
                return
            time.sleep(0.005)


_calls = _Calls()


@cache
def _going_on() -> tf.Variable:
    with tf.init_scope(), tf.device("CPU:0"):
        variable = tf.Variable(True, trainable=False, name="pipelines_going_on")

    def end() -> None:
        variable.assign(False)
        _calls.wait_until_quiet()

    atexit.register(end)
    return variable


def until_the_program_ends(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """End ``dataset`` when the program does; put it before the step that enters Python."""
    going_on = _going_on()
    ending = dataset.take_while(lambda _: going_on.read_value())
    # Nobody reads any more when it does end. Told that it may, tf.distribute would prepare for a
    # last, smaller batch, and several workers would ask each other at every step.
    return ending.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))


def counted():
    """Context of a call from a pipeline into Python."""
    return _calls.counted()
