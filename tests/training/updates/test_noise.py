"""Noise is a function of seed and step, and of nothing else."""

import numpy as np
import tensorflow as tf

from drumsmith.training.updates.noise import LATENT_FOR_CRITIC, MIX, StepNoise


def noise(seed=1, step=5):
    return StepNoise(seed, tf.constant(step, tf.int64), rows=4)


def test_the_same_seed_and_step_draw_the_same():
    np.testing.assert_array_equal(
        noise().normal(LATENT_FOR_CRITIC, 2, 3), noise().normal(LATENT_FOR_CRITIC, 2, 3)
    )


def test_seeds_steps_and_purposes_draw_differently():
    draws = [
        noise().uniform(MIX),
        noise(seed=2).uniform(MIX),
        noise(step=6).uniform(MIX),
        noise().uniform(LATENT_FOR_CRITIC),
    ]
    assert len({tuple(draw.numpy()) for draw in draws}) == len(draws)


def test_seeds_differ_between_critic_updates():
    seeds = {tuple(noise().seed(MIX, update).numpy()) for update in range(5)}
    assert len(seeds) == 5
