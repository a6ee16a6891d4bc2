"""A sound taken apart into tones and noise."""

import numpy as np
import tensorflow as tf

from . import layout
from .lines import measure_contrast
from .spectra import noise_levels
from .tones import phases
from .tracks import NOISE_FLOOR, TONE_FLOOR, Tracks

DECIMATION = 16
"""The tones' analytic signals are kept at this fraction of the rate: they end at 610 Hz."""

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
    turned = tf.atan2(_mean(tf.math.imag(step)), _mean(tf.math.real(step))) / DECIMATION
    pitch = tf.clip_by_value(
        turned, layout.radians(layout.LOWEST_PITCH_HZ), layout.radians(layout.HIGHEST_PITCH_HZ)
    )
    # Turned back by its own pitch, a tone stands still at its first phase.
    back = -tf.transpose(phases(pitch, length)[:, ::DECIMATION], (0, 2, 1))
    still = tone * tf.complex(tf.cos(back), tf.sin(back))
    power = tf.square(tf.abs(tone))
    noise = noise_levels(above, NOISE_FLOOR)
    return Tracks(
        noise,
        0.5 * tf.math.log(_mean(power) + TONE_FLOOR**2),
        pitch,
        _steadiness(still, power),
        tf.math.angle(tf.reduce_sum(still, axis=2) + _TINY),
        measure_contrast(above, noise, NOISE_FLOOR),
    )


def _analytic(spectrum: tf.Tensor, masks: np.ndarray, length: int) -> tf.Tensor:
    """Return each tone's analytic signal, decimated, (batch, TONES, length / DECIMATION)."""
    kept = length // DECIMATION  # positive frequencies of a transform of twice as many
    bands = spectrum[:, tf.newaxis, :kept] * tf.cast(
        2.0 / DECIMATION * masks[:, :kept], tf.complex64
    )
    both = tf.signal.ifft(tf.concat([bands, tf.zeros_like(bands)], axis=2))
    return both[:, :, kept:]


def _steadiness(still: tf.Tensor, power: tf.Tensor) -> tf.Tensor:
    real, imaginary = _mean(tf.math.real(still), 4), _mean(tf.math.imag(still), 4)
    kept = tf.square(real) + tf.square(imaginary)
    return tf.clip_by_value(kept / (_mean(power, 4) + _TINY), 0.0, 1.0)


def _mean(signal: tf.Tensor, hops: int = 1) -> tf.Tensor:
    """Return means about each frame, (batch, TONES, samples) -> (batch, frames, TONES).

    Hann windows that reach ``hops`` to both sides, of what there is within the sound.
    """
    hop = layout.HOP // DECIMATION
    reach = hops * hop
    window = np.hanning(2 * reach + 3)[1:-1].astype(np.float32)
    count = signal.shape[2]
    frame = np.arange(count // hop + 1)[:, None] * hop
    place = np.arange(count)[None, :] - frame + reach
    inside = (place >= 0) & (place < len(window))
    weights = np.where(inside, window[np.clip(place, 0, len(window) - 1)], 0.0)
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-6)
    means = tf.matmul(signal, weights.T.astype(np.float32))
    return tf.transpose(means, (0, 2, 1))
