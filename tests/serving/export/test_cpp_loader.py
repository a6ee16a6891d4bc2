"""Every signature in the loader that TF Serving uses, with requests of all sizes at once."""

import io
import threading
import wave

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.serving.export.batching import Batching
from drumsmith.serving.export.exporter import export_generator

from ...helpers.cpp_loader import CppModel
from ...helpers.tiny_export import DESCRIPTION, LABELS, random_z, tiny_frozen

BATCHES = (1, 3, 5, 16, 20, 33)
CALLS = 12


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    """An export that batches as exports do by default: up to 16, larger requests split."""
    folder = tmp_path_factory.mktemp("batched")
    return export_generator(tiny_frozen(), DESCRIPTION, folder, batching=Batching())


@pytest.fixture(scope="module")
def loaded(version):
    model = CppModel(version)
    yield model
    model.close()


@pytest.fixture(scope="module")
def eager(version):
    """The same export run eagerly, one request after the other."""
    return tf.saved_model.load(str(version)).signatures


def _inputs(signature, batch, seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, len(LABELS), batch).astype(np.int32)
    if signature == "describe":
        return {}
    if signature == "seeded":
        return {"seed": rng.integers(-(2**62), 2**62, batch), "label": label}
    if signature == "mix":
        weights = rng.random((batch, len(LABELS))).astype(np.float32)
        return {"z": random_z(batch, seed), "class_weights": weights}
    return {"z": random_z(batch, seed), "label": label}


def _samples(files):
    for content in np.ravel(files):
        with wave.open(io.BytesIO(content)) as file:
            yield np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(int)


def _assert_same(given, expected):
    assert set(given) == set(expected)
    for alias, tensor in expected.items():
        value = tensor.numpy()
        if alias == "wav_bytes":
            for ours, theirs in zip(_samples(given[alias]), _samples(value), strict=True):
                # One step of 16 bits is rounding.
                assert np.abs(ours - theirs).max() <= 1
        elif tensor.dtype == tf.string:
            np.testing.assert_array_equal(given[alias], value)
        else:
            np.testing.assert_allclose(given[alias], value, atol=1e-5)


@pytest.mark.parametrize("signature", ["serving_default", "wav", "seeded", "mix", "describe"])
def test_a_signature_gives_what_eager_gives_for_unequal_batches_at_once(loaded, eager, signature):
    requests = {
        batch: [_inputs(signature, batch, 100 * batch + n) for n in range(CALLS)]
        for batch in BATCHES
    }
    answers, errors = {}, []
    ready = threading.Barrier(len(BATCHES))

    def call(batch):
        try:
            ready.wait()
            answers[batch] = [loaded.run(i, signature=signature) for i in requests[batch]]
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=call, args=(batch,)) for batch in BATCHES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    for batch in BATCHES:
        for inputs, answer in zip(requests[batch], answers[batch], strict=True):
            _assert_same(answer, eager[signature](**{a: tf.constant(v) for a, v in inputs.items()}))


def test_signatures_share_the_queue_without_mixing_answers(loaded, eager):
    signatures = ["serving_default", "wav", "seeded", "mix"]
    requests = [(s, _inputs(s, batch, batch)) for s in signatures for batch in BATCHES]
    answers = [None] * len(requests)

    def call(number):
        signature, inputs = requests[number]
        answers[number] = loaded.run(inputs, signature=signature)

    threads = [threading.Thread(target=call, args=(n,)) for n in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for (signature, inputs), answer in zip(requests, answers, strict=True):
        _assert_same(answer, eager[signature](**{a: tf.constant(v) for a, v in inputs.items()}))
