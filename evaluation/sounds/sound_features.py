"""Sounds as the metrics see them: every feature computed once, then only indexed."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from ..metrics import artefacts
from ..metrics.descriptors import DESCRIPTORS
from ..metrics.faults import sound_faults
from ..metrics.low_frequency import low_spectrogram, pitch_track
from ..metrics.originality import Nearest, at_full_level, nearest_training_sounds
from .classifier import LabelClassifier
from .embeddings import SavedModelEmbedding
from .features import log_mel
from .pca import DIMENSIONS, Pca, fit_pca
from .real_sounds import RealSounds, Sounds

LOGMEL = "logmel"
LOW = "low"
PITCH = "pitch"
CLASSIFIER = "classifier"
EXTRA = "extra"

CELL_DIMENSIONS = 64
"""Directions kept of the spectrogram's cells where the number of directions is itself asked for."""


@dataclass(frozen=True)
class Extractor:
    """What features are computed with; the same for generated and for real sounds.

    Attributes:
        sample_rate: in Hz.
        pca: of log-mel spectrograms, fitted on real training sounds.
        low_pca: the same of levels under 300 Hz.
        classifier: names classes; its last layer is an embedding.
        heard_as: guess, label -> what counts as heard, see `RealSounds.heard_as`.
        extra: a third embedding, or none.

    """

    sample_rate: int
    pca: Pca
    low_pca: Pca
    classifier: LabelClassifier
    heard_as: Callable[[np.ndarray, np.ndarray], np.ndarray]
    extra: SavedModelEmbedding | None = None

    @property
    def embeddings(self) -> tuple[str, ...]:
        """Names of the embeddings."""
        return (LOGMEL, LOW, PITCH, CLASSIFIER, *([EXTRA] if self.extra else []))


@dataclass(frozen=True)
class Features:
    """Features of n sounds, each with n as its first axis.

    Attributes:
        label: int, (n,).
        points: by embedding, (n, d).
        wide_points: log-mel on `CELL_DIMENSIONS` principal directions.
        guess: the class that the classifier hears, int (n,), see `RealSounds.heard_as`.
        power: spectra, (n, bins).
        tail_power: spectra of the ends, (n, bins).
        descriptors: by name, (n,).
        tail: level of the tail in dB.
        dc: absolute mean.
        clicks: 1 where the sound starts or ends away from 0.
        faults: which sounds have each kind, bool (n,); empty for training sounds.
        nearest: see `Nearest`, field by field; empty for training sounds.

    """

    label: np.ndarray
    points: dict[str, np.ndarray]
    wide_points: np.ndarray
    guess: np.ndarray
    power: np.ndarray
    tail_power: np.ndarray
    descriptors: dict[str, np.ndarray]
    tail: np.ndarray
    dc: np.ndarray
    clicks: np.ndarray
    faults: dict[str, np.ndarray] = field(default_factory=dict)
    nearest: dict[str, np.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.label)

    def of(self, label: int) -> "Features":
        """Return the part with one class."""
        mask = self.label == label
        return Features(
            **{item.name: _pick(getattr(self, item.name), mask) for item in fields(self)}
        )

    def with_nearest(self, nearest: Nearest) -> "Features":
        """Return the same with the nearest training sounds known."""
        return replace(
            self,
            nearest={
                "index": nearest.index,
                "distance": nearest.distance,
                "match": nearest.match,
                "correlation": nearest.correlation,
                "copied": nearest.copied,
            },
        )


def fit_extractor(
    real: RealSounds, classifier: LabelClassifier, extra: SavedModelEmbedding | None = None
) -> Extractor:
    """Fit the projections on the real training sounds."""
    audio, rate = real.train.audio, real.sample_rate
    pca = fit_pca(log_mel(audio, rate), CELL_DIMENSIONS)
    low_pca = fit_pca(low_spectrogram(audio, rate))
    return Extractor(rate, pca, low_pca, classifier, real.heard_as, extra)


def extract(
    sounds: Sounds,
    extractor: Extractor,
    advance: Callable[[int], None] = lambda count: None,
    *,
    faults: bool = True,
) -> Features:
    """Compute every feature of ``sounds``.

    Args:
        sounds: n sounds.
        extractor: what to compute with.
        advance: told how many sounds are done.
        faults: whether faults are looked for; nobody asks for those of training sounds.

    """
    audio, rate = sounds.audio, extractor.sample_rate
    spectrograms = log_mel(audio, rate)
    probabilities, last_layer = extractor.classifier.judge(spectrograms)
    guess = extractor.heard_as(probabilities.argmax(axis=1), sounds.label)
    wide = extractor.pca(spectrograms)
    points = {
        LOGMEL: wide[:, :DIMENSIONS],
        LOW: extractor.low_pca(low_spectrogram(audio, rate)),
        PITCH: np.log2(pitch_track(audio, rate)),
        CLASSIFIER: last_layer,
    }
    if extractor.extra:
        points[EXTRA] = extractor.extra(audio, rate)
    features = Features(
        label=sounds.label,
        points=points,
        wide_points=wide,
        guess=guess,
        power=artefacts.spectra(audio),
        tail_power=artefacts.tail_spectra(audio),
        descriptors={one.name: one.function(audio, rate) for one in DESCRIPTORS},
        tail=artefacts.tail_db(audio, rate),
        dc=artefacts.dc_offset(audio),
        clicks=artefacts.clicking_ends(audio),
        faults=sound_faults(audio, rate, sounds.label, guess) if faults else {},
    )
    advance(len(audio))
    return features


def find_nearest(
    sounds: Sounds,
    real: RealSounds,
    train: Features,
    extractor: Extractor,
    advance: Callable[[int], None] = lambda count: None,
) -> Nearest:
    """Search the training sounds for the nearest of each of ``sounds``, at full level."""
    points = extractor.pca(log_mel(at_full_level(sounds.audio), extractor.sample_rate))
    return nearest_training_sounds(
        sounds.audio, points, real.train.audio, train.wide_points, extractor.sample_rate, advance
    )


def _pick(values: Any, mask: np.ndarray) -> Any:
    if isinstance(values, dict):
        return {name: inner[mask] for name, inner in values.items()}
    return values[mask]
