"""The generator of tones and noise, its encoder and the flow between them."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.encoding import UNHEARD, UNLIKELY, frozen_encoder
from drumsmith.model.latent_flow import flow_loss, to_code, to_latent
from drumsmith.model.network_config import NetworkConfig
from drumsmith.model.networks import build_encoder, build_generator
from drumsmith.model.tones_and_noise.tracks import levels

SMALL = NetworkConfig(generator="tones-and-noise", latent_dim=6, width=4, blocks=4)


@pytest.fixture(scope="module")
def generator():
    keras.utils.set_random_seed(1)
    built = build_generator(SMALL, 3)
    # As if trained: from 0 the flow would stand still.
    built.flow_leave.kernel.assign(keras.random.normal(built.flow_leave.kernel.shape, stddev=0.3))
    return built


def noise(batch=4):
    return np.random.default_rng(0).standard_normal((batch, 6)).astype(np.float32)


def one_hot(*labels):
    return tf.one_hot(labels, 3)


def test_it_makes_finite_sounds_that_start_and_end_at_0(generator):
    audio = generator(noise(), np.array([0, 1, 2, 0])).numpy()
    assert audio.shape == (4, 4096, 1)
    assert np.isfinite(audio).all()
    assert not np.any(audio[:, [0, -1]])


def test_a_sound_is_a_function_of_z_whatever_the_batch(generator):
    together = generator(noise(), np.array([0, 1, 2, 0])).numpy()
    alone = generator(noise()[2:3], np.array([2])).numpy()
    np.testing.assert_allclose(alone[0], together[2], atol=1e-4)


def test_every_weight_gets_a_finite_gradient_of_the_waveform():
    # A critic's way to the networks. Contrasts start at 0, and tones at both ends of steadiness.
    lined = build_generator(dataclasses.replace(SMALL, lines=True, attack=True), 3)
    lined.to_frames.bias.assign(10.0 * keras.random.normal(lined.to_frames.bias.shape, seed=1))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(lined(noise(), np.array([0, 1, 2, 0]))))
    gradients = tape.gradient(loss, lined.trainable_variables)
    for gradient, variable in zip(gradients, lined.trainable_variables, strict=True):
        assert gradient is None or np.isfinite(gradient).all(), variable.path


def test_the_label_changes_the_sound(generator):
    audio = generator(np.repeat(noise(1), 2, axis=0), np.array([0, 1])).numpy()
    assert np.abs(audio[0] - audio[1]).max() > 1e-3


def test_the_frozen_form_is_the_same(generator):
    audio = generator.frozen()(tf.constant(noise()), one_hot(0, 1, 2, 0)).numpy()
    eager = generator(noise(), np.array([0, 1, 2, 0])).numpy()[..., 0]
    np.testing.assert_allclose(audio, eager, atol=1e-4)


def test_sounds_too_short_are_refused():
    with pytest.raises(ValueError, match="2048 samples or a multiple"):
        build_generator(NetworkConfig(generator="tones-and-noise", blocks=3), 3)


def test_the_flow_leads_back_to_z(generator):
    velocity = generator.velocity(one_hot(0, 1, 2, 0))
    code = to_code(velocity, tf.constant(noise()))
    assert np.abs(code - noise()).max() > 0.05
    np.testing.assert_allclose(to_latent(velocity, code), noise(), atol=0.02)
    again = generator.latent(code, one_hot(0, 1, 2, 0))
    np.testing.assert_allclose(again, noise(), atol=0.02)


def test_a_flow_of_constant_velocity_moves_by_it():
    moved = to_code(lambda point, time: tf.ones_like(point) * 2.0, tf.constant(noise()))
    np.testing.assert_allclose(moved, noise() + 2.0, atol=1e-5)


def test_the_flow_loss_is_0_where_the_velocity_is_right_and_known_elsewhere():
    code, start, time = noise(), noise()[::-1], np.full((4, 1), 0.25, np.float32)

    def right(point, at):
        np.testing.assert_allclose(point, 0.75 * start + 0.25 * code, atol=1e-6)
        return tf.constant(code - start)

    np.testing.assert_allclose(flow_loss(right, code, start, time), 0.0, atol=1e-10)
    off = flow_loss(lambda point, at: code - start + 3.0, code, start, time)
    np.testing.assert_allclose(off, 9.0, rtol=1e-4)


def test_encoder_and_its_frozen_form_agree():
    keras.utils.set_random_seed(2)
    encoder = build_encoder(SMALL, 3)
    audio = np.random.default_rng(1).uniform(-1, 1, (3, 4096)).astype(np.float32)
    mean, log_variance = encoder(encoder.prepare(tf.constant(audio)), one_hot(0, 1, 2))
    assert mean.shape == log_variance.shape == (3, 6)
    scaled = encoder.prepare(tf.constant(audio))
    encode, classify = encoder.frozen()
    np.testing.assert_allclose(encode(scaled, one_hot(0, 1, 2)), mean, atol=1e-4)
    np.testing.assert_allclose(classify(scaled), encoder.classify(scaled), atol=1e-4)
    other, _ = encoder(encoder.prepare(tf.constant(audio)), one_hot(1, 1, 2))
    assert np.abs(other[0] - mean[0]).max() > 1e-4


def test_encoding_finds_a_z_for_each_sound_whatever_the_batch(generator):
    keras.utils.set_random_seed(3)
    encoder = build_encoder(SMALL, 3)
    find = frozen_encoder(encoder, generator)
    audio = tf.constant(np.random.default_rng(1).uniform(-1, 1, (3, 4096)), tf.float32)
    z, class_weights = find(audio)
    np.testing.assert_array_equal(np.sort(class_weights, axis=1), [[0, 0, 1]] * 3)
    # The flow brings that z to the code of that class.
    code, _ = encoder(encoder.prepare(audio), class_weights)
    np.testing.assert_allclose(to_code(generator.velocity(class_weights), z), code, atol=0.02)
    np.testing.assert_allclose(find(audio[1:2])[0][0], z[1], atol=1e-4)


def test_a_sound_is_of_the_class_that_is_heard_whose_levels_are_near_and_z_likely(generator):
    keras.utils.set_random_seed(3)
    encoder = build_encoder(SMALL, 3)
    encoder.to_class.kernel.assign(3.0 * encoder.to_class.kernel)
    # Codes far out, as of sounds that are not of a class.
    encoder.to_code.kernel.assign(20.0 * encoder.to_code.kernel)
    audio = tf.constant(np.random.default_rng(1).uniform(-1, 1, (24, 4096)), tf.float32)
    real = encoder.prepare(audio)
    apart, likely = [], []
    for label in range(3):
        weights = one_hot(*[label] * len(audio))
        code, _ = encoder(real, weights)
        made = generator.decode(code, weights)
        pairs = zip(levels(made.frames), levels(real.frames), strict=True)
        apart.append(sum(np.abs(ours - theirs).mean(axis=(1, 2)) for ours, theirs in pairs))
        likely.append(np.square(generator.latent(code, weights)).sum(axis=1))
    unlike = np.array(apart) + UNLIKELY * np.array(likely)
    chances = tf.nn.log_softmax(encoder.classify(real)).numpy().T
    wanted = np.argmin(unlike - UNHEARD * chances, axis=0)
    assert (wanted != np.argmin(unlike, axis=0)).any()
    assert (np.argmin(unlike, axis=0) != np.argmin(apart, axis=0)).any()
    _, class_weights = frozen_encoder(encoder, generator)(audio)
    np.testing.assert_array_equal(np.argmax(class_weights, axis=1), wanted)


def test_spread_is_a_number_for_all_classes_or_one_for_each(generator):
    z, labels = noise(3), np.array([0, 1, 2])
    wide = build_generator(dataclasses.replace(SMALL, spread=(1.0, 1.5)), 3)
    for ours, theirs in zip(wide.variables, generator.variables, strict=True):
        ours.assign(theirs)
    code = [network.latent(tf.constant(z), one_hot(0, 1, 2)) for network in (wide, generator)]
    np.testing.assert_allclose(code[0] * [[1.0], [1.5], [1.0]], code[1], atol=1e-5)
    plain, wider = (network(z, labels).numpy() for network in (generator, wide))
    np.testing.assert_allclose(wider[[0, 2]], plain[[0, 2]], atol=1e-4)
    assert np.abs(wider[1] - plain[1]).max() > 1e-3


def test_networks_are_made_again_from_their_configuration():
    for network in (build_generator(SMALL, 3), build_encoder(SMALL, 3)):
        again = type(network).from_config(network.get_config())
        again.build()
        assert [v.shape for v in again.variables] == [v.shape for v in network.variables]
