"""What a metric is, and the list of all of them.

Each metric registers itself beside the function that takes it: a new file in this folder, or a new
call of `metric` in an old one, is all that a new metric needs. The report, the model card, the
command line and the tables iterate over `all_metrics`.

A metric compares one class of candidate sounds with the same class of a reference. The candidates
are the sounds under judgement; for the control, real sounds take their place, in chunks of the same
size:

```
reference   judged                            control
train       candidates <-> training           held out <-> training
held out    candidates <-> held-out sounds    training <-> held-out sounds
```
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from .sampling import Estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features

Measure = Callable[["Features", "Features", int, int], Estimate]
"""Takes one class of candidates and of the reference, the chunk size and a seed."""

SHARE = (0.0, 1.0)
AT_LEAST_ZERO = (0.0, np.inf)

# Groups, in the order in which reports show them.
LABELS = "Does it sound like what was asked for?"
FAULTS = "Faults of single sounds"
DISTANCES = "How far from real sounds?"
COVER = "Are all kinds there?"
CHARACTER = "Character"
ARTEFACTS = "Artefacts"
ORIGINALITY = "Originality"
LATENT = "Latent space"
GROUPS = (LABELS, FAULTS, DISTANCES, COVER, CHARACTER, ARTEFACTS, ORIGINALITY, LATENT)


@dataclass(frozen=True)
class Target:
    """What a finished model is expected to reach.

    Attributes:
        limit: the number.
        of: "value": the figure itself; "ratio": over the control; "excess": minus the control.
        met: said of a class that reaches it.
        missed: said of a class that does not.
        at_least: whether the figure must not be under the limit; else it must not be over it.
        or_control: whether being as good as real sounds is enough, too.

    """

    limit: float
    of: Literal["value", "ratio", "excess"]
    met: str
    missed: str
    at_least: bool = False
    or_control: bool = False

    def __post_init__(self) -> None:
        if not (self.met and self.missed):
            raise ValueError(
                "a target needs words for a class that meets it and for one that does not"
            )


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes:
        name: for machines.
        title: for people.
        unit: of the value; empty for plain numbers.
        group: one of `GROUPS`, the heading under which it stands.
        better: "lower", "higher", or "real" where neither side of the control is better.
        definition: what is computed.
        source: where the definition comes from.
        measure: how it is taken; none where `latent_metrics` takes it from the generator itself.
        reference: "train" or "held out".
        target: what a finished model should reach, if there is one.
        applies: tells from a class's name whether the figure means something for it.
        embedding: the features that it needs; empty for those that are always there.
        digits: shown after the point.

    """

    name: str
    title: str
    unit: str
    group: str
    better: Literal["lower", "higher", "real"]
    definition: str
    source: str
    measure: Measure | None
    reference: Literal["train", "held out"] = "train"
    target: Target | None = None
    applies: Callable[[str], bool] = lambda label: True
    embedding: str = ""
    digits: int = 2

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise ValueError(f"metric {self.name!r}: no group {self.group!r} in registry.GROUPS")


_METRICS: dict[str, Metric] = {}


def register(metric: Metric) -> Metric:
    """Add a metric to the list.

    Raises:
        ValueError: another one has its name.

    """
    if metric.name in _METRICS:
        raise ValueError(f"two metrics are called {metric.name!r}")
    _METRICS[metric.name] = metric
    return metric


def all_metrics() -> tuple[Metric, ...]:
    """Return every metric of this folder, by group."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
    return tuple(sorted(_METRICS.values(), key=lambda one: GROUPS.index(one.group)))


def metrics(embeddings: tuple[str, ...]) -> tuple[Metric, ...]:
    """Return the metrics that sounds alone are enough for, given their ``embeddings``."""
    return tuple(
        one
        for one in all_metrics()
        if one.measure is not None and (not one.embedding or one.embedding in embeddings)
    )
