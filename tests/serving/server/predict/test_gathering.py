import threading
import time

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.serving.saved_model.session import SavedModelSession
from drumsmith.serving.server.predict.gathering import LARGEST, Gathering

from ....helpers.tiny_export import LATENT_DIM, expected_audio, random_z


class Slow:
    """A session that takes its time, and remembers what it ran."""

    def __init__(self, session, pause_s=0.15):
        self.signatures = session.signatures
        self.batches = []
        self._session, self._pause_s = session, pause_s

    def run(self, inputs, **options):
        self.batches.append(len(inputs["label"]))
        time.sleep(self._pause_s)
        return self._session.run(inputs, **options)


@pytest.fixture(scope="module")
def session(models):
    with SavedModelSession(models / "1") as opened:
        yield opened


def together(gathering, requests):
    """Run requests at once, the first a moment before the others; return answers or errors."""
    answers = [None] * len(requests)

    def call(number, inputs, options):
        try:
            answers[number] = gathering.run(inputs, signature="serving_default", **options)
        except tf.errors.OpError as error:
            answers[number] = error

    threads = [threading.Thread(target=call, args=(n, *r)) for n, r in enumerate(requests)]
    for thread in threads:
        thread.start()
        time.sleep(0.05 if thread is threads[0] else 0)
    for thread in threads:
        thread.join()
    return answers


def request(batch, seed, label=0, **options):
    return {"z": random_z(batch, seed), "label": np.full(batch, label, np.int32)}, options


def test_requests_that_wait_run_together_and_get_their_own_sounds(session):
    slow = Slow(session)
    requests = [request(batch, batch) for batch in (1, 2, 3, 5, 6)]
    answers = together(Gathering(slow, runs=1), requests)
    assert slow.batches == [1, LARGEST]
    for (inputs, _), answer in zip(requests, answers, strict=True):
        right = expected_audio(inputs["z"], inputs["label"])
        np.testing.assert_allclose(answer["audio"], right, atol=1e-5)


def test_a_refused_request_spoils_no_other(session):
    slow = Slow(session)
    requests = [request(1, 0), request(1, 1), request(2, 2, label=99), request(1, 3)]
    answers = together(Gathering(slow, runs=1), requests)
    assert "example 0 asks for 99" in str(answers[2])
    assert [len(answers[n]["audio"]) for n in (0, 1, 3)] == [1, 1, 1]


def test_a_deadline_that_passes_while_waiting_costs_no_run(session):
    slow = Slow(session)
    late = [request(1, seed, timeout_s=0.03) for seed in range(1, 9)]
    answers = together(Gathering(slow, runs=1), [request(1, 0), *late])
    assert [type(answer) for answer in answers[1:]] == [tf.errors.DeadlineExceededError] * 8
    assert slow.batches == [1]


def test_odd_requests_run_by_themselves(session):
    gathering = Gathering(session, runs=1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="z must have shape"):
        gathering.run(
            {"z": np.zeros((1, LATENT_DIM + 1), np.float32), "label": np.zeros(1, np.int32)},
            signature="serving_default",
        )
    assert len(gathering.run({}, signature="describe")["labels"]) == 3
    assert len(gathering.run(*request(40, 0)[:1], signature="wav")["wav_bytes"]) == 40


def test_many_callers_lose_nothing(session):
    gathering = Gathering(session)
    wrong = []

    def call(number):
        rng = np.random.default_rng(number)
        for _ in range(60):
            inputs, _ = request(int(rng.integers(1, 6)), int(rng.integers(1 << 30)))
            timeout_s = None if number % 2 else 5.0
            audio = gathering.run(inputs, signature="serving_default", timeout_s=timeout_s)["audio"]
            if np.abs(audio - expected_audio(inputs["z"], inputs["label"])).max() > 1e-5:
                wrong.append(number)

    threads = [threading.Thread(target=call, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)
