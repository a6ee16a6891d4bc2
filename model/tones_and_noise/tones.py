"""Tones from their levels, pitches and first phases."""

import numpy as np
import tensorflow as tf

from . import layout
from .root import root
from .tracks import ROUGHNESS_FLOOR, TONE_FLOOR, Tracks

GATE = 1.6 * TONE_FLOOR
"""Amplitude taken off every tone, so that those near the floor are silent, not faint."""

NOISE_GAIN = np.array([1.19, 1.18, 1.12], np.float32)
"""Root mean square of white noise in each tone's band over the median level that is measured."""

STEP = np.float32(2.0**-10)
"""Radians of whose multiples float32 adds up 16384 exactly."""

TURN, TURN_REST = np.float32(6.28125), np.float32(2 * np.pi - 6.28125)
"""A turn in two parts: a few thousand times the first is exact in float32 (Cody and Waite)."""

MOVING = 2
"""Tones, the lowest, whose roughness moves with their pitch. That of a kick falls; above 250 Hz
partials of a cymbal stand still, and have lines as all its noise has."""

_ROUGHNESS_REACH = 24
"""Frames to both sides by which roughness is filtered."""


def tones(tracks: Tracks, rough: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Return the sum of the tones, (batch, length).

    ```
    Re sum over tones of a (sqrt(1 - r) + sqrt(r) g n(t)) exp(i (start + sum of pitch))
    ```

    Args:
        tracks: r is the tones' roughness; g is `NOISE_GAIN`.
        rough: n of the tones that move, see `roughen`, (batch, 2, frames, MOVING). That of the
            others is the part of ``noise`` in their bands, and does not move with the pitch.
        noise: variance 1, (batch, length).

    """
    amplitude = tf.nn.relu(tf.exp(tracks.level) - GATE)
    # At the floor there is none.
    share = tf.nn.relu(tf.exp(tracks.roughness) - ROUGHNESS_FLOOR) / (1.0 - ROUGHNESS_FLOOR)
    steady = amplitude * root(1.0 - share)
    loose = amplitude * NOISE_GAIN * root(share)
    moving = loose[:, :, :MOVING]
    real = tf.concat([steady[:, :, :MOVING] + moving * rough[:, 0], steady[:, :, MOVING:]], axis=2)
    phase = phases(tracks.pitch, noise.shape[1]) + tracks.start[:, tf.newaxis]
    waves = tf.reduce_sum(interpolated(real) * tf.cos(phase), axis=2)
    waves -= tf.reduce_sum(
        interpolated(moving * rough[:, 1]) * tf.sin(phase[:, :, :MOVING]), axis=2
    )
    still = interpolated(loose[:, :, MOVING:])
    return waves + tf.reduce_sum(still * in_bands_of_still_tones(noise), axis=2)


def in_bands_of_still_tones(noise: tf.Tensor) -> tf.Tensor:
    """Return what noise of variance 1 has in the upper tones' bands, each of variance 1/2.

    Shape (batch, length) -> (batch, length, TONES - MOVING).
    """
    masks = layout.tone_masks(noise.shape[1])[MOVING : layout.TONES, ::2]
    masks = masks / np.sqrt(2.0 * np.mean(masks**2, axis=1, keepdims=True))
    spectrum = tf.signal.rfft(noise)[:, tf.newaxis]
    gain = tf.complex(masks.astype(np.float32), np.zeros_like(masks, np.float32))
    return tf.transpose(tf.signal.irfft(spectrum * gain, [noise.shape[1]]), (0, 2, 1))


def phases(pitch: tf.Tensor, length: int) -> tf.Tensor:
    """Return the sum of the pitch so far, (batch, frames, TONES) -> (batch, length, TONES)."""
    # In closed form within a frame, so that only the frames are added up one by one.
    here, rise = pitch[:, :-1, tf.newaxis], (pitch[:, 1:] - pitch[:, :-1])[:, :, tf.newaxis]
    step = np.arange(layout.HOP, dtype=np.float32)[None, None, :, None]
    within = step * here + (step * (step - 1.0) / (2 * layout.HOP)) * rise
    whole = layout.HOP * here[:, :, 0] + ((layout.HOP - 1) / 2) * rise[:, :, 0]
    before = _summed(whole)[:, :, tf.newaxis]
    return tf.reshape(before + within, (-1, length, layout.TONES))


def _summed(angles: tf.Tensor) -> tf.Tensor:
    """Return the exclusive sums of angles along axis 1, less whole turns: below 2 pi and a little.

    A plain sum reaches 1500 radians, of which float32 keeps 1e-4, and which of those it is depends
    on the order of additions, and so on batch and runtime. Here what is large is a multiple of
    `STEP`, whose sums are exact, and what is left stays small.
    """
    coarse = tf.stop_gradient(tf.floor(angles / STEP) * STEP)
    rest = tf.cumsum(angles - coarse, axis=1, exclusive=True)
    coarse = tf.cumsum(coarse, axis=1, exclusive=True)
    turns = tf.floor(coarse * np.float32(1 / (2 * np.pi)))
    return coarse - turns * TURN - turns * TURN_REST + rest


def interpolated(values: tf.Tensor) -> tf.Tensor:
    """Return frames joined by straight lines, (batch, frames, n) -> (batch, length, n)."""
    share = (np.arange(layout.HOP, dtype=np.float32) / layout.HOP)[None, None, :, None]
    left, right = values[:, :-1, tf.newaxis], values[:, 1:, tf.newaxis]
    return tf.reshape(left + share * (right - left), (-1, _samples(values), values.shape[2]))


def roughen(noise: np.ndarray) -> np.ndarray:
    """Filter white noise to each moving tone's band about its middle; each part has variance 1/2.

    `interpolated` to samples, its spectrum is level over the band: a band of noise, which bends and
    is not steady, has no gaps beside its pitch.

    Args:
        noise: N(0, 1), (..., frames, MOVING).

    """
    rough = [
        np.einsum("fg,...g->...f", _band_filter(noise.shape[-2], half), noise[..., tone])
        for tone, half in enumerate(layout.tone_half_widths_hz()[:MOVING])
    ]
    return np.stack(rough, axis=-1).astype(np.float32)


def _band_filter(frames: int, half_width_hz: float) -> np.ndarray:
    """Return the filter of `roughen` as a matrix, (frames, frames).

    A low pass to ``half_width_hz``, by the window method.
    """
    size, rate = 512, layout.RATE / layout.HOP
    hz = np.abs(np.fft.fftfreq(size, 1.0 / rate))
    soft = 0.15 * half_width_hz
    passed = np.clip((half_width_hz + soft - hz) / (2 * soft), 0.0, 1.0)
    # Straight lines between frames take high frequencies away; here they are raised before.
    taps = np.fft.ifft(passed / np.sinc(hz / rate) ** 2).real
    apart = np.arange(frames)[:, None] - np.arange(frames)[None, :]
    window = 0.5 + 0.5 * np.cos(np.pi * np.clip(apart / (_ROUGHNESS_REACH + 1), -1.0, 1.0))
    weights = taps[apart % size] * window
    # Half the variance after the lines: halfway, a line is the mean of two frames.
    whole = np.sum(weights**2, axis=1, keepdims=True)
    next_to = np.sum(weights[:-1] * weights[1:], axis=1, keepdims=True)
    alike = np.concatenate([next_to, next_to[-1:]]) / whole
    return weights / np.sqrt(2.0 * whole * (2.0 + alike) / 3.0)


def _samples(values: tf.Tensor) -> int:
    return (values.shape[1] - 1) * layout.HOP
