"""SIGTERM under load: a real process, and every single call accounted for."""

import collections
import ctypes
import os
import platform
import signal
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest

from drumsmith.serving.client.connection import PREDICT
from drumsmith.serving.client.wire import ModelSpec, decode_predict_response, encode_predict_request

from ...helpers.tiny_export import expected_audio, random_z

CLIENTS = 24
OWN_CONNECTION = [("grpc.use_local_subchannel_pool", 1)]


@pytest.fixture
def process(models):
    command = [sys.executable, "-m", "drumsmith.cli.main", "serve", str(models), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        yield running
        running.kill()


class Counting:
    """Callers that call on until they are turned away, and keep the end of every call."""

    def __init__(self, target):
        self.ends = collections.Counter()
        self.wrong = 0
        self.open_at_signal = []
        self._signalled = threading.Event()
        self._lock = threading.Lock()
        self._target = target
        self._threads = [threading.Thread(target=self._call, args=(n,)) for n in range(CLIENTS)]

    def _call(self, number):
        batch = number % 5 + 1
        z, label = random_z(batch, number), np.full(batch, number % 3, np.int32)
        right = expected_audio(z, label)
        message = encode_predict_request(ModelSpec("drums"), {"z": z, "label": label})
        with grpc.insecure_channel(self._target, OWN_CONNECTION) as channel:
            call = channel.unary_unary(PREDICT)
            while True:
                before = self._signalled.is_set()
                end = self._end_of(call, message, right)
                with self._lock:
                    self.ends[end] += 1
                    if self._signalled.is_set() and not before:
                        self.open_at_signal.append(end)
                if end != "OK":
                    return

    def _end_of(self, call, message, right):
        try:
            answer = call(message, timeout=20)
        except grpc.RpcError as error:
            return error.code().name
        audio = decode_predict_response(answer)[1]["audio"]
        self.wrong += int(np.abs(audio - right).max() > 1e-5)
        return "OK"

    def start(self):
        for thread in self._threads:
            thread.start()

    def signalled(self):
        self._signalled.set()

    def join(self):
        deadline = time.monotonic() + 30
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)


def test_every_call_ends_in_an_answer_or_may_go_elsewhere_whichever_thread_is_told(process):
    callers = Counting(process.stdout.readline().split()[-1])
    callers.start()
    deadline = time.monotonic() + 20
    while callers.ends["OK"] < 5 * CLIENTS:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    callers.signalled()
    _terminate(process)
    assert callers.join(), "a call hangs"
    assert process.wait(20) == 0
    assert callers.wrong == 0
    # None was cut off: one that was accepted is answered, one that was not is told to go elsewhere.
    assert set(callers.ends) == {"OK", "UNAVAILABLE"}
    assert callers.ends["UNAVAILABLE"] == CLIENTS
    assert "OK" in callers.open_at_signal


TGKILL = {"x86_64": 234, "aarch64": 131}.get(platform.machine())


def _terminate(process):
    """Send SIGTERM to another thread than the main one, as the system may, if we can choose it."""
    if TGKILL is None:
        process.send_signal(signal.SIGTERM)
        return
    other = next(int(t) for t in os.listdir(f"/proc/{process.pid}/task") if int(t) != process.pid)
    ctypes.CDLL(None).syscall(TGKILL, process.pid, other, int(signal.SIGTERM))
