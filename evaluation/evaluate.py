"""The whole evaluation: sounds in, figures beside their control, a report out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..common.progress import progress
from ..common.sounds.faults import any_fault
from .measurement import Figures, take_all
from .metrics.latent_metrics import METRICS as LATENT_METRICS
from .metrics.latent_metrics import sounds_needed, take_latent
from .metrics.registry import GROUPS, Metric, metrics
from .ranking import Standing, overall_score, rank
from .report.advice import advise, limits_of_counts
from .sounds.classifier import label_classifier
from .sounds.embeddings import SavedModelEmbedding
from .sounds.real_sounds import EvaluationError, RealSounds, Sounds, load_real
from .sounds.sound_features import Extractor, Features, extract, find_nearest, fit_extractor
from .sounds.sources import SoundSource, generate_sounds, read_folder

COUNT = 256
"""Sounds of each class that are judged."""

FEWEST_COUNT = 8


@dataclass(frozen=True)
class Evaluation:
    """Everything that a report is made of.

    Attributes:
        name: what the judged sounds are called.
        real: what they were measured against.
        sounds: the judged sounds.
        candidate: their features.
        train: features of the real training sounds.
        held_out: features of the held-out real sounds.
        extractor: what all features were computed with.
        metrics: the metrics that were taken.
        figures: by class and `measurement.OVERALL`, then by metric.
        standings: of the classes, the worst first.
        score: of the whole, see `score`.
        limits: what the numbers of sounds can and cannot tell; warnings first.
        advice: what the numbers say should be tried.
        seconds: wall time of each part.
        facts: what else is to be told: the model, the seed, the counts.
        word: what the judged sounds are: "generated", or "given" if they came as files.

    """

    name: str
    real: RealSounds
    sounds: Sounds
    candidate: Features
    train: Features
    held_out: Features
    extractor: Extractor
    metrics: tuple[Metric, ...]
    figures: Figures
    standings: list[Standing]
    score: float
    limits: list[str]
    advice: list[str]
    seconds: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    word: str = "generated"


def evaluate(
    source: SoundSource | Path,
    records: Path | RealSounds,
    *,
    name: str = "",
    count: int = COUNT,
    seed: int = 0,
    part: str | None = None,
    leave_out_faulty: bool = False,
    keep_in: Path | None = None,
    embedding: SavedModelEmbedding | None = None,
    facts: dict[str, Any] | None = None,
) -> Evaluation:
    """Judge a generator, or a folder of audio files by class.

    Args:
        source: what makes the sounds, or the folder that holds them.
        records: the real sounds.
        name: what the judged sounds are called.
        count: sounds of each class.
        seed: of z and of paths; what real sounds are compared with stays the same.
        part: of the records that real sounds are taken from, "valid" or "test"; by default the
            test part where there is one.
        leave_out_faulty: draw faulty sounds again, as ``drumsmith generate`` does; sounds of a
            folder are taken as they are.
        keep_in: folder in which the label classifier is kept for the next time.
        embedding: a third embedding.
        facts: what else the report should tell.

    Raises:
        UserError: the records, the folder or the model cannot be used; one line says why.

    """
    if count < FEWEST_COUNT:
        raise EvaluationError(f"{count} sounds of a class are too few: give {FEWEST_COUNT} or more")
    clock = _Clock()
    real = records if isinstance(records, RealSounds) else _load(source, Path(records), part)
    sounds = _sounds(source, real, count, seed, any_fault if leave_out_faulty else None)
    clock.lap("sounds")
    classifier = label_classifier(real, keep_in)
    clock.lap("classifier")
    extractor = fit_extractor(real, classifier, embedding)
    candidate, train, held_out = _extract_all(sounds, real, extractor)
    clock.lap("features")
    taken, figures = _measure(source, real, (candidate, train, held_out), extractor, seed)
    clock.lap("figures")
    return Evaluation(
        name=name or (source.name if isinstance(source, Path) else "model"),
        real=real,
        sounds=sounds,
        candidate=candidate,
        train=train,
        held_out=held_out,
        extractor=extractor,
        metrics=taken,
        figures=figures,
        standings=rank(figures, real.labels),
        score=overall_score(figures, real.labels),
        limits=limits_of_counts(figures, real),
        advice=advise(figures, real.labels),
        seconds=clock.laps,
        facts={
            "seed": seed,
            "count": count,
            "part": real.part,
            "faulty sounds": "left out" if leave_out_faulty else "kept",
            **(facts or {}),
        },
        word="given" if isinstance(source, Path) else "generated",
    )


def _load(source: SoundSource | Path, records: Path, part: str | None) -> RealSounds:
    real = load_real(records, part=part)
    if isinstance(source, Path) or (source.length, source.sample_rate) == (
        real.length,
        real.sample_rate,
    ):
        return real
    # A model of an earlier stage of progressive growing makes shorter audio at a lower rate.
    if real.length % source.length:
        raise EvaluationError(
            f"the model makes {source.length} samples, the records hold {real.length}: "
            "give the records that it was trained on"
        )
    shorter = load_real(records, source.length, part=part)
    if shorter.sample_rate != source.sample_rate:
        raise EvaluationError(
            f"the model makes {source.sample_rate} samples a second, the records hold "
            f"{real.sample_rate}: give the records that it was trained on"
        )
    return shorter


def _sounds(
    source: SoundSource | Path,
    real: RealSounds,
    count: int,
    seed: int,
    leave_out: Callable[[np.ndarray, int], np.ndarray] | None,
) -> Sounds:
    with progress("sounds", count * len(real.labels)) as meter:
        if isinstance(source, Path):
            return read_folder(
                source, real.labels, real.sample_rate, real.length, count, seed, meter.advance
            )
        return generate_sounds(source, real.labels, count, seed, meter.advance, leave_out=leave_out)


def _extract_all(
    sounds: Sounds, real: RealSounds, extractor: Extractor
) -> tuple[Features, Features, Features]:
    """Return features of the judged, the training and the held-out sounds."""
    total = 2 * (len(sounds.label) + len(real.held_out.label)) + len(real.train.label)
    with progress("features", total) as meter:
        meter.describe("training sounds")
        train = extract(real.train, extractor, meter.advance, faults=False)
        both = []
        for name, one in (("judged", sounds), (real.part_words, real.held_out)):
            meter.describe(f"{name} sounds")
            features = extract(one, extractor, meter.advance)
            nearest = find_nearest(one, real, train, extractor, meter.advance)
            both.append(features.with_nearest(nearest))
    return both[0], train, both[1]


def _measure(
    source: SoundSource | Path,
    real: RealSounds,
    parts: tuple[Features, Features, Features],
    extractor: Extractor,
    seed: int,
) -> tuple[tuple[Metric, ...], Figures]:
    taken = metrics(extractor.embeddings)
    with progress("figures", len(taken) * len(real.labels)) as meter:
        figures = take_all(taken, real.labels, *parts, advance=meter.advance)
    if isinstance(source, Path):
        return taken, figures
    with progress("latent space", len(real.labels) * sounds_needed(source.latent_dim)) as meter:
        take_latent(source, real.labels, figures, seed, meter.advance)
    everything = sorted((*taken, *LATENT_METRICS), key=lambda one: GROUPS.index(one.group))
    return tuple(everything), figures


class _Clock:
    """Notes how long each part took, in seconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._since, 2)
        self._since = now
