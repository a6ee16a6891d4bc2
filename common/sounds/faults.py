"""Faults that one can hear in a single sound: what a producer would throw away.

Each detector takes audio (n, length) and the sample rate in Hz and returns one bool a sound. They
need numpy alone, so that a light client can use them, too. Levels are relative to each sound's
peak. The limits were set on 2,745 real drums: each detector finds at most 3 % of a class, but for
6 % of electronic kicks that are squared on purpose.

```
level   |\\                       /\\      burst: silence, then sound again
        | \\_       /\\__        /  \\
        |   \\_____/    \\______/    \\     swell: louder again by 12 dB
```
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SHORT_WINDOW_S, SHORT_HOP_S = 0.006, 0.002
"""Resolution of the level in which a burst is looked for."""

LONG_WINDOW_S, LONG_HOP_S = 0.020, 0.003
"""The same for a swell: one period of 50 Hz, so that a low tone has a smooth level."""

BURST_SILENCE_DB, BURST_DB = -60.0, -50.0
"""A sound has ended below the first level; above the second, what comes later is a burst."""

BURST_SILENCE_S = 0.006
"""How long it must have been silent in all."""

SWELL_DB, SWELL_FLOOR_DB = 12.0, -45.0
"""Rise over the lowest level since the peak, and the level that it must reach."""

SQUARE_LIMIT = 0.82
"""Mean over peak of loud half-waves: half way between a sine (0.64) and a square (1)."""

SQUARE_LOUD, SQUARE_SHORTEST = 0.4, 8
"""Half-waves count whose peak is this share of the sound's and that have this many samples."""

SQUARE_ENERGY = 0.3
"""Share of the energy that such half-waves must hold: noise is neither round nor square."""

TONE_FRAME_S = 4096 / 44_100
TONE_FROM_HZ = 1000.0
TONE_HEIGHT_DB, TONE_LEVEL_DB, TONE_FALL_DB, TONE_TAIL_DB = 18.0, -78.0, 1.0, -40.0
TONE_NEIGHBOURS = 12

FADE_S = 0.020
"""End of a sound that its fade has quietened; the tail is what comes before."""

DC_LIMIT = 0.1
"""Mean over root mean square of the sound."""

SILENT_PEAK = 0.01
"""Peak, full scale being 1, under which a sound counts as silence (-40 dBFS)."""

CLICK_LIMIT = 0.01
"""First sample over the peak: the speaker jumps there (-40 dB)."""

FAR_FROM_TRAINED = 0.5
"""Share of faulty sounds from which a model is far from trained; real drums have 1 to 10 %."""

_CHUNK = 128
_TINY = 1e-9

Detector = Callable[[np.ndarray, int], np.ndarray]
"""Takes audio (n, length) and the sample rate in Hz, returns bool (n,)."""


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    Attributes:
        name: for machines.
        title: for people.
        definition: when a sound has it, in a sentence.
        found_in: the detector.

    """

    name: str
    title: str
    definition: str
    found_in: Detector


def find_faults(audio: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    """Return for each kind in `FAULTS` which sounds have it.

    Args:
        audio: float, shape (n, length) or (n, length, 1).
        sample_rate: in Hz.

    Returns:
        By name of the fault, bool, shape (n,). Samples that are not finite make a sound silent.

    """
    audio = np.asarray(audio, np.float32)
    audio = audio.reshape(audio.shape[:2])
    parts = [
        _of_chunk(audio[i : i + _CHUNK], sample_rate) for i in range(0, max(len(audio), 1), _CHUNK)
    ]
    return {one.name: np.concatenate([part[one.name] for part in parts]) for one in FAULTS}


def any_fault(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return which of the sounds (n, length) have a fault of any kind, bool (n,)."""
    return np.any(list(find_faults(audio, sample_rate).values()), axis=0)


def commonest_fault(audio: np.ndarray, sample_rate: int) -> tuple[float, str]:
    """Return the share of the sounds (n, length) with any fault, and the commonest one's title.

    The title is empty where no sound has a fault.
    """
    found = find_faults(audio, sample_rate)
    share = float(np.mean(np.any(list(found.values()), axis=0)))
    commonest = max(FAULTS, key=lambda one: int(found[one.name].sum()))
    return share, commonest.title.lower() if share > 0 else ""


