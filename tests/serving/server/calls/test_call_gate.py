"""When a closing server takes its callers to be gone."""

import time

import pytest

from drumsmith.serving.server.calls import call_gate
from drumsmith.serving.server.calls.call_gate import LATE_S, QUIET_SLICES, CallGate
from drumsmith.serving.server.calls.metrics import Metrics
from drumsmith.serving.server.calls.refusals import Refusals


@pytest.fixture
def gate():
    closed = CallGate({}, lambda: 0, 1, Refusals(Metrics()))
    closed.close()
    return closed


@pytest.fixture
def sleeps(monkeypatch):
    """Return how long the next sleeps are to take (0 s where nothing is said), and all sleeps."""
    planted, sleep, count = [], time.sleep, []

    def late(seconds):
        count.append(seconds)
        sleep(planted.pop(0) if planted else 0.0)

    monkeypatch.setattr(call_gate.time, "sleep", late)
    return planted, count


def test_quiet_is_a_moment_of_slices_without_a_call(gate, sleeps):
    gate.wait_quiet(60.0)
    assert len(sleeps[1]) == QUIET_SLICES


def test_a_slice_in_which_the_machine_was_starved_tells_nothing(gate, sleeps):
    """Three callers in fifty saw CANCELLED on such a machine: their calls were on their way."""
    planted, count = sleeps
    planted += [0.0, 0.0, 2 * LATE_S]
    gate.wait_quiet(60.0)
    assert len(count) == 3 + QUIET_SLICES


def test_callers_that_call_on_are_waited_for_until_the_limit(gate, monkeypatch):
    def called(_seconds):
        gate._last_refusal = time.monotonic()

    monkeypatch.setattr(call_gate.time, "sleep", called)
    began = time.monotonic()
    gate.wait_quiet(0.05)
    assert time.monotonic() - began >= 0.05
