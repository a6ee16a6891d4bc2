"""A sound taken apart into tones and noise."""

import numpy as np
import tensorflow as tf

from . import layout
from .attack import measure_attack
from .lines import measure_contrast
from .noise import noise_levels
from .tones import phases
from .tracks import NOISE_FLOOR, ROUGHNESS_FLOOR, TONE_FLOOR, Tracks

DECIMATION = 16
"""The tones' analytic signals are kept at this fraction of the rate: they end at 610 Hz."""

PITCH_HOPS, PITCH_SLOWS = 8, 3
"""The pitch is a mean over up to so many frames to both sides, one more every three frames.

It falls fast when a drum is struck, and hardly afterwards, when what moves it is noise in its band.
"""

STEADY_HOPS = 8
"""Frames to both sides over which a steady tone has to keep its phase."""

NOISE_STEADINESS = np.array([0.45, 0.35, 0.14], np.float32)
"""How steady white noise is found to be, whose bands hold few turns of their own in 46 ms."""

LEAST_FADE = 0.1
"""Gain of the fade at the end under which it is not taken back: there is nothing left to see."""

_TINY = 1e-12


def analyse(audio: tf.Tensor) -> Tracks:
    """Take sounds apart.

    Each tone's band is cut out of the spectrum; its analytic signal a(t) gives level and pitch:

    ```
    level = mean |a|^2;   pitch = angle of mean a(t + 1) a*(t), weighted by power that way
    ```

    Sounds are faded when they are prepared, and the synthesis fades what it makes. So the fade at
    the end is taken back first: a cymbal that rings on must not seem to end there.

    A sound begins at once, so a filter would smear its attack to both sides. It is continued before
    its start as its own negative, turned round: tones go on through 0.

    Args:
        audio: float32 (batch, length), length a multiple of `layout.HOP`.

    Returns:
        The tracks; their noise is what lies above the tones' bands.

    """
    length = audio.shape[1]
    audio = audio / np.maximum(layout.fade_out(length), LEAST_FADE)
    masks = layout.tone_masks(length)
    spectrum = tf.signal.rfft(tf.concat([-tf.reverse(audio, [1]), audio], axis=1))
    above = tf.signal.irfft(spectrum * tf.cast(masks[-1], tf.complex64))[:, length:]
    tone = _analytic(spectrum, masks[:-1], length)
    step = tone[:, :, 1:] * tf.math.conj(tone[:, :, :-1])
    step = tf.concat([step, step[:, :, -1:]], axis=2)
    hops = np.minimum(1 + np.arange(layout.frames(length)) // PITCH_SLOWS, PITCH_HOPS)
    turned = _mean(tf.math.imag(step), hops), _mean(tf.math.real(step), hops)
    turned = tf.atan2(*turned) / DECIMATION
    pitch = tf.clip_by_value(
        turned, layout.radians(layout.LOWEST_PITCH_HZ), layout.radians(layout.HIGHEST_PITCH_HZ)
    )
    # Turned back by its own pitch, a tone stands still at its first phase.
    back = -tf.transpose(phases(pitch, length)[:, ::DECIMATION], (0, 2, 1))
    still = tone * tf.complex(tf.cos(back), tf.sin(back))
    power = tf.square(tf.abs(tone))
    noise = noise_levels(above)
    return Tracks(
        noise,
        0.5 * tf.math.log(_mean(power) + TONE_FLOOR**2),
        pitch,
        _roughness(still, power),
        tf.math.angle(tf.reduce_sum(still, axis=2) + _TINY),
        measure_contrast(above, noise, NOISE_FLOOR),
        measure_attack(above, noise),
    )


def _analytic(spectrum: tf.Tensor, masks: np.ndarray, length: int) -> tf.Tensor:
    """Return each tone's analytic signal, decimated, (batch, TONES, length / DECIMATION)."""
    kept = length // DECIMATION  # positive frequencies of a transform of twice as many
    bands = spectrum[:, tf.newaxis, :kept] * tf.cast(
        2.0 / DECIMATION * masks[:, :kept], tf.complex64
    )
    both = tf.signal.ifft(tf.concat([bands, tf.zeros_like(bands)], axis=2))
    return both[:, :, kept:]


def _roughness(still: tf.Tensor, power: tf.Tensor) -> tf.Tensor:
    steady = (_steadiness(still, power) - NOISE_STEADINESS) / (1.0 - NOISE_STEADINESS)
    return tf.math.log(tf.clip_by_value(1.0 - steady, ROUGHNESS_FLOOR, 1.0))


def _steadiness(still: tf.Tensor, power: tf.Tensor) -> tf.Tensor:
    real, imaginary = (
        _mean(part, STEADY_HOPS) for part in (tf.math.real(still), tf.math.imag(still))
    )
    kept = tf.square(real) + tf.square(imaginary)
    # Of the mean amplitude, and not of the power: a tone that dies away is steady.
    whole = tf.square(_mean(tf.sqrt(power), STEADY_HOPS))
    return tf.clip_by_value(kept / (whole + _TINY), 0.0, 1.0)


def _mean(signal: tf.Tensor, hops: int | np.ndarray = 1) -> tf.Tensor:
    """Return means about each frame, (batch, TONES, samples) -> (batch, frames, TONES).

    Hann windows that reach ``hops`` (of each frame, or one for all) to both sides, of what there is
    within the sound.
    """
    hop = layout.HOP // DECIMATION
    count = signal.shape[2]
    frame = np.arange(count // hop + 1)[:, None] * hop
    reach = np.broadcast_to(hops, len(frame))[:, None] * hop
    away = (np.arange(count)[None, :] - frame) / (reach + 1)
    weights = np.where(np.abs(away) < 1.0, 0.5 + 0.5 * np.cos(np.pi * away), 0.0)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-6)
    means = tf.matmul(signal, weights.T.astype(np.float32))
    return tf.transpose(means, (0, 2, 1))
