"""One number by which checkpoints and classes are ranked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Scalars = Mapping[str, float]


@dataclass(frozen=True)
class Term:
    """One part of the score.

    Attributes:
        name: for people, a word.
        words: what is wrong where the target is missed, after "because".
        worth: takes scalars; 0 where all is as real, 1 where the target is just met.
        needs: names of the scalars that it reads; without them the term is left out.

    """

    name: str
    words: str
    worth: Callable[[Scalars], float]
    needs: tuple[str, ...]


TERMS: tuple[Term, ...] = (
    Term(
        "distance",
        "the sounds as a whole lie far from real ones",
        lambda s: (s["logmel_frechet_ratio"] - 1.0) / 0.3,
        ("logmel_frechet_ratio",),
    ),
    Term(
        "low end",
        "the low end of kicks differs from that of real ones",
        lambda s: (s["low_frechet_ratio"] - 1.0) / 0.3,
        ("low_frechet_ratio",),
    ),
    Term(
        "labels",
        "too many sounds are not what was asked for",
        lambda s: (s["label_accuracy_control"] - s["label_accuracy"]) / 0.02,
        ("label_accuracy", "label_accuracy_control"),
    ),
    Term(
        "coverage",
        "kinds of real sounds are missing",
        lambda s: (1.0 - s["coverage"] / max(s["coverage_control"], 1e-9)) / 0.1,
        ("coverage", "coverage_control"),
    ),
    Term(
        "recall",
        "its sounds are less varied than those it learned from",
        lambda s: (1.0 - s["recall"] / max(s["recall_control"], 1e-9)) / 0.4,
        ("recall", "recall_control"),
    ),
    Term(
        "faults",
        "too many single sounds are faulty",
        lambda s: (s["faulty"] - s["faulty_control"]) / 0.03,
        ("faulty", "faulty_control"),
    ),
    Term(
        "tone",
        "a steady tone at an image frequency stands out",
        lambda s: s["image_peak_db"] / 1.0,
        ("image_peak_db",),
    ),
    Term(
        "tail",
        "the tails are noisier than real ones",
        lambda s: s["tail_gap_db"] / 3.0,
        ("tail_gap_db",),
    ),
)
"""Divided by what the targets of the metrics allow."""


def score(scalars: Scalars) -> float:
    """Return the number; lower is better.

    ```
    mean over terms of log2(1 + term)
    ```

    Negative terms count as 0: being better than real earns nothing. A score of 1 is the score of a
    model that just meets every target. The logarithm keeps one figure that is far off, as all are
    at the start, from hiding the others.

    Args:
        scalars: what `TERMS` read.

    """
    worth = np.maximum(list(terms(scalars).values()), 0.0)
    return float(np.mean(np.log2(1.0 + worth)))


def terms(scalars: Scalars) -> dict[str, float]:
    """Return each term of the score, 1 where the figure just meets its target."""
    return {
        term.name: term.worth(scalars)
        for term in TERMS
        if all(name in scalars for name in term.needs)
    }


def term_words(name: str) -> str:
    """Return what is wrong where the term of that name misses its target."""
    return next(term.words for term in TERMS if term.name == name)
