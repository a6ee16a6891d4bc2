"""Which class is worst, and by what: the first thing that a report says."""

from collections.abc import Sequence
from dataclasses import dataclass

from .measurement import Figure, Figures
from .metrics.artefacts import IMAGE_FRACTIONS, image_metric_name
from .score import score, term_words, terms


@dataclass(frozen=True)
class Standing:
    """How one class stands.

    Attributes:
        label: its name.
        score: see `score`; lower is better.
        terms: what the score is made of, each 1 where its target is just met.

    """

    label: str
    score: float
    terms: dict[str, float]

    @property
    def weakest(self) -> str:
        """The term that costs most."""
        return max(self.terms, key=lambda name: self.terms[name])

    @property
    def why(self) -> str:
        """A sentence on the term that costs most."""
        if self.terms[self.weakest] <= 1:
            return "It meets every target all the same."
        return f"Mostly because {term_words(self.weakest)}."


def rank(figures: Figures, labels: Sequence[str]) -> list[Standing]:
    """Return the classes, the worst first."""
    standings = []
    for label in labels:
        scalars = _scalars(figures[label])
        standings.append(Standing(label, score(scalars), terms(scalars)))
    return sorted(standings, key=lambda one: -one.score)


def overall_score(figures: Figures, labels: Sequence[str]) -> float:
    """Return the score of the means over classes: what `LightEvaluation` calls ``score``."""
    return score(mean_scalars([_scalars(figures[label]) for label in labels]))


def mean_scalars(classes: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of each scalar over the classes that have it."""
    names = dict.fromkeys(name for one in classes for name in one)
    having = {name: [one[name] for one in classes if name in one] for name in names}
    return {name: sum(values) / len(values) for name, values in having.items()}


def highest_peak(of_class: dict[str, Figure]) -> float:
    """Return the height of the highest image-frequency peak of a class in dB, tails included."""
    names = [*map(image_metric_name, IMAGE_FRACTIONS), "image_tail"]
    return max(of_class[name].value for name in names)


def _scalars(of_class: dict[str, Figure]) -> dict[str, float]:
    def pair(name: str, metric: str) -> dict[str, float]:
        figure = of_class[metric]
        return {name: figure.value, f"{name}_control": figure.control or 0.0}

    low = of_class.get("frechet_low")
    return {
        "logmel_frechet_ratio": of_class["frechet_logmel"].ratio or 0.0,
        **({"low_frechet_ratio": low.ratio or 0.0} if low else {}),
        **pair("label_accuracy", "accuracy"),
        **pair("coverage", "coverage"),
        **pair("recall", "recall"),
        **pair("faulty", "faulty"),
        "image_peak_db": highest_peak(of_class),
        "tail_gap_db": of_class["tail"].excess,
    }
