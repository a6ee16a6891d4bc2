"""The whole evaluation: sounds in, figures beside their floor, a report out."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..common.progress import progress
from .metrics.latent_metrics import METRICS as LATENT_METRICS
from .metrics.latent_metrics import sounds_needed, take_latent
from .metrics.measurement import Figures, take_all
from .metrics.ranking import Standing, overall_score, rank
from .metrics.registry import Metric, metrics
from .report.advice import advise
from .sounds.classifier import label_classifier
from .sounds.embeddings import SavedModelEmbedding
from .sounds.real_sounds import EvaluationError, RealSounds, Sounds, load_real
from .sounds.sound_features import Lens, View, find_nearest, fit_lens, look
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
        valid: features of the real validation sounds.
        lens: what all of them were looked at through.
        catalogue: the metrics that were taken.
        figures: by class and `measuring.OVERALL`, then by metric.
        standings: of the classes, the worst first.
        score: of the whole, see `score`.
        advice: what the numbers say should be tried.
        seconds: wall time of each part.
        facts: what else is to be told: the model, the seed, the counts.
        word: what the judged sounds are: "generated", or "given" if they came as files.

    """

    name: str
    real: RealSounds
    sounds: Sounds
    candidate: View
    train: View
    valid: View
    lens: Lens
    catalogue: tuple[Metric, ...]
    figures: Figures
    standings: list[Standing]
    score: float
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
        keep_in: folder in which the label classifier is kept for the next time.
        embedding: a third embedding.
        facts: what else the report should tell.

    Raises:
        UserError: the records, the folder or the model cannot be used; one line says why.

    """
    if count < FEWEST_COUNT:
        raise EvaluationError(f"{count} sounds of a class are too few: give {FEWEST_COUNT} or more")
    clock = _Clock()
    real = records if isinstance(records, RealSounds) else _load(source, Path(records))
    sounds = _sounds(source, real, count, seed)
    clock.lap("sounds")
    classifier = label_classifier(real, keep_in)
    clock.lap("classifier")
    lens, candidate, train, valid = _look_at_all(
        sounds, real, fit_lens(real, classifier, embedding)
    )
    clock.lap("features")
    catalogue, figures = _measure(source, real, candidate, train, valid, lens, seed)
    clock.lap("figures")
    return Evaluation(
        name=name or (source.name if isinstance(source, Path) else "model"),
        real=real,
        sounds=sounds,
        candidate=candidate,
        train=train,
        valid=valid,
        lens=lens,
        catalogue=catalogue,
        figures=figures,
        standings=rank(figures, real.labels),
        score=overall_score(figures, real.labels),
        advice=advise(figures, real.labels),
        seconds=clock.laps,
        facts={"seed": seed, "count": count, **(facts or {})},
        word="given" if isinstance(source, Path) else "generated",
    )


def _load(source: SoundSource | Path, records: Path) -> RealSounds:
    real = load_real(records)
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
    shorter = load_real(records, source.length)
    if shorter.sample_rate != source.sample_rate:
        raise EvaluationError(
            f"the model makes {source.sample_rate} samples a second, the records hold "
            f"{real.sample_rate}: give the records that it was trained on"
        )
    return shorter


def _sounds(source: SoundSource | Path, real: RealSounds, count: int, seed: int) -> Sounds:
    with progress("sounds", count * len(real.labels)) as meter:
        if isinstance(source, Path):
            return read_folder(
                source, real.labels, real.sample_rate, real.length, count, seed, meter.advance
            )
        return generate_sounds(source, real.labels, count, seed, meter.advance)


def _look_at_all(sounds: Sounds, real: RealSounds, lens: Lens) -> tuple[Lens, View, View, View]:
    parts = {"judged": sounds, "training": real.train, "validation": real.valid}
    total = sum(len(one.label) for one in parts.values())
    total += len(sounds.label) + len(real.valid.label)
    with progress("features", total) as meter:
        views = {}
        for name, one in parts.items():
            meter.describe(f"{name} sounds")
            views[name] = look(one, lens, meter.advance)
        meter.describe("nearest training sounds")
        for name, one in (("judged", sounds), ("validation", real.valid)):
            nearest = find_nearest(one, real, views["training"], lens, meter.advance)
            views[name] = views[name].with_nearest(nearest)
    return lens, views["judged"], views["training"], views["validation"]


def _measure(
    source: SoundSource | Path,
    real: RealSounds,
    candidate: View,
    train: View,
    valid: View,
    lens: Lens,
    seed: int,
) -> tuple[tuple[Metric, ...], Figures]:
    catalogue = metrics(lens.embeddings)
    with progress("figures", len(catalogue) * len(real.labels)) as meter:
        figures = take_all(catalogue, real.labels, candidate, train, valid, advance=meter.advance)
    if isinstance(source, Path):
        return catalogue, figures
    with progress("latent space", len(real.labels) * sounds_needed(source.latent_dim)) as meter:
        take_latent(source, real.labels, figures, seed, meter.advance)
    return catalogue + LATENT_METRICS, figures


class _Clock:
    """Notes how long each part took, in seconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._since, 2)
        self._since = now
