"""Is a sound new, or a training sound played back?

Two measures. The distance to the nearest training sound, on log-mel spectrograms reduced by PCA,
against the same distance for held-out real sounds: a model that memorises lies nearer to its
training sounds than real drums do. And the correlation of the waveforms, which finds copies
whatever their level, polarity or small shift in time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft as scipy_fft
from scipy.spatial import cKDTree

from .registry import AT_LEAST_ZERO, ORIGINALITY, SHARE, Metric, Target, register
from .sampling import Estimate, estimate, mean_estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features

SHORTLIST = 8
"""Nearest training sounds by spectrogram whose waveforms are compared."""

COPY_CORRELATION = 0.97
"""A sound correlated this strongly with a training sound, plain and pre-emphasised, is a copy."""

LAG_S = 0.006
"""Shift in time that a copy may have, in seconds."""

PRE_EMPHASIS = 0.95
"""Without it all kicks of one pitch are alike: their energy is one decaying sine."""

_TINY = 1e-9


@dataclass(frozen=True)
class Nearest:
    """For each of n sounds: which training sound is nearest, and how near.

    Attributes:
        index: of the nearest training sound by spectrogram.
        distance: to it, in dB (root mean square over cells).
        match: index of the training sound whose waveform correlates most, among the shortlist.
        correlation: with it, in [0, 1].

    """

    index: np.ndarray
    distance: np.ndarray
    match: np.ndarray
    correlation: np.ndarray

    @property
    def copied(self) -> np.ndarray:
        """Which sounds count as copies, bool (n,)."""
        return self.correlation >= COPY_CORRELATION


def nearest_training_sounds(
    audio: np.ndarray,
    points: np.ndarray,
    train_audio: np.ndarray,
    train_points: np.ndarray,
    sample_rate: int,
    advance: Callable[[int], None] = lambda count: None,
) -> Nearest:
    """Search the training sounds for the nearest of each sound.

    Args:
        audio: shape (n, length).
        points: their embedding, shape (n, d); take it of `at_full_level` audio, or a quiet copy
            is not found.
        train_audio: shape (m, length).
        train_points: their embedding, shape (m, d).
        sample_rate: in Hz.
        advance: called with the number of sounds done since the last call.

    """
    count = min(SHORTLIST, len(train_points))
    distances, shortlist = cKDTree(train_points).query(points, k=count)
    distances = distances.reshape(len(points), count)
    shortlist = shortlist.reshape(len(points), count)
    correlations = np.empty(shortlist.shape)
    for i, sound in enumerate(audio):
        correlations[i] = waveform_correlation(sound, train_audio[shortlist[i]], sample_rate)
        advance(1)
    rows, best = np.arange(len(audio)), correlations.argmax(axis=1)
    return Nearest(
        shortlist[:, 0], distances[:, 0], shortlist[rows, best], correlations[rows, best]
    )


def waveform_correlation(sound: np.ndarray, others: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the largest absolute correlation within `LAG_S`, plain and pre-emphasised.

    Args:
        sound: shape (length,).
        others: shape (k, length).
        sample_rate: in Hz.

    Returns:
        The smaller of both for each of ``others``, in [0, 1], shape (k,).

    """
    lag = max(1, round(LAG_S * sample_rate))
    plain = _correlation(sound[None], others, lag)
    return np.minimum(plain, _correlation(_emphasise(sound[None]), _emphasise(others), lag))


def at_full_level(audio: np.ndarray) -> np.ndarray:
    """Return each sound scaled so that its peak is 1; silence stays silence."""
    return audio / np.maximum(np.abs(audio).max(axis=1, keepdims=True), _TINY)


def _correlation(sound: np.ndarray, others: np.ndarray, lag: int) -> np.ndarray:
    # Zero-padding by the lag keeps the circular correlation linear where it is read.
    size = scipy_fft.next_fast_len(sound.shape[1] + lag, real=True)
    spectrum = scipy_fft.rfft(sound.astype(np.float32), size)
    product = scipy_fft.rfft(others.astype(np.float32), size) * spectrum.conj()
    correlation = np.abs(scipy_fft.irfft(product, size))
    near = np.maximum(correlation[:, : lag + 1].max(axis=1), correlation[:, -lag:].max(axis=1))
    energy = np.sqrt(np.sum(sound**2) * np.sum(others**2, axis=1))
    return np.minimum(near / np.maximum(energy, _TINY), 1.0)


def _emphasise(audio: np.ndarray) -> np.ndarray:
    return audio[:, 1:] - PRE_EMPHASIS * audio[:, :-1]


def nearest_distance(
    percentile: float, candidate: "Features", reference: "Features", chunk: int, seed: int
) -> Estimate:
    """Measure a percentile of the distance to the nearest training sound, in dB."""
    distances = candidate.nearest["distance"]
    return estimate(
        lambda i: float(np.percentile(distances[i], percentile)),
        len(distances),
        seed=seed,
        bounds=AT_LEAST_ZERO,
    )


def copies(candidate: "Features", reference: "Features", chunk: int, seed: int) -> Estimate:
    """Measure the share of sounds that are copies of training sounds."""
    return mean_estimate(candidate.nearest["copied"], seed=seed, bounds=SHARE)


for _name, _percentile, _which in (
    ("nearest_distance", 50.0, "median"),
    ("nearest_distance_low", 5.0, "lowest twentieth"),
):
    register(
        Metric(
            _name,
            f"Nearest training sound, {_which}",
            "dB",
            ORIGINALITY,
            "real",
            f"{_which.capitalize()} of the distance to the nearest training sound of any class, on "
            "log-mel at full level; the control is the same for held-out real sounds. Well under "
            "the control means memorised.",
            "own; after Meehan et al. 2020, a test for data copying",
            partial(nearest_distance, _percentile),
            target=Target(
                0.9,
                "ratio",
                f"as new as real sounds are ({_which})",
                f"nearer to training sounds than real ones are ({_which})",
                at_least=True,
            ),
        )
    )
register(
    Metric(
        "copies",
        "Copies",
        "",
        ORIGINALITY,
        "lower",
        "Share of sounds whose waveform correlates 0.97 or more with a training sound, plain and "
        "pre-emphasised, at any level, polarity and shift within 6 ms.",
        "own",
        copies,
        target=Target(0.0, "value", "no copy of a training sound", "copies of training sounds"),
        digits=3,
    )
)
