import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from drumsmith.common.errors import ConfigError
from drumsmith.model.layers.log_mel_score import FLOOR, log_mel
from drumsmith.model.log_mel_critic import WINDOWS
from drumsmith.model.network_config import NetworkConfig
from drumsmith.model.networks import build_critic

CONFIG = NetworkConfig(width=2, blocks=4, kernel_size=9, embedding_dim=4)


@pytest.fixture(scope="module")
def critic():
    keras.utils.set_random_seed(1)
    return build_critic(dataclasses.replace(CONFIG, critic="waveform-and-log-mel"), 3)


@pytest.mark.parametrize("window", WINDOWS)
def test_a_sine_stands_in_one_band_at_its_level(window):
    sine = 0.1 * np.sin(2 * np.pi * 4000 / 44100 * np.arange(4096)).astype(np.float32)
    levels = log_mel(tf.constant(sine[None]), window)[0]
    found = levels.numpy().max(axis=1)
    assert np.ptp(found) < 0.1  # frames alike
    # Of a Hann window's main lobe, which holds 1.5 times the sine's power, a band has the most.
    assert 0.5 < np.exp(found.mean()) / 0.01 < 1.6
    silent = log_mel(tf.zeros((1, 4096)), window)
    np.testing.assert_allclose(silent, np.log(FLOOR), rtol=1e-6)


def test_what_is_heard_of_spectrograms_is_added_to_what_is_heard_of_the_waveform(critic):
    plain = build_critic(CONFIG, 3)
    count = len(plain.variables)
    for ours, theirs in zip(plain.variables, critic.variables[:count], strict=True):
        ours.assign(theirs)
    audio = np.random.default_rng(0).uniform(-1, 1, (2, 4096)).astype(np.float32)
    label = np.array([0, 2])
    expected = plain(audio, label) + sum(
        layer(audio, tf.one_hot(label, 3)) for layer in critic.log_mel_scores
    )
    np.testing.assert_allclose(critic(audio, label), expected, rtol=1e-5)


def test_the_label_changes_every_spectrograms_score(critic):
    audio = np.random.default_rng(0).uniform(-1, 1, (1, 4096)).astype(np.float32)
    for layer in critic.log_mel_scores:
        scores = [float(layer(audio, tf.one_hot([label], 3))[0]) for label in range(3)]
        assert len(set(scores)) == 3


def test_the_gradients_length_has_a_finite_gradient_in_silence(critic):
    audio = tf.zeros((1, 4096))
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(audio)
            score = critic(audio, np.array([1]))
        length = tf.reduce_sum(tf.square(inner.gradient(score, audio)))
    kernel = critic.log_mel_scores[0].convs[0].kernel
    assert np.isfinite(outer.gradient(length, kernel.value)).all()


def test_sounds_shorter_than_a_window_are_refused():
    config = dataclasses.replace(CONFIG, critic="waveform-and-log-mel", blocks=2)
    with pytest.raises(ConfigError, match="256 samples is shorter"):
        build_critic(config, 3)


def test_it_is_made_again_from_its_configuration(critic):
    again = type(critic).from_config(critic.get_config())
    again.build()
    assert [v.shape for v in again.variables] == [v.shape for v in critic.variables]
