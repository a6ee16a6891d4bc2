"""Relativistic pairing against the same losses written out by hand."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.critic import draw_shifts
from drumsmith.training.updates import noise as draws
from drumsmith.training.updates.noise import StepNoise
from drumsmith.training.updates.registry import build_trainable

BATCH, GAMMA = 4, 6.0


@pytest.fixture
def relativistic(tiny):
    return tiny.with_settings(["update=relativistic", "critic_updates=1", f"gp_weight={GAMMA}"])


def squared_gradient(gan, audio, label, shifts):
    with tf.GradientTape() as tape:
        tape.watch(audio)
        score = tf.reduce_sum(gan.critic(audio, label, shifts))
    return tf.reduce_sum(tape.gradient(score, audio) ** 2, axis=1)


def test_both_losses_are_those_of_the_paper(relativistic):
    config = relativistic.with_settings(["learning_rate=1e-30"])
    gan = build_trainable(config, 3, config.schedule.phases[-1])
    rng = np.random.default_rng(0)
    audio = tf.constant(rng.uniform(-1, 1, (BATCH, 1, 1024)).astype(np.float32))
    label = tf.constant(rng.integers(0, 3, (BATCH, 1)), tf.int32)
    real, classes = audio[:, 0], label[:, 0]
    random = StepNoise(config.seed, tf.constant(0, tf.int64), BATCH)
    score, penalty, generator = (
        draw_shifts(random.seed(purpose), gan.critic.shuffles)
        for purpose in (draws.SHIFTS_SCORE, draws.SHIFTS_PENALTY, draws.SHIFTS_GENERATOR)
    )
    fake = gan.generator(random.normal(draws.LATENT_FOR_CRITIC, 1, 6)[:, 0], classes)[..., 0]
    gap = gan.critic(real, classes, score) - gan.critic(fake, classes, score)
    both = sum(squared_gradient(gan, sound, classes, penalty) for sound in (real, fake))
    expected = tf.reduce_mean(tf.math.log(1 + tf.exp(-gap)) + GAMMA / 2 * both)
    expected_gap = tf.reduce_mean(gap)
    fake = gan.generator(random.normal(draws.LATENT_FOR_GENERATOR, 6), classes)[..., 0]
    gap = gan.critic(real, classes, generator) - gan.critic(fake, classes, generator)
    expected_generator = tf.reduce_mean(tf.math.log(1 + tf.exp(gap)))
    gan.train_step((audio, label))
    scalars = gan.read_scalars()
    assert scalars["critic_loss"] == pytest.approx(float(expected), rel=1e-4)
    assert scalars["generator_loss"] == pytest.approx(float(expected_generator), rel=1e-4)
    assert scalars["score_gap"] == pytest.approx(float(expected_gap), rel=1e-4)
    assert "wasserstein" not in scalars
