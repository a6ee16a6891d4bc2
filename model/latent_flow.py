"""The way from z ~ N(0, I) to the codes of sounds, and back: a flow in latent space.

A network gives the velocity of a point at each time between 0, where it is z, and 1, where it is a
code. Lipman et al., "Flow matching for generative modeling", ICLR 2023; Liu et al., "Flow straight
and fast", ICLR 2023.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

STEPS = 8
"""Midpoint steps from 0 to 1; each asks for the velocity twice."""

_FREQUENCIES = np.pi * np.array([[1.0, 2.0, 4.0, 8.0]], np.float32)

Velocity = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""Maps points (batch, dim) and their time (batch, 1) to velocities (batch, dim)."""


def to_code(velocity: Velocity, z: tf.Tensor) -> tf.Tensor:
    """Follow the flow from z to its code, (batch, dim)."""
    return _follow(velocity, z, 0.0, 1.0)


def to_latent(velocity: Velocity, code: tf.Tensor) -> tf.Tensor:
    """Follow the flow back, from a code to its z, (batch, dim)."""
    return _follow(velocity, code, 1.0, 0.0)


def time_features(time: tf.Tensor) -> tf.Tensor:
    """Return the time (batch, 1) as a network takes it, (batch, 9)."""
    return tf.concat([time, tf.sin(time * _FREQUENCIES), tf.cos(time * _FREQUENCIES)], axis=1)


def flow_loss(velocity: Velocity, code: tf.Tensor, noise: tf.Tensor, time: tf.Tensor) -> tf.Tensor:
    """Return what flow matching minimises, per example, (batch,).

    ```
    mean over elements of (v((1 - t) noise + t code, t) - (code - noise))^2
    ```

    Args:
        velocity: the network.
        code: (batch, dim).
        noise: N(0, I), (batch, dim).
        time: uniform in [0, 1], (batch, 1).

    """
    point = (1.0 - time) * noise + time * code
    return tf.reduce_mean(tf.square(velocity(point, time) - (code - noise)), axis=1)


def _follow(velocity: Velocity, point: tf.Tensor, start: float, end: float) -> tf.Tensor:
    step = (end - start) / STEPS
    for index in range(STEPS):
        time = tf.zeros_like(point[:, :1]) + (start + index * step)
        middle = point + (0.5 * step) * velocity(point, time)
        point += step * velocity(middle, time + 0.5 * step)
    return point
