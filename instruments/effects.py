"""The steps of `Processing` as functions of one sound, float64 (length,)."""

import numpy as np
import soxr
from scipy import ndimage, signal

from ..common.sounds.processing import Processing
from .pitch import frequency_of, fundamental

TUNING_ROUNDS = 4
"""Measurements: a pitch that falls is measured elsewhere in a sound of another length."""

GATE_WINDOW_MS = 10.0
GATE_RELEASE_MS = 5.0
LOUDNESS_WINDOW_MS = 100.0

LUFS_OFFSET = -0.691
"""Of ITU-R BS.1770-5: a full-scale sine of 997 Hz is -3.01 LUFS."""


def process(audio: np.ndarray, sample_rate: int, options: Processing) -> tuple[np.ndarray, int]:
    """Process one sound.

    Args:
        audio: float (length,).
        sample_rate: in Hz.
        options: what to do.

    Returns:
        float32 (another length,) and its sample rate.

    """
    x = np.asarray(audio, np.float64)
    rate = options.sample_rate or sample_rate
    if options.tune_note is not None:
        x = tune(x, sample_rate, options.tune_note)
    if options.drive_db:
        x = drive(x, options.drive_db)
    if options.high_pass_hz is not None:
        x = _filtered(x, sample_rate, options.high_pass_hz, 2, "highpass")
    if options.low_pass_hz is not None:
        x = _filtered(x, sample_rate, options.low_pass_hz, 1, "lowpass")
    if options.gate_db is not None:
        x = gate(x, sample_rate, options.gate_db)
    if options.decay_ms is not None:
        x = x * 10.0 ** (-3.0 * np.arange(len(x)) / (options.decay_ms * 1e-3 * sample_rate))
    if rate != sample_rate:
        x = soxr.resample(x, sample_rate, rate, quality="VHQ")
    if options.trim_db is not None:
        x = trim(x, options.trim_db)
    x = fade(x, rate, options.fade_in_ms, options.fade_out_ms)
    return (x * _gain(x, rate, options)).astype(np.float32), rate


def tune(x: np.ndarray, sample_rate: int, note: int) -> np.ndarray:
    """Play the sound faster or slower, so that its fundamental is a MIDI note's.

    A sound without a fundamental stays as it is.
    """
    factor, tuned = 1.0, x
    for _ in range(TUNING_ROUNDS):
        measured = fundamental(tuned, sample_rate)
        if measured is None:
            return x
        factor *= frequency_of(note) / measured
        tuned = soxr.resample(x, sample_rate * factor, sample_rate, quality="VHQ")
    return tuned


def drive(x: np.ndarray, gain_db: float) -> np.ndarray:
    """Drive a soft limiter, tanh; a full-scale sample stays one."""
    gain = _factor(gain_db)
    return np.tanh(gain * x) / np.tanh(gain)


def gate(x: np.ndarray, sample_rate: int, threshold_db: float) -> np.ndarray:
    """Close over 5 ms where the peak of 10 ms falls ``threshold_db`` below the sound's."""
    window = max(1, round(GATE_WINDOW_MS * 1e-3 * sample_rate))
    release = max(1, round(GATE_RELEASE_MS * 1e-3 * sample_rate))
    envelope = ndimage.maximum_filter1d(np.abs(x), window, mode="constant")
    is_open = (envelope > _peak(x) * _factor(threshold_db)).astype(np.float64)
    return x * ndimage.uniform_filter1d(is_open, release, mode="nearest")


def trim(x: np.ndarray, threshold_db: float) -> np.ndarray:
    """Cut the end off from where every sample is ``threshold_db`` or more below the peak."""
    loud = np.flatnonzero(np.abs(x) > _peak(x) * _factor(threshold_db))
    return x[: loud[-1] + 1] if len(loud) else x[:1]


def fade(x: np.ndarray, sample_rate: int, in_ms: float, out_ms: float) -> np.ndarray:
    """Fade in from 0 and out to 0, in straight lines."""
    x = x.copy()
    starts = min(len(x), round(in_ms * 1e-3 * sample_rate))
    ends = min(len(x), round(out_ms * 1e-3 * sample_rate))
    if starts:
        x[:starts] *= np.arange(starts) / starts
    if ends:
        x[len(x) - ends :] *= np.arange(ends)[::-1] / ends
    return x


def loudness(x: np.ndarray, sample_rate: int) -> float:
    """Return the loudness of the loudest 100 ms in LUFS; -inf for silence.

    ITU-R BS.1770-5 measures 400 ms and gates; a drum is shorter than that.
    """
    weighted = signal.sosfilt(_k_weighting(sample_rate), x)
    window = max(1, round(LOUDNESS_WINDOW_MS * 1e-3 * sample_rate))
    power = np.convolve(weighted**2, np.ones(min(window, len(x))) / window).max()
    return LUFS_OFFSET + 10 * np.log10(power) if power > 0 else -np.inf


def _gain(x: np.ndarray, rate: int, options: Processing) -> float:
    gain_db = options.gain_db
    if options.peak_db is not None and _peak(x) > 0:
        gain_db += options.peak_db - 20 * np.log10(_peak(x))
    if options.loudness_db is not None and _peak(x) > 0:
        # Louder than full scale would be another sound.
        wanted = options.loudness_db - loudness(x, rate)
        gain_db += min(wanted, -20 * np.log10(_peak(x)))
    return _factor(gain_db)


def _k_weighting(sample_rate: int) -> np.ndarray:
    """Return the two filters of BS.1770 at any rate, from the analogue values behind its tables.

    De Man, "Evaluation of implementations of the EBU R128 loudness measurement", AES 2018.
    """
    k = np.tan(np.pi * 1681.974450955533 / sample_rate)
    high = 10 ** (3.999843853973347 / 20)
    band, q = high**0.4996667741545416, 0.7071752369554196
    norm = 1 + k / q + k * k
    shelf = [
        (high + band * k / q + k * k) / norm,
        2 * (k * k - high) / norm,
        (high - band * k / q + k * k) / norm,
        1.0,
        2 * (k * k - 1) / norm,
        (1 - k / q + k * k) / norm,
    ]
    k, q = np.tan(np.pi * 38.13547087602444 / sample_rate), 0.5003270373238773
    norm = 1 + k / q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm]
    return np.array([shelf, high_pass])


def _filtered(x: np.ndarray, sample_rate: int, hz: float, order: int, kind: str) -> np.ndarray:
    # A cut-off above what the rate holds changes nothing.
    if hz >= sample_rate / 2:
        return x
    return signal.sosfilt(signal.butter(order, hz, kind, fs=sample_rate, output="sos"), x)


def _peak(x: np.ndarray) -> float:
    return float(np.abs(x).max(initial=0.0))


def _factor(db: float) -> float:
    return float(10.0 ** (db / 20))
