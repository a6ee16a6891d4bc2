"""What reconstruction minimises, per example: whoever sums divides by the global batch."""

import numpy as np
import tensorflow as tf

from ...model.tones_and_noise import layout
from ...model.tones_and_noise.tracks import PITCH_RANGE, Scaled, levels, roughness, split

ATTACK_FRAMES, ATTACK_WEIGHT = 12, 2.5
"""The first 35 ms count more: the ear tells drums by their attack."""

LASTING_FRAMES = 32
"""93 ms, over which what is by chance loud or soft in noise evens out, and what lasts does not."""

AUDIBLE = 0.87
"""Scaled level under the loudest moment at which a tone's pitch stops to matter: 35 dB."""

SMOOTHED = 0.1
"""Of a class's target: a classifier of few sounds is soon too sure (Szegedy et al. 2016)."""


def level_distances(made: Scaled, real: Scaled) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the mean distance of the noise's and of the tones' levels, nepers, each (batch,)."""
    weight = _attack_weights(real)
    noise, tone = (
        tf.reduce_mean(weight * tf.abs(ours - theirs), axis=(1, 2))
        for ours, theirs in zip(levels(made.frames), levels(real.frames), strict=True)
    )
    return noise, tone


def classification(logits: tf.Tensor, class_weights: tf.Tensor) -> tf.Tensor:
    """Return the cross entropy of the classes, a tenth of each target spread over all, (batch,)."""
    target = (1.0 - SMOOTHED) * class_weights + SMOOTHED / class_weights.shape[1]
    return tf.nn.softmax_cross_entropy_with_logits(target, logits)


def lasting_distance(made: Scaled, real: Scaled) -> tf.Tensor:
    """Return the mean distance of the noise's levels once both are means over 93 ms, (batch,).

    Frame by frame, noise hides its own spectrum: a network that gives every cymbal the same smooth
    one is hardly worse than one that gives each its own.
    """
    frames = made.frames.shape[1] - 1
    together = min(LASTING_FRAMES, frames)
    pooled = [
        tf.reduce_mean(
            tf.reshape(
                levels(scaled.frames)[0][:, :-1],
                (-1, frames // together, together, layout.NOISE_BANDS),
            ),
            axis=2,
        )
        for scaled in (made, real)
    ]
    return tf.reduce_mean(tf.abs(pooled[0] - pooled[1]), axis=(1, 2))


def tone_distances(made: Scaled, real: Scaled) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return distances of pitch, roughness and first phase, each (batch,).

    Each is weighted by how loud the real tone is: 1 at the sound's loudest, 0 from 35 dB below.
    Pitch in natural logarithms of the frequency, roughness in nepers of power, phase as the squared
    chord on the unit circle.
    """
    _, level, pitch, _ = split(real.frames)
    _, _, made_pitch, _ = split(made.frames)
    level = tf.maximum(level, -1.0)
    loudest = tf.reduce_max(level, axis=(1, 2), keepdims=True)
    loud = tf.clip_by_value((level - loudest) / AUDIBLE + 1.0, 0.0, 1.0)
    weight = loud * _attack_weights(real)
    total = tf.reduce_sum(weight, axis=(1, 2)) + 1.0
    apart = tf.abs(made_pitch - pitch) * PITCH_RANGE
    rougher = tf.abs(roughness(made.frames) - roughness(real.frames))
    chord = tf.square(made.start - real.start)
    chord = tf.reduce_sum(tf.reshape(chord, (-1, 2, level.shape[2])), axis=1)
    return (
        tf.reduce_sum(weight * apart, axis=(1, 2)) / total,
        tf.reduce_sum(weight * rougher, axis=(1, 2)) / total,
        tf.reduce_mean(tf.reduce_max(loud, axis=1) * chord, axis=1),
    )


def line_distance(made: Scaled, real: Scaled) -> tf.Tensor:
    """Return the mean distance of the lines' contrast, nepers, (batch,); 0 where none is made."""
    if made.contrast is None:
        return tf.zeros(tf.shape(made.frames)[:1])
    return tf.reduce_mean(tf.abs(made.contrast - real.contrast), axis=1)


def attack_distance(made: Scaled, real: Scaled) -> tf.Tensor:
    """Return the mean distance of how the noise begins, nepers, (batch,); 0 where none is made."""
    if made.attack is None:
        return tf.zeros(tf.shape(made.frames)[:1])
    return tf.reduce_mean(tf.abs(made.attack - real.attack), axis=1)


def divergence(mean: tf.Tensor, log_variance: tf.Tensor) -> tf.Tensor:
    """Return the Kullback-Leibler divergence from N(0, I), nats, (batch,).

    Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014, appendix B.
    """
    return 0.5 * tf.reduce_sum(tf.square(mean) + tf.exp(log_variance) - 1.0 - log_variance, axis=1)


def _attack_weights(scaled: Scaled) -> np.ndarray:
    weights = np.ones((1, scaled.frames.shape[1], 1), np.float32)
    weights[:, :ATTACK_FRAMES] = ATTACK_WEIGHT
    return weights / weights.mean()
