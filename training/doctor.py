"""Looks at previews and scalars for the ways in which such trainings go wrong.

Thresholds are set where a listener or the literature would begin to worry, and loose enough that
real drums pass: an early warning is worth little if healthy runs get it too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..common.sounds.faults import FAR_FROM_TRAINED, commonest_fault
from ..evaluation.metrics.artefacts import dc_offset, image_heights_db, spectra
from ..evaluation.metrics.diversity import mean_distance
from ..evaluation.sounds.features import log_mel

SILENT_PEAK = 0.01
"""Peak under which a sound is silent: -40 dB, where training sounds have 0 dB."""

CLIPPED_SHARE = 0.02
"""Share of samples at full scale from which a sound is clipped, not just loud."""

FULL_SCALE = 0.999

LARGEST_DC = 0.05
"""Mean from which an offset takes audible headroom."""

LOUDEST_IMAGE_DB = 12.0
"""Height of a steady tone over its neighbourhood; published sounds of the paper reach 11."""

LEAST_DIVERSITY_DB = 1.0
"""Mean log-mel distance, in dB per cell, under which the sounds of a class are one sound."""

LARGEST_PENALTY = 3.0
"""Mean penalty of a reading from which the critic leaves its constraint: gradients of length 2.7.

A healthy run stays under 0.5 with single readings up to 1.5 in its first hundreds of steps."""

RUNAWAY = 20.0
"""Wasserstein estimate over its median so far from which the critic has run away."""

LEAST_HISTORY = 20
"""Readings of scalars before the critic is judged: the first steps are always wild."""


@dataclass(frozen=True)
class Diagnosis:
    """Something that looks wrong, and what to try.

    Attributes:
        name: kind of fault, for programs.
        message: what was seen, with its figure.
        advice: what to try.

    """

    name: str
    message: str
    advice: str

    def __str__(self) -> str:
        return f"{self.message}; {self.advice}"


def examine_sounds(sounds: Mapping[str, np.ndarray], sample_rate: int) -> list[Diagnosis]:
    """Examine previews.

    Args:
        sounds: by label, float (n, length), n >= 2.
        sample_rate: in Hz.

    Returns:
        What looks wrong, none for healthy sounds.

    """
    found = []
    for label, audio in sounds.items():
        if not np.isfinite(audio).all():
            found.append(_not_finite(label))
            continue
        silent = float(np.mean(np.abs(audio).max(axis=1) < SILENT_PEAK))
        if silent > 0.5:
            # Nothing else can be said of silence.
            found.append(_silence(label, silent))
            continue
        found += [*_clipping(label, audio), *_dc(label, audio), *_tones(label, audio, sample_rate)]
        found += _sameness(label, audio, sample_rate)
        found += _faults(label, audio, sample_rate)
    return found


def examine_scalars(history: Sequence[Mapping[str, float]]) -> list[Diagnosis]:
    """Examine the newest of a run's readings against those before it."""
    if len(history) <= LEAST_HISTORY:
        return []
    newest = history[-1]
    if "wasserstein" not in newest:
        return []  # another kind of training: no constraint, and no distance that may run away
    found = []
    if newest.get("penalty", 0.0) > LARGEST_PENALTY:
        found.append(
            Diagnosis(
                "critic",
                f"the critic leaves its constraint: mean penalty {newest['penalty']:.2f}",
                "try a lower --set learning_rate or a higher --set gp_weight",
            )
        )
    usual = float(np.median([abs(reading.get("wasserstein", 0.0)) for reading in history[:-1]]))
    if abs(newest["wasserstein"]) > RUNAWAY * usual:
        found.append(
            Diagnosis(
                "critic",
                f"the critic runs away: Wasserstein estimate {newest['wasserstein']:.3g}, "
                f"usually {usual:.3g}",
                "try a lower --set learning_rate",
            )
        )
    return found


def _not_finite(label: str) -> Diagnosis:
    return Diagnosis(
        "nan", f"{label}: sounds are not finite", "start again with a lower --set learning_rate"
    )


def _silence(label: str, share: float) -> Diagnosis:
    return Diagnosis(
        "silence",
        f"{label}: {share:.0%} of the sounds are silent",
        "usual in the first steps; later, try a lower --set learning_rate",
    )


def _clipping(label: str, audio: np.ndarray) -> list[Diagnosis]:
    share = float(np.mean(np.abs(audio) > FULL_SCALE))
    if share <= CLIPPED_SHARE:
        return []
    return [
        Diagnosis(
            "clipping",
            f"{label}: {share:.0%} of the samples are at full scale",
            "look for clipped sounds in the collection; else train on, or lower the learning rate",
        )
    ]


def _dc(label: str, audio: np.ndarray) -> list[Diagnosis]:
    offset = float(dc_offset(audio).mean())
    if offset <= LARGEST_DC:
        return []
    return [
        Diagnosis(
            "dc",
            f"{label}: the waveform is off centre by {offset:.2f}",
            "usual in the first steps; later, --set augment_polarity=true teaches the centre",
        )
    ]


def _tones(label: str, audio: np.ndarray, sample_rate: int) -> list[Diagnosis]:
    heights = image_heights_db(spectra(audio))
    if not heights:
        return []
    name, height = max(heights.items(), key=lambda item: item[1])
    if height <= LOUDEST_IMAGE_DB:
        return []
    return [
        Diagnosis(
            "tone",
            f"{label}: a steady tone at {name} stands {height:.0f} dB over its neighbourhood",
            "it fades with training; if it stays, check that phase shuffle is on",
        )
    ]


def _sameness(label: str, audio: np.ndarray, sample_rate: int) -> list[Diagnosis]:
    features = log_mel(audio, sample_rate).reshape(len(audio), -1)
    distance = mean_distance(features) / np.sqrt(features.shape[1])
    if distance >= LEAST_DIVERSITY_DB:
        return []
    return [
        Diagnosis(
            "sameness",
            f"{label}: all sounds are nearly one, {distance:.2f} dB apart",
            "usual in the first steps; later, try --set balanced=true or more sounds of this class",
        )
    ]


def _faults(label: str, audio: np.ndarray, sample_rate: int) -> list[Diagnosis]:
    share, commonest = commonest_fault(audio, sample_rate)
    if share < FAR_FROM_TRAINED:
        return []
    return [
        Diagnosis(
            "faults",
            f"{label}: {share:.0%} of the sounds are faulty, mostly {commonest}",
            "the model is far from trained: train on",
        )
    ]
