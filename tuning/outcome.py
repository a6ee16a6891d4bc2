"""What tuning has changed: the tuned model beside the one that it started from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..evaluation.light_evaluation import LightEvaluation
from ..evaluation.metrics.originality import at_full_level, nearest_training_sounds
from ..evaluation.sounds.features import log_mel
from ..evaluation.sounds.pca import fit_pca
from ..evaluation.sounds.real_sounds import RealSounds, Sounds
from ..serving.saved_model.local_model import LocalModel

JUDGED = 128
"""Sounds of each label that are made to be judged."""

SEED = 90_000


@dataclass(frozen=True)
class Outcome:
    """Figures of one model against one's own sounds.

    Attributes:
        distance: log-mel Frechet distance to held-out sounds, over that of training sounds.
        coverage: share of held-out sounds that are covered, over that by training sounds.
        copies: share of sounds that are copies of training sounds.

    """

    distance: float
    coverage: float
    copies: float


def judge(model: LocalModel, real: RealSounds, use: Mapping[str, str]) -> Outcome:
    """Compare a model's sounds with the user's.

    Args:
        model: the model.
        real: the user's sounds, training and held-out.
        use: for each label of ``real``, the model's own label.

    """
    audio = np.concatenate(
        [model.generate(use[label], n=JUDGED, seed=SEED).audio for label in real.labels]
    )
    label = np.repeat(np.arange(len(real.labels)), JUDGED)
    figures = LightEvaluation(real).scalars(audio, label)
    return Outcome(
        distance=figures["logmel_frechet_ratio"],
        coverage=figures["coverage"] / max(figures["coverage_control"], 1e-9),
        copies=copied_share(audio, real.train.audio, real.sample_rate),
    )


def own_sounds(real: RealSounds, labels: Sequence[str]) -> RealSounds:
    """Return the sounds of ``labels`` alone, counted in their order."""

    def part(sounds: Sounds) -> Sounds:
        numbers = [real.labels.index(label) for label in labels]
        audio = [sounds.of(number) for number in numbers]
        counts = [len(one) for one in audio]
        label = np.repeat(np.arange(len(labels), dtype=np.int32), counts)
        return Sounds(np.concatenate(audio), label)

    return replace(
        real, labels=tuple(labels), train=part(real.train), held_out=part(real.held_out), digest=""
    )


def copied_share(audio: np.ndarray, train: np.ndarray, sample_rate: int) -> float:
    """Share of sounds (n, length) that play a training sound (m, length) back."""
    spectrograms = log_mel(at_full_level(train), sample_rate)
    pca = fit_pca(spectrograms)
    points = pca(log_mel(at_full_level(audio), sample_rate))
    nearest = nearest_training_sounds(audio, points, train, pca(spectrograms), sample_rate)
    return float(nearest.copied.mean())


def expectation(counts: Mapping[str, int]) -> str | None:
    """Say in one line what to expect of few sounds; None where they are enough to judge."""
    label, count = min(counts.items(), key=lambda item: item[1])
    if count >= 24:
        return None
    if count >= 12:
        return (
            f"{count} sounds of {label} are few: all are trained on, so nothing can be held back "
            "to judge by; new sounds will stay near these"
        )
    return (
        f"{count} sounds of {label} are very few: expect variations of these sounds, not new ones; "
        "60 make a difference that can be measured"
    )


def table(rows: Sequence[tuple[str, Outcome]]) -> list[str]:
    """Lines that show outcomes side by side."""
    head = f"{'':12} {'distance':>9} {'coverage':>9} {'copies':>7}"
    return [head] + [
        f"{name:12} {one.distance:8.1f}x {one.coverage:9.2f} {one.copies:6.0%}"
        for name, one in rows
    ]
