"""Resolution where kicks live: long windows under 300 Hz, and the track of the pitch.

The log-mel spectrogram's 23 ms windows hardly tell a kick's tone from an offset. A constant-Q
spectrogram (Brown, "Calculation of a constant Q spectral transform", JASA 89, 1991), here by bands
of one long transform, resolves a semitone at 100 Hz; the pitch track follows the fall from the
beater's click to the body.
"""

from itertools import pairwise

import numpy as np
from scipy import fft as scipy_fft

WINDOW_S = 8192 / 44_100
"""Length of the Hann window in seconds; frames overlap by three quarters of it."""

LOWEST_HZ, HIGHEST_HZ = 30.0, 300.0

BANDS_PER_OCTAVE = 6

FLOOR_DB = -60.0
"""Band level taken as silence."""

TRACK_EDGES_S = (0.0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
"""The pitch is taken between each two of these times."""

TRACK_BAND_HZ = (20.0, 300.0)

TRACK_QUIET_DB = -40.0
"""A piece this far under the loudest one has the pitch of the piece before."""

_CHUNK = 128
_TINY = 1e-20


def low_spectrogram(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return levels under 300 Hz in dB, shape (n, frames, bands), not under `FLOOR_DB`.

    Args:
        audio: float, shape (n, length).
        sample_rate: in Hz.

    """
    audio = np.asarray(audio, np.float32)
    return np.concatenate(
        [_low_spectrogram(audio[i : i + _CHUNK], sample_rate) for i in range(0, len(audio), _CHUNK)]
    )


def pitch_track(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the frequency in Hz in each piece between `TRACK_EDGES_S`, shape (n, pieces).

    The phase advance of the analytic signal between 20 and 300 Hz, weighted by its power:

    ```
    angle(sum over the piece of a[t + 1] conj(a[t])) sample_rate / (2 pi)
    ```
    """
    analytic = _analytic(np.asarray(audio, np.float32), sample_rate)
    advance = analytic[:, 1:] * analytic[:, :-1].conj()
    edges = np.round(np.array(TRACK_EDGES_S) * sample_rate).astype(int)
    edges = np.minimum(edges, advance.shape[1])
    pieces = [advance[:, a:b] for a, b in pairwise(edges)]
    sums = np.stack([piece.sum(axis=1) for piece in pieces], axis=1)
    power = np.stack([np.abs(one).sum(axis=1) / max(1, one.shape[1]) for one in pieces], axis=1)
    hz = np.clip(np.angle(sums) * sample_rate / (2 * np.pi), *TRACK_BAND_HZ)
    quiet = power < 10 ** (TRACK_QUIET_DB / 10) * power.max(axis=1, keepdims=True)
    for piece in range(1, hz.shape[1]):
        hz[:, piece] = np.where(quiet[:, piece], hz[:, piece - 1], hz[:, piece])
    return hz


def _low_spectrogram(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    window = 4 * max(1, round(sample_rate * WINDOW_S / 4))
    padded = np.pad(audio, ((0, 0), (window // 2, window // 2)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)[:, :: window // 4]
    taper = np.hanning(window + 1)[:-1].astype(np.float32)
    spectrum = scipy_fft.rfft(frames * (2.0 / taper.sum() * taper), 2 * window, axis=-1)
    filters = _band_filters(sample_rate, 2 * window)
    power = (spectrum.real**2 + spectrum.imag**2)[..., : len(filters)] @ filters
    return 10.0 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10)))


def _band_filters(sample_rate: int, size: int) -> np.ndarray:
    """Return triangles on a logarithmic scale, each summing to 1, shape (bins, bands)."""
    highest = min(HIGHEST_HZ, 0.45 * sample_rate)
    octaves = np.log2(highest / LOWEST_HZ)
    centres = LOWEST_HZ * 2.0 ** np.arange(0.0, octaves, 1.0 / BANDS_PER_OCTAVE)
    bins = min(size // 2, int(2 * highest * size / sample_rate)) + 1
    hz = np.arange(bins) * sample_rate / size
    with np.errstate(divide="ignore"):
        apart = np.abs(np.log2(hz[:, None] / centres)) * BANDS_PER_OCTAVE
    filters = np.maximum(1.0 - apart, 0.0)
    return (filters / np.maximum(filters.sum(axis=0), _TINY)).astype(np.float32)


def _analytic(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    length = audio.shape[1]
    size = scipy_fft.next_fast_len(2 * length, real=True)
    spectrum = scipy_fft.rfft(audio, size, axis=1)
    hz = np.fft.rfftfreq(size, 1.0 / sample_rate)
    spectrum[:, (hz < TRACK_BAND_HZ[0]) | (hz > TRACK_BAND_HZ[1])] = 0.0
    whole = np.zeros((len(audio), size), spectrum.dtype)
    whole[:, : spectrum.shape[1]] = 2.0 * spectrum
    return scipy_fft.ifft(whole, axis=1)[:, :length]
