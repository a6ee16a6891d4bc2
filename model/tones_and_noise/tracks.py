"""What a sound is made of, and the scale on which a network makes it."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from . import layout

NOISE_FLOOR = 3e-8
"""Power of noise that counts as none; noise of full scale has 1 (-75 dB)."""

TONE_FLOOR = 1e-4
"""Amplitude of a tone that counts as none (-80 dB)."""

ROUGHNESS_FLOOR = np.float32(1e-4)
"""Share of a tone's power at which it counts as all steady (-40 dB)."""

CHANNELS = layout.NOISE_BANDS + 3 * layout.TONES
"""Numbers of a frame: the noise's levels, and level, pitch and roughness of each tone."""

# Half the distance from the floor to full scale, nepers.
_NOISE_RANGE, _TONE_RANGE, _ROUGHNESS_RANGE = 8.0, 4.6, 4.6
_LOWEST = layout.radians(layout.LOWEST_PITCH_HZ)
_HIGHEST = layout.radians(layout.HIGHEST_PITCH_HZ)
_MIDDLE = 0.5 * np.log(_LOWEST * _HIGHEST)
PITCH_RANGE = 0.5 * np.log(_HIGHEST / _LOWEST)
"""Half the width of each tone's band, in natural logarithms of the frequency."""


class Tracks(NamedTuple):
    """A batch of sounds as tones and noise, frame by frame.

    Attributes:
        noise: log of the power in each band, (batch, frames, NOISE_BANDS).
        level: log of each tone's amplitude, (batch, frames, TONES).
        pitch: of each tone in radians a sample, likewise.
        roughness: log of the share of each tone's power that keeps no phase over 46 ms, likewise:
            0 for noise in its band. The ear tells -20 dB of noise from -30, where a share of all
            does not.
        start: each tone's first phase in radians, (batch, TONES).
        contrast: how far lines stand out of the noise, (batch, CONTRASTS), see `lines`; None where
            nothing is said of them.
        attack: how the noise begins, (batch, BLOCKS), see `attack`; None likewise.

    """

    noise: tf.Tensor
    level: tf.Tensor
    pitch: tf.Tensor
    roughness: tf.Tensor
    start: tf.Tensor
    contrast: tf.Tensor | None = None
    attack: tf.Tensor | None = None


class Scaled(NamedTuple):
    """`Tracks` as a network takes and makes them, all about -1 to 1.

    Attributes:
        frames: (batch, frames, CHANNELS): noise, level, pitch, roughness.
        start: (batch, 2 * TONES): cosines of the first phases, then sines.
        contrast, attack: as they are in `Tracks`.

    """

    frames: tf.Tensor
    start: tf.Tensor
    contrast: tf.Tensor | None = None
    attack: tf.Tensor | None = None


def scale(tracks: Tracks) -> Scaled:
    """Bring tracks to the network's scale."""
    parts = [
        (tracks.noise - np.log(NOISE_FLOOR)) / _NOISE_RANGE - 1.0,
        (tracks.level - np.log(TONE_FLOOR)) / _TONE_RANGE - 1.0,
        (tf.math.log(tracks.pitch) - _MIDDLE) / PITCH_RANGE,
        (tracks.roughness - np.log(ROUGHNESS_FLOOR)) / _ROUGHNESS_RANGE - 1.0,
    ]
    start = tf.concat([tf.cos(tracks.start), tf.sin(tracks.start)], axis=1)
    return Scaled(tf.concat(parts, axis=2), start, tracks.contrast, tracks.attack)


def unscale(scaled: Scaled) -> Tracks:
    """Bring what a network made back to tracks; whatever it made, they are finite."""
    noise, level, pitch, roughness = split(tf.clip_by_value(scaled.frames, -2.0, 2.0))
    cosine, sine = tf.split(scaled.start, 2, axis=1)
    return Tracks(
        (noise + 1.0) * _NOISE_RANGE + np.float32(np.log(NOISE_FLOOR)),
        (level + 1.0) * _TONE_RANGE + np.float32(np.log(TONE_FLOOR)),
        tf.exp(tf.clip_by_value(pitch, -1.0, 1.0) * PITCH_RANGE + _MIDDLE),
        tf.minimum((roughness + 1.0) * _ROUGHNESS_RANGE + np.float32(np.log(ROUGHNESS_FLOOR)), 0.0),
        tf.atan2(sine, cosine),
        scaled.contrast,
        scaled.attack,
    )


def split(frames: tf.Tensor) -> list[tf.Tensor]:
    """Return noise, level, pitch and roughness out of (batch, frames, CHANNELS)."""
    return tf.split(frames, [layout.NOISE_BANDS, layout.TONES, layout.TONES, layout.TONES], axis=2)


def levels(frames: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the noise's and the tones' scaled levels in nepers, as distances are measured in."""
    noise, level, _, _ = split(frames)
    return noise * _NOISE_RANGE, level * _TONE_RANGE


def roughness(frames: tf.Tensor) -> tf.Tensor:
    """Return the tones' scaled roughness in nepers, likewise."""
    return split(frames)[3] * _ROUGHNESS_RANGE


def rough_share(frames: tf.Tensor) -> tf.Tensor:
    """Return the share of the power of a sound's tones that is rough, (batch,)."""
    power = tf.exp(2.0 * levels(frames)[1])
    rough = tf.exp(roughness(frames) + _ROUGHNESS_RANGE + np.log(ROUGHNESS_FLOOR))
    return tf.reduce_sum(rough * power, axis=(1, 2)) / tf.reduce_sum(power, axis=(1, 2))


def shifted_levels(scaled: Scaled, offset_db: tf.Tensor, sure: float) -> Scaled:
    """Raise the noise's levels by ``offset_db``, which broadcasts to (batch, frames, NOISE_BANDS).

    Levels within ``sure`` (scaled) of the floor move less, those at the floor not at all.
    """
    noise, *rest = split(scaled.frames)
    nepers = np.float32(np.log(10.0) / 10.0) * offset_db  # of power
    heard = tf.clip_by_value((noise + 1.0) / sure, 0.0, 1.0)
    moved = tf.maximum(noise + heard * nepers / _NOISE_RANGE, -1.0)
    return scaled._replace(frames=tf.concat([moved, *rest], axis=2))