def burst(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Tell which sounds return from silence: -60 dB for 6 ms, later over -50 dB."""
    level, after = _level_after_peak(audio, sample_rate, SHORT_WINDOW_S, SHORT_HOP_S)
    silent_hops = np.cumsum(after & (level < BURST_SILENCE_DB), axis=1)
    ended = silent_hops >= round(BURST_SILENCE_S / SHORT_HOP_S)
    return np.any(ended & after & (level > BURST_DB), axis=1)


def swell(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Tell which sounds grow by 12 dB again after their peak, to -45 dB at least."""
    level, after = _level_after_peak(audio, sample_rate, LONG_WINDOW_S, LONG_HOP_S)
    # Under the floor nobody hears how deep the level was.
    level = np.maximum(level, SWELL_FLOOR_DB - SWELL_DB)
    lowest = np.minimum.accumulate(np.where(after, level, np.inf), axis=1)
    rise = np.where(after & (level > SWELL_FLOOR_DB), level - lowest, 0.0)
    return np.any(rise > SWELL_DB, axis=1)


def tail_tone(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Tell which sounds have a steady tone under a quiet tail.

    A line over 1 kHz that stands 18 dB over its neighbourhood and falls by less than 1 dB within
    93 ms, while the whole tail is 40 dB under the peak: real resonances fall.
    """
    frame, fade = (round(seconds * sample_rate) for seconds in (TONE_FRAME_S, FADE_S))
    if audio.shape[1] < 2 * frame + fade or frame < 4 * TONE_NEIGHBOURS:
        return np.zeros(len(audio), bool)
    end = audio.shape[1] - fade
    peak = _peak(audio)
    first = _spectrum_db(audio[:, end - 2 * frame : end - frame] / peak)
    last = audio[:, end - frame : end] / peak
    quiet = _db(np.mean(last.astype(np.float64) ** 2, axis=1)) < TONE_TAIL_DB
    second = _spectrum_db(last)
    line = (second > TONE_LEVEL_DB) & (second > first - TONE_FALL_DB)
    line &= second - _neighbourhood(second) > TONE_HEIGHT_DB
    return quiet & line[:, round(TONE_FROM_HZ * frame / sample_rate) :].any(axis=1)


def square(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Tell which sounds are squared or clipped: their loud half-waves have flat tops."""
    return np.array([_squareness(sound) > SQUARE_LIMIT for sound in audio], bool)


def dc(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Tell which sounds are off centre: the mean is a tenth of the root mean square."""
    power = np.mean(audio.astype(np.float64) ** 2, axis=1)
    return np.abs(np.mean(audio, axis=1, dtype=np.float64)) > DC_LIMIT * np.sqrt(power) + _TINY


def silence(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Tell which sounds have a peak under -40 dBFS, or samples that are not finite."""
    return ~(np.abs(audio).max(axis=1) >= SILENT_PEAK)


def click(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Tell which sounds start away from 0: the first sample is over 1 % of the peak."""
    return np.abs(audio[:, 0]) > CLICK_LIMIT * _peak(audio)[:, 0]


FAULTS: tuple[Fault, ...] = (
    Fault("burst", "Burst after the end", "Falls to -60 dB, then comes back over -50 dB.", burst),
    Fault("swell", "Swell", "Grows by 12 dB again after its peak, to -45 dB at least.", swell),
    Fault(
        "tail_tone",
        "Steady tone in the tail",
        "A line over 1 kHz, 18 dB over its neighbourhood, that does not decay in a quiet tail.",
        tail_tone,
    ),
    Fault(
        "square",
        "Squared or clipped",
        "Mean over peak of the loud half-waves is over 0.82 (a sine has 0.64).",
        square,
    ),
    Fault("dc", "DC", "The mean is over a tenth of the root mean square.", dc),
    Fault("silence", "Silence", "The peak is under -40 dBFS.", silence),
    Fault("click", "Click at the start", "The first sample is over 1 % of the peak.", click),
)


def _of_chunk(audio: np.ndarray, sample_rate: int) -> dict[str, np.ndarray]:
    finite = np.isfinite(audio).all(axis=1)
    audio = np.where(finite[:, None], audio, 0.0)
    return {one.name: one.found_in(audio, sample_rate) for one in FAULTS}


def _level_after_peak(
    audio: np.ndarray, sample_rate: int, window_s: float, hop_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the moving level in dB under the peak, (n, hops), and which hops follow its top."""
    window, hop = max(1, round(window_s * sample_rate)), max(1, round(hop_s * sample_rate))
    power = np.pad(audio.astype(np.float64) ** 2, ((0, 0), (window // 2 + 1, window - window // 2)))
    sums = np.cumsum(power, axis=1)
    mean = np.maximum(sums[:, window:] - sums[:, :-window], 0.0)[:, ::hop] / window
    level = _db(mean / _peak(audio) ** 2)
    return level, np.arange(level.shape[1]) > level.argmax(axis=1)[:, None]


def _squareness(sound: np.ndarray) -> float:
    """Return mean over peak of the loud half-waves, weighted by energy; 0 where they are few."""
    size = np.abs(sound.astype(np.float64))
    starts = np.concatenate([[0], 1 + np.flatnonzero(np.diff(np.signbit(sound)))])
    samples = np.diff(np.append(starts, len(sound)))
    top = np.maximum.reduceat(size, starts)
    energy = np.add.reduceat(size**2, starts)
    loud = (top > SQUARE_LOUD * size.max()) & (samples >= SQUARE_SHORTEST)
    weight = energy[loud].sum()
    if weight <= SQUARE_ENERGY * energy.sum():
        return 0.0
    mean = np.add.reduceat(size, starts)[loud] / samples[loud]
    return float(np.sum(energy[loud] * mean / top[loud]) / weight)


def _spectrum_db(frames: np.ndarray) -> np.ndarray:
    """Return the spectrum of each frame in dB, (n, bins); a sine of amplitude 1 has 0 dB."""
    window = np.hanning(frames.shape[1] + 1)[:-1]
    return _db(np.abs(np.fft.rfft(frames * (2.0 / window.sum() * window), axis=1)) ** 2)


def _neighbourhood(level: np.ndarray) -> np.ndarray:
    """Return the median of each bin's neighbours within `TONE_NEIGHBOURS`, (n, bins)."""
    reach = TONE_NEIGHBOURS
    padded = np.pad(level, ((0, 0), (reach, reach)), mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=1)
    return np.median(views, axis=-1)


def _peak(audio: np.ndarray) -> np.ndarray:
    """Return the largest absolute sample of each sound, (n, 1), never 0."""
    return np.maximum(np.abs(audio).max(axis=1, keepdims=True), _TINY)


def _db(power: np.ndarray) -> np.ndarray:
    return 10.0 * np.log10(power + 1e-12)
