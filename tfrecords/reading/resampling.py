"""Changing the sample rate without aliases, images or a dull top.

One method serves preparation, growth and augmentation: transform, keep the bins below the lower
of the two Nyquist frequencies, taper the last of them, transform back at the other length. A sound
begins and ends at silence and is padded by silence, so that the transform's wrap-around meets only
zeros.

    bins    0 ---------------------- 0.92 ------ 1.0 of the lower Nyquist frequency
    gain    1 ---------------------- 1 \\_______ 0      raised cosine

tensorflow-io's own resampler (Speex) was measured and not taken: its aliases are low enough (-84
dB) but from 48 to 44.1 kHz it loses 2.2 dB at 19.8 kHz and 23 dB at 21.2 kHz, where cymbals live.
"""

import math

import tensorflow as tf

PASSBAND = 0.92  # share of the lower Nyquist frequency that passes untouched

# Silence added before the transform, as a share of the sound and at least in periods of the taper.
_PADDING_SHARE = 0.125
_PADDING_TAPS = 64


def downsample(audio: tf.Tensor, factor: int) -> tf.Tensor:
    """Bring sounds to a lower rate by a whole factor, band-limited, never strided.

    Args:
        audio: float32 (batch, samples), samples a multiple of ``factor``.
        factor: 1, 4, 16, ...

    Returns:
        float32 (batch, samples / factor).

    Raises:
        ValueError: ``factor`` is not positive.
    """
    if factor < 1:
        raise ValueError(f"factor {factor} is not positive")
    if factor == 1:
        return audio
    length = audio.shape[-1]
    result = resample(audio, factor, 1)
    return (
        result if length is None else tf.ensure_shape(result, (*audio.shape[:-1], length // factor))
    )


def resample(audio: tf.Tensor, rate_in: int | tf.Tensor, rate_out: int | tf.Tensor) -> tf.Tensor:
    """Bring sounds from one sample rate to another.

    Any pair of whole rates is exact: the transform is as long as a whole number of periods of
    their ratio (160 samples of 48 kHz are 147 of 44.1 kHz).

    Args:
        audio: float32 (..., samples).
        rate_in: in Hz, or any number in the same unit as ``rate_out``.
        rate_out: likewise.

    Returns:
        float32 (..., ceil(samples * rate_out / rate_in)).
    """
    rate_in, rate_out = tf.cast(rate_in, tf.int64), tf.cast(rate_out, tf.int64)
    divisor = _greatest_common_divisor(rate_in, rate_out)
    step_in, step_out = rate_in // divisor, rate_out // divisor
    samples = tf.shape(audio, tf.int64)[-1]
    padded = (
        samples + samples // int(1 / _PADDING_SHARE) + _PADDING_TAPS * _ratio(rate_in, rate_out)
    )
    periods = _quick_length(-(-padded // step_in))
    bins = tf.signal.rfft(audio, [tf.cast(periods * step_in, tf.int32)])
    kept = _limit_band(bins, periods * tf.minimum(step_in, step_out) // 2)
    gain = tf.cast(step_out, tf.float32) / tf.cast(step_in, tf.float32)
    result = gain * tf.signal.irfft(kept, [tf.cast(periods * step_out, tf.int32)])
    return result[..., : -(-samples * step_out // step_in)]


def _limit_band(bins: tf.Tensor, nyquist: tf.Tensor) -> tf.Tensor:
    """Taper the bins towards the bin ``nyquist`` and drop those from there on."""
    kept = bins[..., :nyquist]
    place = tf.range(tf.shape(kept, tf.int64)[-1]) / nyquist
    slope = tf.clip_by_value((place - PASSBAND) / (1 - PASSBAND), 0.0, 1.0)
    taper = 0.5 + 0.5 * tf.cos(math.pi * slope)
    return kept * tf.cast(taper, bins.dtype)


def _ratio(rate_in: tf.Tensor, rate_out: tf.Tensor) -> tf.Tensor:
    return tf.maximum(rate_in // rate_out, 1)


def _quick_length(periods: tf.Tensor) -> tf.Tensor:
    """Return the next multiple of a power of two, at most 1/8 longer: small prime factors."""
    bits = tf.math.ceil(tf.math.log(tf.cast(periods, tf.float64)) / math.log(2.0))
    grain = tf.cast(tf.pow(tf.constant(2.0, tf.float64), tf.maximum(bits - 4, 1)), tf.int64)
    return -(-periods // grain) * grain


def _greatest_common_divisor(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    return tf.while_loop(
        lambda a, b: b > 0, lambda a, b: (b, tf.math.floormod(a, b)), (first, second)
    )[0]
