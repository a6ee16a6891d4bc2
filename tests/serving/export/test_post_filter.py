"""The filter takes steady tones out and leaves sounds alone."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.evaluation.metrics.artefacts import image_heights_db, spectra
from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.export.post_filter import with_post_filter

from ...helpers.cpp_loader import CppModel
from ...helpers.tiny_export import DESCRIPTION, LATENT_DIM

LENGTH = 8192
LABELS = tf.eye(3)
HUMMING = dataclasses.replace(DESCRIPTION, length=LENGTH)


def humming(height):
    """Noise that decays and differs by z; class 1 also hums at an eighth of the sample rate."""
    decay = np.exp(-np.arange(LENGTH) / 2000).astype(np.float32)
    noise = np.random.default_rng(0).standard_normal((LATENT_DIM, LENGTH)).astype(np.float32)
    hum = (height * np.sin(np.arange(LENGTH) * np.pi / 4)).astype(np.float32)

    def generate(z, class_weights):
        return 0.03 * decay * (tf.matmul(z, noise) + class_weights[:, 1:2] * hum)

    return generate


def sounds(frozen, number, count=128):
    z = np.random.default_rng(9).standard_normal((count, LATENT_DIM)).astype(np.float32)
    return frozen(z, tf.gather(LABELS, [number] * count)).numpy()


@pytest.fixture(scope="module")
def plain():
    return humming(2.0)


@pytest.fixture(scope="module")
def filtered(plain):
    return with_post_filter(plain, HUMMING)


def test_a_hum_is_brought_down_to_its_neighbourhood(plain, filtered):
    before = image_heights_db(spectra(sounds(plain, 1)))["sr/8"]
    after = image_heights_db(spectra(sounds(filtered, 1)))["sr/8"]
    assert before > 12
    assert abs(after) < 2


def test_a_class_without_a_hum_stays_as_it_is_but_for_its_ends(plain, filtered):
    before, after = sounds(plain, 0)[:, 22:-882], sounds(filtered, 0)[:, 22:-882]
    assert np.sum((after - before) ** 2) < 0.01 * np.sum(before**2)


def test_filtered_sounds_start_and_end_at_0(filtered):
    assert np.all(sounds(filtered, 1)[:, [0, -1]] == 0)


def test_the_ends_are_faded_as_the_records_were():
    ringing = lambda z, weights: 0.5 + 0.0 * tf.matmul(z, tf.ones((LATENT_DIM, LENGTH)))  # noqa: E731
    prepared = {"fade_in_ms": 10.0, "fade_out_ms": 50.0, "split_seed": 3, "length": LENGTH}
    for preparation, faded in (({}, 882), (prepared, 2205)):
        description = dataclasses.replace(HUMMING, preparation=preparation)
        (sound,) = sounds(with_post_filter(ringing, description), 0, count=1)
        np.testing.assert_allclose(sound[-faded // 2], 0.25, atol=0.01)


def test_the_hum_is_measured_on_z_of_the_models_own_prior():
    heard = []

    def listening(z, class_weights):
        tf.py_function(lambda value: heard.append(value.numpy()), [z], [])
        return tf.zeros((1, LENGTH)) + 0.1 * z[:, :1]

    with_post_filter(listening, dataclasses.replace(HUMMING, latent_prior="uniform"))
    assert 0.98 < np.abs(np.concatenate(heard)).max() <= 1


def test_an_attack_stays_where_it_is(plain, filtered):
    before, after = sounds(plain, 1), sounds(filtered, 1)
    pairs = zip(before[:8], after[:8], strict=True)
    lag = [np.argmax(np.correlate(old, new, "same")) - LENGTH // 2 for old, new in pairs]
    assert lag == [0] * 8


def test_a_filtered_generator_runs_in_tf_servings_loader(filtered, tmp_path):
    version = export_generator(filtered, HUMMING, tmp_path)
    z = np.random.default_rng(3).standard_normal((2, LATENT_DIM)).astype(np.float32)
    model = CppModel(version)
    audio = model.run({"z": z, "label": np.array([1, 0], np.int32)})["audio"]
    model.close()
    np.testing.assert_allclose(audio, filtered(z, tf.gather(LABELS, [1, 0])), atol=1e-5)
