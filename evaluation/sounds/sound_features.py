"""Sounds as the metrics see them: every feature computed once, then only indexed."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from ..metrics import artefacts
from ..metrics.descriptors import DESCRIPTORS
from ..metrics.originality import Nearest, at_full_level, nearest_training_sounds
from ..metrics.pca import DIMENSIONS, Pca, fit_pca
from .classifier import LabelClassifier
from .embeddings import SavedModelEmbedding
from .features import log_mel
from .real_sounds import RealSounds, Sounds

LOGMEL = "logmel"
CLASSIFIER = "classifier"
EXTRA = "extra"

CELL_DIMENSIONS = 64
"""Directions kept of the spectrogram's cells where the number of directions is itself asked for."""


@dataclass(frozen=True)
class Lens:
    """What sounds are looked at through; the same for generated and for real ones.

    Attributes:
        sample_rate: in Hz.
        pca: of log-mel spectrograms, fitted on real training sounds.
        classifier: names classes; its last layer is an embedding.
        extra: a third embedding, or none.

    """

    sample_rate: int
    pca: Pca
    classifier: LabelClassifier
    extra: SavedModelEmbedding | None = None

    @property
    def embeddings(self) -> tuple[str, ...]:
        """Names of the embeddings."""
        return (LOGMEL, CLASSIFIER, EXTRA) if self.extra else (LOGMEL, CLASSIFIER)


@dataclass(frozen=True)
class View:
    """Features of n sounds, each with n as its first axis.

    Attributes:
        label: int, (n,).
        points: by embedding, (n, d).
        wide_points: log-mel on `CELL_DIMENSIONS` principal directions.
        probabilities: of the classes, by the classifier, (n, classes).
        power: spectra, (n, bins).
        descriptors: by name, (n,).
        tail: level of the tail in dB.
        dc: absolute mean.
        clicks: 1 where the sound starts or ends away from 0.
        nearest: see `Nearest`, field by field; empty for training sounds.

    """

    label: np.ndarray
    points: dict[str, np.ndarray]
    wide_points: np.ndarray
    probabilities: np.ndarray
    power: np.ndarray
    descriptors: dict[str, np.ndarray]
    tail: np.ndarray
    dc: np.ndarray
    clicks: np.ndarray
    nearest: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.label)

    def of(self, label: int) -> "View":
        """Return the part with one class."""
        mask = self.label == label
        return View(**{item.name: _pick(getattr(self, item.name), mask) for item in fields(self)})

    def with_nearest(self, nearest: Nearest) -> "View":
        """Return the same with the nearest training sounds known."""
        return replace(
            self,
            nearest={
                "index": nearest.index,
                "distance": nearest.distance,
                "twin": nearest.twin,
                "correlation": nearest.correlation,
                "copied": nearest.copied,
            },
        )


def fit_lens(
    real: RealSounds, classifier: LabelClassifier, extra: SavedModelEmbedding | None = None
) -> Lens:
    """Fit the projection on the real training sounds."""
    pca = fit_pca(log_mel(real.train.audio, real.sample_rate), CELL_DIMENSIONS)
    return Lens(real.sample_rate, pca, classifier, extra)


def look(sounds: Sounds, lens: Lens, advance: Callable[[int], None] = lambda count: None) -> View:
    """Compute every feature of ``sounds``; ``advance`` is told how many sounds are done."""
    audio, rate = sounds.audio, lens.sample_rate
    spectrograms = log_mel(audio, rate)
    probabilities, last_layer = lens.classifier.judge(spectrograms)
    wide = lens.pca(spectrograms)
    points = {LOGMEL: wide[:, :DIMENSIONS], CLASSIFIER: last_layer}
    if lens.extra:
        points[EXTRA] = lens.extra(audio, rate)
    view = View(
        label=sounds.label,
        points=points,
        wide_points=wide,
        probabilities=probabilities,
        power=artefacts.spectra(audio),
        descriptors={one.name: one.function(audio, rate) for one in DESCRIPTORS},
        tail=artefacts.tail_db(audio, rate),
        dc=artefacts.dc_offset(audio),
        clicks=artefacts.clicking_ends(audio),
    )
    advance(len(audio))
    return view


def find_nearest(
    sounds: Sounds,
    real: RealSounds,
    train: View,
    lens: Lens,
    advance: Callable[[int], None] = lambda count: None,
) -> Nearest:
    """Search the training sounds for the nearest of each of ``sounds``, at full level."""
    points = lens.pca(log_mel(at_full_level(sounds.audio), lens.sample_rate))
    return nearest_training_sounds(
        sounds.audio, points, real.train.audio, train.wide_points, lens.sample_rate, advance
    )


def _pick(values: Any, mask: np.ndarray) -> Any:
    if isinstance(values, dict):
        return {name: inner[mask] for name, inner in values.items()}
    return values[mask]
