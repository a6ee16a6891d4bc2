"""Which class is worst, and by what: the first thing that a report says."""

from collections.abc import Sequence
from dataclasses import dataclass

from .artefacts import IMAGE_FRACTIONS
from .measurement import Figure, Figures
from .score import score, terms


@dataclass(frozen=True)
class Standing:
    """How one class stands.

    Attributes:
        label: its name.
        score: see `score`; lower is better.
        terms: what the score is made of, each 1 where its bar is just met.

    """

    label: str
    score: float
    terms: dict[str, float]

    @property
    def weakest(self) -> str:
        """The term that costs most."""
        return max(self.terms, key=lambda name: self.terms[name])


def rank(figures: Figures, labels: Sequence[str]) -> list[Standing]:
    """Return the classes, the worst first."""
    standings = []
    for label in labels:
        scalars = _scalars(figures[label])
        standings.append(Standing(label, score(scalars), terms(scalars)))
    return sorted(standings, key=lambda one: -one.score)


def overall_score(figures: Figures, labels: Sequence[str]) -> float:
    """Return the score of the means over classes: what `LightEvaluation` calls ``score``."""
    classes = [_scalars(figures[label]) for label in labels]
    return score({name: sum(one[name] for one in classes) / len(classes) for name in classes[0]})


def highest_peak(of_class: dict[str, Figure]) -> float:
    """Return the height of the highest image-frequency peak of a class in dB."""
    names = ("image_" + name.replace("/", "_") for name in IMAGE_FRACTIONS)
    return max(of_class[name].value for name in names)


def _scalars(of_class: dict[str, Figure]) -> dict[str, float]:
    frechet = of_class["frechet_logmel_held_out"]
    coverage, accuracy = of_class["coverage_held_out"], of_class["accuracy"]
    tail = of_class["tail"]
    return {
        "logmel_frechet_ratio": frechet.value / max(frechet.floor or 0.0, 1e-9),
        "label_accuracy": accuracy.value,
        "label_accuracy_floor": accuracy.floor or 0.0,
        "coverage": coverage.value,
        "coverage_floor": coverage.floor or 0.0,
        "image_peak_db": highest_peak(of_class),
        "tail_gap_db": tail.value - (tail.floor or 0.0),
        "diversity": of_class["diversity"].ratio or 0.0,
    }
