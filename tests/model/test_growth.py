"""Growing keeps what was learned; both ends of a fade are exact; the end is the plain network."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.growth import by_name, channels_at, stage_length
from drumsmith.model.network_config import NetworkConfig
from drumsmith.model.networks import build_critic, build_generator

from ..helpers.processor import needs_bfloat16

SMALL = NetworkConfig(latent_dim=6, width=2, blocks=4, kernel_size=9, embedding_dim=4)
LABEL = np.array([0, 1, 1])


def generator(stage, fading=False, **options):
    return build_generator(SMALL, 2, stage=stage, fading=fading, **options)


def critic(stage, fading=False, **options):
    return build_critic(SMALL, 2, stage=stage, fading=fading, **options)


def copy_by_name(old, new):
    """Copy every variable onto the one of the same name, where there is one."""
    before = by_name(old.variables)
    for name, variable in by_name(new.variables).items():
        if name in before:
            variable.assign(before[name])


def grown(old, make):
    new = make(old.stage + 1, fading=True)
    copy_by_name(old, new)
    return new


def z():
    return np.random.default_rng(0).standard_normal((3, 6)).astype(np.float32)


def audio(length):
    return np.random.default_rng(1).uniform(-1, 1, (3, length)).astype(np.float32)


@pytest.mark.parametrize(("stage", "length"), [(0, 256), (1, 1024), (2, 4096), (3, 16384)])
def test_stages_have_the_papers_lengths(stage, length):
    assert stage_length(stage) == length


@pytest.mark.parametrize(
    ("length", "channels"), [(16, 1024), (64, 512), (256, 256), (1024, 128), (4096, 64)]
)
def test_a_rate_has_the_papers_channels(length, channels):
    assert channels_at(length, width=64, blocks=5) == channels


@pytest.mark.parametrize("stage", [0, 1])
def test_at_fade_0_the_grown_generator_is_the_old_one_upsampled(stage):
    old = generator(stage)
    new = grown(old, generator)
    expected = np.repeat(old(z(), LABEL), 4, axis=1)
    np.testing.assert_array_equal(new(z(), LABEL, fade=tf.constant(0.0)), expected)


@pytest.mark.parametrize("stage", [0, 1])
def test_at_fade_0_the_grown_critic_scores_the_averaged_waveform_as_the_old_one(stage):
    old = critic(stage)
    new = grown(old, critic)
    sound = audio(new.length)
    averaged = sound.reshape(3, -1, 4).mean(axis=2)
    shifts = tf.constant([1, 2, -1, 0][: new.shuffles])
    np.testing.assert_allclose(
        new(sound, LABEL, shifts, tf.constant(0.0)), old(averaged, LABEL, shifts[1:]), rtol=1e-6
    )


@pytest.mark.parametrize("make", [generator, critic])
def test_at_fade_1_only_the_new_path_is_left(make):
    fading = grown(make(1), make)
    settled = make(2)
    copy_by_name(fading, settled)
    inputs = z() if make is generator else audio(fading.length)
    np.testing.assert_allclose(
        fading(inputs, LABEL, fade=tf.constant(1.0)), settled(inputs, LABEL), rtol=1e-6, atol=1e-7
    )


@pytest.mark.parametrize("make", [generator, critic])
def test_the_last_stage_has_the_plain_networks_variables(make):
    plain = type(make(0)).from_config(make(2).get_config() | {"stage": None})
    plain.build()
    names = {name: v.shape for name, v in by_name(plain.variables).items()}
    assert {name: v.shape for name, v in by_name(make(2).variables).items()} == names


@pytest.mark.parametrize(
    ("fade", "without"),
    [
        (0.0, {"up_1024/kernel", "up_1024/bias", "to_audio_4096/kernel", "to_audio_4096/bias"}),
        (0.5, set()),
        (1.0, {"to_audio_1024/kernel", "to_audio_1024/bias"}),
    ],
)
def test_which_variables_of_the_generator_learn_at_each_end_of_a_fade(fade, without):
    network = grown(generator(1), generator)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(network(z(), LABEL, fade=tf.constant(fade)) ** 2)
    assert silent(network, tape, loss) == without


@pytest.mark.parametrize(
    ("fade", "without"),
    [
        (
            0.0,
            {
                "from_audio_4096/kernel",
                "from_audio_4096/bias",
                "label_map_4096/kernel",
                "label_map_4096/bias",
                "down_1024/kernel",
                "down_1024/bias",
            },
        ),
        (0.5, set()),
        (
            1.0,
            {
                "from_audio_1024/kernel",
                "from_audio_1024/bias",
                "label_map_1024/kernel",
                "label_map_1024/bias",
            },
        ),
    ],
)
def test_which_variables_of_the_critic_learn_at_each_end_of_a_fade(fade, without):
    network = grown(critic(1), critic)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(network(audio(4096), LABEL, fade=tf.constant(fade)) ** 2)
    assert silent(network, tape, loss) == without


def silent(network, tape, loss):
    """Names of the variables that receive no gradient."""
    variables = by_name(network.trainable_variables)
    gradients = tape.gradient(loss, [variable.value for variable in variables.values()])
    return {
        name
        for name, gradient in zip(variables, gradients, strict=True)
        if gradient is None or not np.any(tf.convert_to_tensor(gradient))
    }


def test_growing_adds_one_block_and_its_output_to_the_generator():
    old, new = by_name(generator(0).variables), by_name(generator(1, fading=True).variables)
    assert set(new) - set(old) == {
        name for name in new if name.startswith(("up_256", "to_audio_1024"))
    }


@pytest.mark.parametrize("fade", [0.0, 0.3, 1.0])
def test_a_generator_is_frozen_at_the_fade_it_had(fade):
    fading = generator(1, fading=True)
    expected = fading(z(), LABEL, fade=tf.constant(fade))[..., 0]
    made = tf.function(fading.frozen(fade))(tf.constant(z()), tf.one_hot(LABEL, 2))
    np.testing.assert_allclose(made, expected, atol=1e-6)


@needs_bfloat16
@pytest.mark.parametrize("fade", [0.0, 0.3, 1.0])
def test_a_network_fades_in_under_mixed_precision(fade):
    for make in (generator, critic):
        exact = make(1, fading=True)
        mixed = make(1, fading=True, dtype="mixed_bfloat16")
        copy_by_name(exact, mixed)
        inputs = z() if make is generator else audio(1024)
        expected = exact(inputs, LABEL, fade=tf.constant(fade))
        np.testing.assert_allclose(
            mixed(inputs, LABEL, fade=tf.constant(fade)), expected, atol=0.02
        )
