"""How every step that has a critic calls it, and which of its options go together."""

from typing import NamedTuple

import tensorflow as tf

from ...common.errors import ConfigError
from ...model.critic import Critic, draw_shifts
from ...model.layers.minibatch_deviation import GROUP
from ...model.network_config import refuse
from ...tfrecords.reading.augmentation import Augmentation
from ..config.config import TrainingConfig
from .noise import StepNoise


class Shifts(NamedTuple):
    """Shifts of the critic's phase shuffle, one set for each call of it; None where there is none.

    Attributes:
        score: of real and generated sounds.
        penalty: of the points at which the gradient is taken.

    """

    score: tf.Tensor | None
    penalty: tf.Tensor | None


class CriticLoss(NamedTuple):
    """What the critic minimises and what it is made of, each per example, float32 (batch,).

    Attributes:
        loss: to be minimised.
        gap: how much higher the real sound is scored than the generated one.
        penalty: of the gradient, unweighted.
        norm: length of the gradient that the penalty is about.

    """

    loss: tf.Tensor
    gap: tf.Tensor
    penalty: tf.Tensor
    norm: tf.Tensor


def draw_shifts_for(
    critic: Critic, noise: StepNoise, purpose: int, reach: int, update: int = 0
) -> tf.Tensor | None:
    """Return the shifts of one call of the critic, or None where ``reach`` is 0."""
    if not reach:
        return None
    return draw_shifts(noise.seed(purpose, update), critic.shuffles, reach)


def score_both(critic: Critic, real, fake, label, shifts, fade) -> list[tf.Tensor]:
    """Return the critic's scores of real and of generated sounds, each (batch,)."""
    # In one call: a large convolution is faster than two, and meets one set of shifts.
    both = critic(tf.concat([real, fake], 0), tf.concat([label, label], 0), shifts, fade)
    return tf.split(both, 2)


def generated_augmentation(config: TrainingConfig) -> Augmentation:
    """Return how generated sounds are changed before a critic hears them."""
    if not config.augment_generated:
        return Augmentation()
    return Augmentation(gain_db=config.augment_gain_db, polarity=config.augment_polarity)


def check_critic_options(config: TrainingConfig) -> None:
    """Refuse options of the critic that contradict each other, by a ConfigError."""
    if config.minibatch_deviation and config.batch_size % GROUP:
        refuse(config, "batch_size", f"minibatch_deviation compares {GROUP} sounds at a time")
    if not config.augment_generated:
        return
    if not (config.augment_gain_db or config.augment_polarity):
        refuse(config, "augment_generated", "it needs augment_gain_db or augment_polarity")
    for name in ("augment_shift_ms", "augment_resample"):
        if getattr(config, name):
            refuse(config, name, "augment_generated has no such change of generated sounds")


def require_whole_groups(critic: Critic, rows: int) -> None:
    """Refuse a replica's part of the batch that leaves sounds without their group."""
    if critic.config.minibatch_deviation and rows % GROUP:
        raise ConfigError(
            f"minibatch_deviation compares {GROUP} sounds at a time, and each replica has {rows}; "
            "make batch_size a multiple of both"
        )
