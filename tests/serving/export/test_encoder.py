"""An export with an encoder: it has a signature of its own, and shares the generator's weights."""

import asyncio
import http.client
import json

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.common.errors import UserError
from drumsmith.serving.client.async_client import AsyncClient
from drumsmith.serving.client.client import Client
from drumsmith.serving.client.errors import NotSupportedError
from drumsmith.serving.export.check import ExportError
from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.export.shared_constants import lift_constants
from drumsmith.serving.saved_model.local_model import LocalModel
from drumsmith.serving.saved_model.session import SavedModelSession
from drumsmith.serving.saved_model.signatures import AUDIO, CLASS_WEIGHTS, ENCODE, Z
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

from ...helpers.tiny_export import (
    DESCRIPTION,
    LATENT_DIM,
    LENGTH,
    SMALL_BATCHES,
    export_tiny,
    tiny_frozen,
)

# What `tiny_frozen` multiplies z with, the other way.
KERNEL = np.random.default_rng(0).normal(0, 0.1, (LATENT_DIM, LENGTH)).astype(np.float32)


def tiny_encoder(audio):
    return tf.matmul(audio, KERNEL, transpose_b=True), tf.nn.softmax(audio[:, :3])


def export(models, encoder):
    return export_generator(
        tiny_frozen(), DESCRIPTION, models, batching=SMALL_BATCHES, encoder=encoder
    )


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return export(tmp_path_factory.mktemp("models"), tiny_encoder)


def test_encode_answers_as_the_encoder_does(version):
    audio = np.random.default_rng(1).uniform(-1, 1, (3, LENGTH)).astype(np.float32)
    with SavedModelSession(version) as session:
        answer = session.run({AUDIO: audio}, signature=ENCODE)
    np.testing.assert_allclose(answer[Z], audio @ KERNEL.T, atol=1e-5)
    np.testing.assert_allclose(answer[CLASS_WEIGHTS].sum(axis=1), 1.0, atol=1e-6)


def test_encode_refuses_sounds_of_another_length_and_values_that_are_not_finite(version):
    with SavedModelSession(version) as session:
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"audio must have shape"):
            session.run({AUDIO: np.zeros((1, LENGTH - 1), np.float32)}, signature=ENCODE)
        with pytest.raises(tf.errors.InvalidArgumentError, match="audio must be finite"):
            session.run({AUDIO: np.full((1, LENGTH), np.nan, np.float32)}, signature=ENCODE)


def test_weights_that_both_have_are_stored_once(version):
    reader = tf.train.load_checkpoint(str(version / "variables" / "variables"))
    shapes = list(reader.get_variable_to_shape_map().values())
    assert shapes.count([LATENT_DIM, LENGTH]) == 1


def test_a_layer_that_is_used_twice_is_stored_once():
    def twice(z):
        return tf.matmul(z, KERNEL) + tf.matmul(z + 1.0, KERNEL)

    z = tf.TensorSpec([None, LATENT_DIM], tf.float32)
    lifted = lift_constants(tf.function(twice, input_signature=[z]).get_concrete_function())
    assert len(lifted.weights) == 1
    given = tf.ones((1, LATENT_DIM))
    np.testing.assert_allclose(
        lifted.function(given, *lifted.weights), twice(given), rtol=1e-5, atol=1e-6
    )


def test_an_export_without_an_encoder_has_no_such_signature(tmp_path):
    with SavedModelSession(export_tiny(tmp_path)) as session:
        assert ENCODE not in session.signatures


def test_an_encoder_that_answers_otherwise_when_exported_is_refused(tmp_path):
    traced = []

    def encoder(audio):
        z, class_weights = tiny_encoder(audio)
        traced.append(tf.executing_eagerly())
        return (z if traced[-1] else z + 1.0), class_weights

    with pytest.raises(ExportError, match="encode"):
        export(tmp_path, encoder)


def test_every_way_to_a_model_encodes(version):
    """In this process, over gRPC from both clients, and over REST."""
    models = version.parent
    audio = np.random.default_rng(2).uniform(-1, 1, (40, LENGTH)).astype(np.float32)
    with LocalModel(models) as model:
        expected = model.encode(audio)
    config = ModelConfig("drums", models)
    with Server([config], ServerOptions(port=0, rest_port=0)) as server:
        target = f"127.0.0.1:{server.port}"
        with Client(target) as client:
            found = client.encode(audio)
        rest = _encode_over_rest(server.rest_port, audio[:2])
        later = asyncio.run(_encode_later(target, audio))
    np.testing.assert_allclose(found.z, expected.z, atol=1e-5)
    np.testing.assert_allclose(later.class_weights, expected.class_weights, atol=1e-5)
    np.testing.assert_allclose(rest, expected.z[:2], atol=1e-4)


async def _encode_later(target, audio):
    async with AsyncClient(target) as client:
        return await client.encode(audio)


def _encode_over_rest(port, audio):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = json.dumps({"signature_name": "encode", "inputs": {"audio": audio.tolist()}})
    connection.request("POST", "/v1/models/drums:predict", body)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer["outputs"]["z"]


def test_a_model_without_an_encoder_says_so(tmp_path):
    export_tiny(tmp_path)
    sound = np.zeros((1, LENGTH), np.float32)
    with LocalModel(tmp_path) as model, pytest.raises(UserError, match="no encoder"):
        model.encode(sound)
    with Server([ModelConfig("drums", tmp_path)], ServerOptions(port=0)) as server:
        client = Client(f"127.0.0.1:{server.port}")
        with client, pytest.raises(NotSupportedError):
            client.encode(sound)
