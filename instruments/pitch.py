"""The fundamental of a drum, and notes: 60 is C4, 69 is A4 at 440 Hz."""

import re

import numpy as np

from ..common.errors import UserError

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_NOTE = re.compile(r"([A-Ga-g])([#b]?)(-?\d)")

ATTACK_S = 0.03
"""Left out of the measurement: there the pitch still falls."""

LOWEST_HZ, HIGHEST_HZ = 25.0, 400.0

TONAL_SHARE = 0.5
"""Least share of the power below `HIGHEST_HZ` for a sound to have a fundamental."""


def fundamental(audio: np.ndarray, sample_rate: int) -> float | None:
    """Return the pitch in Hz that a kick or tom settles on; None where a sound has none.

    The power-weighted median of the instantaneous frequency of what is below 400 Hz, after the
    attack, while the sound is within 30 dB of its peak there.

    Args:
        audio: float (length,).
        sample_rate: in Hz.

    """
    tail = np.asarray(audio, np.float64)[round(ATTACK_S * sample_rate) :]
    if len(tail) < sample_rate // 20:
        return None
    # The analytic signal of the band, by the spectrum.
    size = 2 * len(tail)
    spectrum = np.fft.fft(tail, size)
    hz = np.fft.fftfreq(size, 1 / sample_rate)
    low = (hz >= LOWEST_HZ) & (hz <= HIGHEST_HZ)
    total = np.sum(np.abs(spectrum[hz > 0]) ** 2)
    if total == 0 or np.sum(np.abs(spectrum[low]) ** 2) < TONAL_SHARE * total:
        return None
    analytic = np.fft.ifft(np.where(low, 2 * spectrum, 0))[: len(tail)]
    power = np.abs(analytic[1:]) ** 2
    turns = np.angle(analytic[1:] * np.conj(analytic[:-1])) / (2 * np.pi)
    power = np.where(power > 1e-3 * power.max(), power, 0.0)
    order = np.argsort(turns)
    middle = np.searchsorted(np.cumsum(power[order]), power.sum() / 2)
    return float(turns[order][middle] * sample_rate)


def frequency_of(note: float) -> float:
    """Return the frequency of a MIDI note in Hz."""
    return 440.0 * 2.0 ** ((note - 69) / 12)


def note_of(frequency: float) -> int:
    """Return the nearest MIDI note."""
    return round(69 + 12 * np.log2(frequency / 440.0))


def note_name(note: int) -> str:
    """Return a MIDI note's name: 33 is A1."""
    return f"{NAMES[note % 12]}{note // 12 - 1}"


def parse_note(words: str) -> int:
    """Return the MIDI number of ``A1``, ``f#2``, ``Eb3`` or ``33``.

    Raises:
        UserError: it is neither.

    """
    match = _NOTE.fullmatch(words.strip())
    if match:
        letter, accidental, octave = match.groups()
        step = {"#": 1, "b": -1, "": 0}[accidental]
        return NAMES.index(letter.upper()) + step + 12 * (int(octave) + 1)
    if words.strip().isdecimal() and int(words) < 128:
        return int(words)
    raise UserError(f"no note {words!r}: write it as A1, F#2 or the MIDI number 33 (C4 is 60)")
