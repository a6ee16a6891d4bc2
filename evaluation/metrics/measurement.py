"""Takes every metric, class by class, beside its floor."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..sounds.sound_features import View
from .registry import Metric
from .sampling import Estimate, mean_of

OVERALL = "overall"

AS_REAL = "as real"
BETTER = "better than real"
WORSE = "worse than real"
OTHER = "unlike real"


@dataclass(frozen=True)
class Figure:
    """A metric's value for one class, or for all, beside the floor.

    Attributes:
        value: the figure.
        low: lower end of its 95 % interval.
        high: upper end.
        floor: the same for real sounds, or none where real sounds have no such figure.
        floor_low: lower end of the floor's interval.
        floor_high: upper end.
        verdict: what the two intervals say; empty without a floor.
        bar_met: whether the expected was reached; none where nothing is expected.

    """

    value: float
    low: float
    high: float
    floor: float | None = None
    floor_low: float | None = None
    floor_high: float | None = None
    verdict: str = ""
    bar_met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """The value over the floor."""
        return self.value / self.floor if self.floor else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers for JSON."""
        return asdict(self) | {"ratio": self.ratio}


Figures = dict[str, dict[str, Figure]]
"""By class name and `OVERALL`, then by metric name."""


def take_all(
    metrics: Sequence[Metric],
    labels: Sequence[str],
    candidate: View,
    train: View,
    valid: View,
    seed: int = 0,
    advance: Callable[[int], None] = lambda count: None,
) -> Figures:
    """Take every metric of every class, and their means over classes.

    Args:
        metrics: what is taken.
        labels: names of the classes.
        candidate: sounds under judgement.
        train: real training sounds.
        valid: real validation sounds.
        seed: of shuffles and draws.
        advance: told how many figures are done.

    """
    parts = [(candidate.of(i), train.of(i), valid.of(i)) for i in range(len(labels))]
    figures: Figures = {name: {} for name in (OVERALL, *labels)}
    for metric in metrics:
        pairs = []
        for name, (judged, training, held_out) in zip(labels, parts, strict=True):
            if metric.applies(name):
                pairs.append((name, *_pair(metric, judged, training, held_out, seed)))
            advance(1)
        for name, value, floor in pairs:
            figures[name][metric.name] = figure_of(metric, value, floor)
        if pairs:
            figures[OVERALL][metric.name] = _overall(metric, pairs, figures)
    return figures


def figure_of(metric: Metric, value: Estimate, floor: Estimate | None = None) -> Figure:
    """Return the figure with its verdict."""
    return Figure(
        value.value,
        value.low,
        value.high,
        floor.value if floor else None,
        floor.low if floor else None,
        floor.high if floor else None,
        verdict=_verdict(metric, value, floor) if floor else "",
        bar_met=_bar_met(metric, value, floor),
    )


def overall_of(metric: Metric, estimates: Sequence[Estimate]) -> Figure:
    """Return the mean over classes of a metric without a floor."""
    return figure_of(metric, mean_of(estimates))


def _pair(
    metric: Metric, judged: View, training: View, held_out: View, seed: int
) -> tuple[Estimate, Estimate]:
    # The same size for judged and floor, and never more than the smaller of the real parts.
    chunk = min(len(judged), len(held_out), len(training))
    if metric.reference == "valid":
        return (
            metric.measure(judged, held_out, chunk, seed),
            metric.measure(training, held_out, chunk, seed),
        )
    return (
        metric.measure(judged, training, chunk, seed),
        metric.measure(held_out, training, chunk, seed),
    )


def _overall(
    metric: Metric, pairs: Sequence[tuple[str, Estimate, Estimate]], figures: Figures
) -> Figure:
    value = mean_of([value for _, value, _ in pairs])
    floor = mean_of([floor for _, _, floor in pairs])
    mean = figure_of(metric, value, floor)
    # A bar is for each class: a good one does not make up for a bad one.
    met = [figures[name][metric.name].bar_met for name, _, _ in pairs]
    return replace(mean, bar_met=all(met) if metric.bar else None)


def _verdict(metric: Metric, value: Estimate, floor: Estimate) -> str:
    over, under = value.low > floor.high, value.high < floor.low
    if not (over or under):
        return AS_REAL
    if metric.better == "real":
        return OTHER
    return WORSE if over == (metric.better == "lower") else BETTER


def _bar_met(metric: Metric, value: Estimate, floor: Estimate | None) -> bool | None:
    if metric.bar is None:
        return None
    if metric.bar.of == "value":
        reached = value.value
    elif floor is None:
        return None
    elif metric.bar.of == "ratio":
        reached = value.value / floor.value if floor.value > 0 else math.inf
    else:
        reached = value.value - floor.value
    return bool(
        reached >= metric.bar.limit if metric.better == "higher" else reached <= metric.bar.limit
    )
