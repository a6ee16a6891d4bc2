"""Ctrl-C while the main thread is inside one long call, as it is during a step."""

import signal
import subprocess
import sys

import pytest

from drumsmith.training.callbacks import interruption

# Minutes in one call that lets other threads run, as a step of TensorFlow does.
STEP = """
import hashlib, sys
from drumsmith.training.callbacks.interruption import Interruption

interruption = Interruption()
with interruption.listening(lambda line: print(line, flush=True)):
    print("ready", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)
"""


@pytest.fixture
def step():
    process = subprocess.Popen([sys.executable, "-c", STEP], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def test_the_first_ctrl_c_answers_during_the_step_and_the_second_ends_it(step):
    step.send_signal(signal.SIGINT)
    assert step.stdout.readline() == f"{interruption.AFTER_THIS_STEP}\n"
    assert step.poll() is None
    step.send_signal(signal.SIGINT)
    assert step.stdout.readline() == f"{interruption.NOW}\n"
    assert step.wait() == interruption.INTERRUPTED


def test_sigterm_is_answered_and_never_cuts_the_step_short(step):
    for _ in range(2):
        step.send_signal(signal.SIGTERM)
    assert step.stdout.readline() == f"{interruption.AFTER_THIS_STEP}\n"
    assert step.poll() is None


def test_a_second_ctrl_c_between_steps_unwinds(capsys):
    def interrupt_twice():
        with interruption.Interruption().listening(print):
            for _ in range(2):
                signal.raise_signal(signal.SIGINT)
            while True:
                pass

    with pytest.raises(KeyboardInterrupt):
        interrupt_twice()
    assert interruption.NOW in capsys.readouterr().out


def test_handlers_are_given_back():
    before = signal.getsignal(signal.SIGINT)
    with interruption.Interruption().listening(print):
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
