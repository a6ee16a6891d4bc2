"""What tuning has changed: the tuned model beside the one that it started from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..evaluation.copied_share import TrainingSounds
from ..evaluation.light_evaluation import LightEvaluation
from ..evaluation.sounds.real_sounds import RealSounds, Sounds
from ..serving.saved_model.local_model import LocalModel

JUDGED = 512
"""Sounds of each label that are made to be judged: by 128, distances were off by up to 1.5."""

SEED = 90_000


@dataclass(frozen=True)
class Outcome:
    """Figures of one model against one's own sounds.

    Attributes:
        distance: log-mel Frechet distance to held-out sounds, over that of training sounds.
        coverage: share of held-out sounds that are covered, over that by training sounds.
        right: share of sounds that are of the label that was asked for.
        faulty: share of sounds with a fault, a wrong label among them.
        copies: share of sounds that are copies of training sounds.

    """

    distance: float
    coverage: float
    right: float
    faulty: float
    copies: float


def judge(
    models: Mapping[str, tuple[LocalModel, Mapping[str, str]]],
    real: RealSounds,
    sounds: int | None = None,
) -> dict[str, Outcome]:
    """Compare models' sounds with the user's.

    Args:
        models: by name, a model and, for each label of ``real``, the model's own label.
        real: the user's sounds, training and held-out.
        sounds: made of each label, `JUDGED` by default.

    Returns:
        Figures by name; last, as "real", those of the held-out sounds themselves.

    """
    light = LightEvaluation(real)
    known = TrainingSounds(real.train.audio, real.sample_rate)
    sounds = sounds or JUDGED
    label = np.repeat(np.arange(len(real.labels)), sounds)
    outcomes = {}
    for name, (model, use) in models.items():
        audio = np.concatenate(
            [model.generate(use[label], n=sounds, seed=SEED).audio for label in real.labels]
        )
        figures = light.scalars(audio, label)
        outcomes[name] = Outcome(
            distance=figures["logmel_frechet_ratio"],
            coverage=figures["coverage"] / max(figures["coverage_control"], 1e-9),
            right=figures["label_accuracy"],
            faulty=figures["faulty"],
            copies=known.copied_share(audio),
        )
    right, faulty = figures["label_accuracy_control"], figures["faulty_control"]
    return outcomes | {"real": Outcome(1.0, 1.0, right, faulty, 0.0)}


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


def expectation(counts: Mapping[str, int], judged: bool) -> str | None:
    """Say in one line what to expect of few sounds; None where some are held back to judge by.

    Args:
        counts: sounds of each label that are trained on.
        judged: whether some more are held back.

    """
    if judged:
        return None
    label, count = min(counts.items(), key=lambda item: item[1])
    if count >= 12:
        return (
            f"{count} sounds of {label} are few: all are trained on, so nothing can be held back "
            "to judge by; new sounds will stay near these"
        )
    return (
        f"{count} sounds of {label} are very few: expect variations of these sounds, not new ones; "
        "60 make a difference that can be measured"
    )


def verdict(outcomes: Mapping[str, Outcome]) -> str | None:
    """Say in one line that nothing was gained, where that is so.

    Args:
        outcomes: by "before" and "tuned" at least.

    """
    before, tuned = outcomes["before"].distance, outcomes["tuned"].distance
    if tuned < before:
        return None
    return (
        f"nothing was gained: the model that this one started from is as near to your sounds "
        f"({before:.1f}x against {tuned:.1f}x)"
    )


def table(outcomes: Mapping[str, Outcome]) -> list[str]:
    """Lines that show outcomes side by side."""
    head = (
        f"{'':12} {'distance':>9} {'coverage':>9} {'label right':>12} {'faulty':>7} {'copies':>7}"
    )
    return [head] + [
        f"{name:12} {one.distance:8.1f}x {one.coverage:9.2f} {one.right:12.0%} {one.faulty:7.0%} "
        f"{one.copies:7.0%}"
        for name, one in outcomes.items()
    ]
