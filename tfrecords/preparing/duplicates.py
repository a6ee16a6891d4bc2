"""The same sound twice: at another level, rate, offset, polarity, or out of another codec.

Fingerprints say which pairs may be copies: a k-d tree finds them without comparing all with all.
The prepared sounds themselves decide: two are the same if they correlate, and so do their
derivatives, which stops two kicks of one low tone and different clicks from being one. A short
sound that was tuned correlates with itself before; it does so better when it is tuned back, and is
then another sound.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import scipy.fft
from scipy.spatial import cKDTree

from .fingerprint import RADIUS

ALIKE = 0.95
"""Correlation of the sounds from which on they are the same."""

ALIKE_DERIVATIVES = 0.92
"""Correlation of their derivatives, which codecs and rounding change more."""

_HIGHEST_HZ = 10_000.0  # above, lossy codecs and low rates have nothing
_SHARE_OF_RATE = 0.42  # of the lower of two files' rates
_MOST_LAG_S = 0.02  # codecs' ringing before an attack moves the onset
_MOST_SAMPLES = 1 << 15
_NEAREST = 5
_SURE = 0.995  # correlation from which on no tuning is looked for
_TUNINGS = tuple(1 + sign * share for share in (0.01, 0.02, 0.03, 0.045, 0.06) for sign in (1, -1))
_BETTER = 0.5  # of what a correlation lacks, tuning back must leave less
_NOT_ALIKE = 0.7  # correlation at whole samples; between them it may be a quarter higher


@dataclass(frozen=True)
class Candidate:
    """A sound among which copies are sought.

    Attributes:
        fingerprint: float32, of ``preparing.fingerprint``.
        rate: of its file, in Hz.
        known_copy_of: the number of a better candidate that an earlier run found it to be a copy
            of; its samples are then not needed.
    """

    fingerprint: np.ndarray
    rate: int
    known_copy_of: int | None = None


@dataclass(frozen=True)
class Copy:
    """A sound that is another one again: numbers of both, and how well they correlate."""

    number: int
    of: int
    likeness: float


def find_copies(
    candidates: Mapping[int, Candidate],
    samples: Callable[[int], np.ndarray],
    sample_rate: int,
    advance: Callable[[], None] = lambda: None,
    *,
    near: Mapping[int, list[int]] | None = None,
    compared: Mapping[tuple[int, int], float] | None = None,
) -> list[Copy]:
    """Find the sounds that repeat a better one.

    The better one is the one that comes first. A sound is compared with those that are kept, so
    that no chain of small differences joins two that differ.

    Args:
        candidates: number -> candidate, the best first.
        samples: number -> int16 (length,), the prepared sound.
        sample_rate: of the prepared sounds, in Hz.
        advance: called after each candidate.
        near: what ``find_near`` gave for these candidates; found here where it is left out.
        compared: (better, worse) -> likeness, of pairs that were compared before.

    Returns:
        One Copy per sound that is one, in the order of the candidates.
    """
    near = find_near(candidates) if near is None else near
    known = compared or {}
    copies: dict[int, Copy] = {}
    for number, candidate in candidates.items():
        advance()
        if candidate.known_copy_of is not None:
            copies[number] = Copy(number, candidate.known_copy_of, 1.0)
            continue
        for other in _kept(near.get(number, ()), copies):
            alike = known.get((other, number))
            if alike is None:
                rate = min(candidates[number].rate, candidates[other].rate)
                alike = likeness(samples(other), samples(number), sample_rate, rate)
            if alike:
                copies[number] = Copy(number, other, alike)
                break
    return list(copies.values())


def find_near(candidates: Mapping[int, Candidate]) -> dict[int, list[int]]:
    """For each number, the better ones among its nearest, the best first.

    A few nearest instead of all within the radius: of those there are ever more as a collection
    grows, and a copy lies nearer than most. Needs 64 bytes a sound, and time that grows little
    faster than their number.
    """
    numbers = list(candidates)
    if len(numbers) < 2:
        return {}
    points = np.stack([candidates[number].fingerprint for number in numbers])
    nearest = min(_NEAREST + 1, len(numbers))
    _, found = cKDTree(points).query(points, nearest, distance_upper_bound=RADIUS)
    near: dict[int, set[int]] = {}
    for one, others in enumerate(found.tolist()):
        for other in others:
            # Beyond the radius the tree gives a number that is none.
            if other < len(numbers) and other != one:
                near.setdefault(max(one, other), set()).add(min(one, other))
    return {numbers[worse]: [numbers[n] for n in sorted(better)] for worse, better in near.items()}


def _kept(better: Iterable[int], copies: Mapping[int, Copy]) -> Iterator[int]:
    """Yield the sounds to compare with, each once: a copy stands for the sound that is kept."""
    originals = (copies[other].of if other in copies else other for other in better)
    # Of one whose own original was lost, nothing is known yet: it is decoded again.
    return (other for other in dict.fromkeys(originals) if other not in copies)


def likeness(first: np.ndarray, second: np.ndarray, sample_rate: int, rate: int) -> float:
    """How well two prepared sounds correlate, at the best lag and polarity.

    Args:
        first: int16 (length,).
        second: int16 (length,).
        sample_rate: theirs, in Hz.
        rate: the lower rate of the files that they came from, in Hz.

    Returns:
        In [ALIKE, 1] where they are the same sound, else 0.
    """
    size = scipy.fft.next_fast_len(2 * min(len(first), _MOST_SAMPLES), real=True)
    one, two = (
        scipy.fft.rfft(sound[:_MOST_SAMPLES].astype(np.float32), size) for sound in (first, second)
    )
    highest = min(_HIGHEST_HZ, _SHARE_OF_RATE * rate, sample_rate / 2)
    bins = max(2, int(highest * size / sample_rate))
    one, two = one[:bins], two[:bins]
    lag = max(1, round(_MOST_LAG_S * sample_rate))
    if _coarse_correlation(one, two, size, lag) < _NOT_ALIKE:
        return 0.0
    plain = _correlation(one, two, size, lag)
    if plain < ALIKE:
        return 0.0
    slope = np.arange(bins, dtype=np.float32)
    if _correlation(one * slope, two * slope, size, lag) < ALIKE_DERIVATIVES:
        return 0.0
    if plain < _SURE and _is_tuned(one, second, plain, size, lag):
        return 0.0
    return min(plain, 1.0)


def _is_tuned(one: np.ndarray, second: np.ndarray, plain: float, size: int, lag: int) -> bool:
    """Whether a sound correlates much better with another after that is tuned up or down.

    Args:
        one: spectrum (bins,) of the first sound, of a transform of ``size``.
        second: int16 (length,).
        plain: their correlation as they are.
        size: of the transform.
        lag: how far they may lie apart, in samples.
    """
    audio = second[:_MOST_SAMPLES].astype(np.float32)
    length = scipy.fft.next_fast_len(len(audio) + len(audio) // 8, real=True)
    bins = scipy.fft.rfft(audio, length)
    for tuning in _TUNINGS:
        tuned = scipy.fft.irfft(bins, round(length * tuning))[: size // 2]
        other = scipy.fft.rfft(tuned, size)[: len(one)]
        if 1 - _correlation(one, other, size, lag) < _BETTER * (1 - plain):
            return True
    return False


def _coarse_correlation(one: np.ndarray, two: np.ndarray, size: int, lag: int) -> float:
    """Return the largest correlation within the lag, at whole samples."""
    cross = np.abs(scipy.fft.irfft(one * np.conj(two), size))
    energy = np.sqrt(_energy(one) * _energy(two)) * 2 / size
    return float(max(cross[:lag].max(), cross[-lag:].max()) / energy) if energy else 0.0


def _correlation(one: np.ndarray, two: np.ndarray, size: int, lag: int) -> float:
    """Return the largest correlation within the lag, between samples too, either way up."""
    # Twice as fine, and a parabola through the largest three: bright sounds that lie half a sample
    # apart would seem to differ.
    cross = np.abs(scipy.fft.irfft(one * np.conj(two), 2 * size))
    reach = np.concatenate((cross[-2 * lag :], cross[: 2 * lag + 1]))
    best = int(np.argmax(reach[1:-1])) + 1
    left, middle, right = reach[best - 1 : best + 2].tolist()
    bend = left - 2 * middle + right
    top = middle - (left - right) ** 2 / (8 * bend) if bend < 0 else middle
    energy = np.sqrt(_energy(one) * _energy(two)) / size
    return float(top / energy) if energy else 0.0


def _energy(spectrum: np.ndarray) -> float:
    return float(np.vdot(spectrum, spectrum).real)


def pairs_under_two_labels(copies: Iterable[Copy], label_of: Mapping[int, str]) -> Iterator[Copy]:
    """Those copies that lie under another label than the sound they repeat."""
    return (copy for copy in copies if label_of[copy.number] != label_of[copy.of])
