"""An export with an encoder: it has a signature of its own, and shares the generator's weights."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.serving.export.check import ExportError
from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.saved_model.session import SavedModelSession
from drumsmith.serving.saved_model.signatures import AUDIO, CLASS_WEIGHTS, ENCODE, Z

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
