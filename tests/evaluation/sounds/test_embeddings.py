import numpy as np
import pytest
import tensorflow as tf

from drumsmith.evaluation.sounds.embeddings import SavedModelEmbedding
from drumsmith.evaluation.sounds.real_sounds import EvaluationError
from drumsmith.evaluation.sounds.sound_features import EXTRA, extract, fit_extractor


class OneByOne(tf.Module):
    """Like VGGish: one waveform in, a vector for each frame of 4,000 samples out."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def __call__(self, waveform):
        frames = tf.reshape(waveform[: tf.size(waveform) // 4000 * 4000], [-1, 4000])
        return tf.stack([tf.reduce_mean(frames**2, 1), tf.reduce_max(frames, 1)], axis=1)


class InBatches(tf.Module):
    """A batch of waveforms in, one vector each out, through a signature."""

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
    def serve(self, audio):
        return {"vectors": tf.stack([tf.reduce_mean(audio**2, 1), tf.reduce_max(audio, 1)], 1)}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("embeddings")
    tf.saved_model.save(OneByOne(), str(folder / "one"))
    batches = InBatches()
    signatures = {"serving_default": batches.serve}
    tf.saved_model.save(batches, str(folder / "batch"), signatures=signatures)
    return folder


def test_sounds_are_resampled_and_zeros_stand_behind(models):
    embedding = SavedModelEmbedding(models / "batch", sample_rate=16_000, seconds=0.5)
    time = np.arange(16_384) / 44_100
    padded = embedding.padded(np.sin(2 * np.pi * 440 * time)[None], 44_100)[0]
    own_time = np.arange(5_900) / 16_000
    assert padded.shape == (8_000,)
    np.testing.assert_allclose(padded[:5_900], np.sin(2 * np.pi * 440 * own_time), atol=0.06)
    assert np.all(padded[5_960:] == 0.0)


def test_frames_are_averaged_and_both_kinds_of_models_agree(models):
    audio = 0.5 * np.random.default_rng(0).standard_normal((3, 2_000)).astype(np.float32)
    one = SavedModelEmbedding(models / "one", 8_000, seconds=1.0)(audio, 8_000)
    batch = SavedModelEmbedding(models / "batch", 8_000, seconds=1.0)(audio, 8_000)
    assert one.shape == batch.shape == (3, 2)
    np.testing.assert_allclose(one[:, 0], batch[:, 0], rtol=1e-5)


def test_it_takes_part_in_the_features(models, real, classifier):
    extractor = fit_extractor(real, classifier, SavedModelEmbedding(models / "batch"))
    assert extractor.embeddings[-1] == EXTRA
    assert extract(real.held_out, extractor).points[EXTRA].shape == (len(real.held_out.label), 2)


def test_what_is_no_saved_model_is_refused(tmp_path):
    with pytest.raises(EvaluationError, match=r"no saved_model\.pb"):
        SavedModelEmbedding(tmp_path)
