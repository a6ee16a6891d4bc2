"""Generator and critic: the paper's sizes, shapes, labels and refusals."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from drumsmith.common.errors import ConfigError
from drumsmith.model.generator import Generator
from drumsmith.model.network_config import NetworkConfig
from drumsmith.model.networks import GENERATORS, build_critic, build_generator

from ..helpers.processor import needs_bfloat16

SMALL = NetworkConfig(latent_dim=6, width=2, blocks=3, kernel_size=9, embedding_dim=4)
CONFIGURED = {"upsampling", "conditioning", "width", "blocks", "generator", "critic"}


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(1)


def small_generator(**changes):
    return small(build_generator, changes)


def small_critic(**changes):
    return small(build_critic, changes)


def small(build, changes):
    networks = {name: changes.pop(name) for name in CONFIGURED & set(changes)}
    return build(dataclasses.replace(SMALL, **networks), changes.pop("classes", 3), **changes)


def noise(batch=4):
    return np.random.default_rng(0).standard_normal((batch, 6)).astype(np.float32)


def test_the_paper_generator_has_19_079_111_parameters():
    generator = build_generator(NetworkConfig(), 3)
    assert generator.count_params() == 19_079_111
    assert generator.length == 16384


def test_the_paper_critic_has_18_265_303_parameters():
    critic = build_critic(NetworkConfig(), 3)
    assert critic.count_params() == 18_265_303


def test_the_generator_makes_waveforms_within_full_scale():
    audio = small_generator()(noise(), np.array([0, 1, 2, 0]))
    assert audio.shape == (4, 1024, 1)
    assert np.abs(audio).max() <= 1


def test_the_label_changes_the_sound():
    generator = small_generator()
    z = np.repeat(noise(1), 2, axis=0)
    audio = generator(z, np.array([0, 1])).numpy()
    assert np.abs(audio[0] - audio[1]).max() > 1e-6


def test_the_label_changes_the_score():
    audio = np.repeat(small_generator()(noise(1), np.array([0])), 2, axis=0)
    scores = small_critic()(audio, np.array([0, 1])).numpy()
    assert scores.shape == (2,)
    assert scores[0] != scores[1]


def test_mixing_with_one_whole_class_is_generating_that_class():
    generator = small_generator()
    mixed = generator.mix(noise(2), tf.one_hot([2, 1], 3))
    np.testing.assert_allclose(mixed, generator(noise(2), np.array([2, 1])), atol=1e-7)


@pytest.mark.parametrize("variant", [{}, {"upsampling": "cubic"}, {"conditioning": "projection"}])
def test_the_frozen_function_makes_the_same_sounds_from_constants_alone(variant):
    generator = small_generator(**variant)
    frozen = generator.frozen()
    expected = generator(noise(), np.array([0, 1, 2, 0])).numpy()[..., 0]
    for variable in generator.variables:
        variable.assign(tf.zeros_like(variable.value))
    audio = tf.function(frozen)(tf.constant(noise()), tf.one_hot([0, 1, 2, 0], 3))
    np.testing.assert_allclose(audio, expected, atol=1e-6)


def test_projection_adds_the_features_weight_in_the_labels_direction():
    plain, projecting = small_critic(), small_critic(conditioning="projection")
    for variable, other in zip(plain.variables, projecting.variables[:-1], strict=True):
        other.assign(variable)
    projecting.projection.kernel.assign(tf.zeros_like(projecting.projection.kernel.value))
    audio = np.random.default_rng(0).uniform(-1, 1, (2, 1024)).astype(np.float32)
    label = np.array([2, 0])
    np.testing.assert_array_equal(projecting(audio, label), plain(audio, label))
    one_class = np.zeros(projecting.projection.kernel.shape, np.float32)
    one_class[:, 2] = plain.score.kernel.numpy()[:, 0]  # class 2 alone weighs its features twice
    projecting.projection.kernel.assign(one_class)
    bias = float(plain.score.bias.numpy()[0])
    expected = plain(audio, label).numpy() * [2, 1] - [bias, 0]
    np.testing.assert_allclose(projecting(audio, label), expected, rtol=1e-5)


def test_under_projection_the_label_reaches_every_seed_channel():
    generator = small_generator(conditioning="projection")
    assert generator.seed.kernel.shape[0] == SMALL.latent_dim + SMALL.embedding_dim


def test_phase_shuffle_moves_scores_and_leaves_them_alone_without_shifts():
    critic = small_critic()
    audio = np.random.default_rng(0).uniform(-1, 1, (2, 1024)).astype(np.float32)
    still = critic(audio, np.array([0, 1]))
    np.testing.assert_array_equal(critic(audio, np.array([0, 1]), tf.constant([0, 0])), still)
    assert np.abs(critic(audio, np.array([0, 1]), tf.constant([2, -1])) - still).max() > 0


def test_the_critic_shuffles_after_every_block_but_the_last():
    assert build_critic(NetworkConfig(width=1), 3).shuffles == 4


def test_a_score_depends_on_its_own_sound_alone():
    critic = small_critic()
    audio = tf.constant(np.random.default_rng(0).uniform(-1, 1, (3, 1024)).astype(np.float32))
    alone = critic(audio[1:2], np.array([1]))
    together = critic(audio, np.array([0, 1, 2]))
    np.testing.assert_allclose(together[1:2], alone, rtol=1e-5)


@pytest.mark.parametrize("network", [small_generator, small_critic])
def test_a_network_is_made_again_from_its_json(network):
    first = network(stage=1, fading=True)
    config = json.loads(json.dumps(first.get_config()))
    second = type(first).from_config(config)
    second.build()
    assert [v.shape for v in second.variables] == [v.shape for v in first.variables]


@needs_bfloat16
@pytest.mark.parametrize("network", [small_generator, small_critic])
def test_mixed_precision_computes_in_bfloat16_and_answers_in_float32(network):
    built = network(dtype="mixed_bfloat16")
    inputs = noise(2) if isinstance(built, Generator) else np.zeros((2, 1024), np.float32)
    assert built(inputs, np.array([0, 1])).dtype == tf.float32
    assert {str(v.dtype) for v in built.variables} == {"float32"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"classes": 0}, "classes must be a whole number above 0, not 0"),
        ({"stage": 2}, "stage must be 0 to 1 with 3 blocks, not 2"),
        ({"stage": 0, "fading": True}, "stage 0 has nothing to fade in from"),
    ],
)
@pytest.mark.parametrize("network", [small_generator, small_critic])
def test_bad_arguments_are_refused_by_name(network, changes, message):
    with pytest.raises(ValueError, match=message):
        network(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 1.5}, "width cannot be 1.5: it must be at least 1"),
        ({"blocks": 1}, "blocks cannot be 1: it must be at least 2"),
        ({"conditioning": "loud"}, "conditioning cannot be 'loud': it is one of channel, proj"),
        ({"generator": "cat"}, "no generator 'cat'; known are upsampling"),
    ],
)
def test_options_that_cannot_work_are_refused_by_name(changes, message):
    with pytest.raises(ConfigError, match=message):
        small_generator(**changes)


def test_an_unknown_critic_is_refused_by_name():
    with pytest.raises(ConfigError, match="no critic 'dog'; known are waveform"):
        small_critic(critic="dog")


class Loudness(Generator):
    """A generator of one layer; its forward pass is all that it states."""

    def __init__(self, config, classes, **options):
        super().__init__(config, classes, **options)
        self.level = keras.layers.Dense(1, name="level")

    def build(self, *shapes):
        self.level.build((None, self.latent_dim + self.classes))

    def synthesise(self, z, class_weights, fade, use):
        level = use(self.level)(tf.concat([z, class_weights], axis=1))
        return tf.repeat(tf.tanh(level)[:, None], self.length, axis=1)


def test_a_generator_of_ones_own_is_found_by_name_and_frozen(monkeypatch):
    monkeypatch.setitem(GENERATORS, "loudness", Loudness)
    generator = small_generator(generator="loudness")
    audio = generator(noise(2), np.array([2, 0]))
    frozen = generator.frozen()(tf.constant(noise(2)), tf.one_hot([2, 0], 3))
    np.testing.assert_allclose(frozen, audio[..., 0], atol=1e-7)
    with pytest.raises(ValueError, match="does not grow"):
        small_generator(generator="loudness", stage=0)


def test_a_fading_network_asks_for_fade():
    with pytest.raises(ValueError, match="needs fade"):
        small_generator(fading=True)(noise(), np.zeros(4, np.int32))
    with pytest.raises(ValueError, match="needs fade"):
        small_critic(fading=True)(np.zeros((1, 1024), np.float32), np.zeros(1, np.int32))
