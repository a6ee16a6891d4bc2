"""Takes every metric, class by class, beside its control."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from .metrics.registry import Metric, Target
from .metrics.sampling import Estimate, mean_of
from .sounds.sound_features import Features

OVERALL = "overall"

AS_REAL = "as real"
BETTER = "better than real"
WORSE = "worse than real"
OTHER = "unlike real"


@dataclass(frozen=True)
class Figure:
    """A metric's value for one class, or for all, beside the control.

    Attributes:
        value: the figure.
        low: lower end of its 95 % interval.
        high: upper end.
        control: the same for real sounds, or none where real sounds have no such figure.
        control_low: lower end of the control's interval.
        control_high: upper end.
        ratio: the value over the control; both count as no less than what the control can tell
            from 0, where lower is better.
        ratio_reach: half the width of the ratio's 95 % interval.
        verdict: what the two intervals say; empty without a control.
        target_met: whether the expected was reached; none where nothing is expected.

    """

    value: float
    low: float
    high: float
    control: float | None = None
    control_low: float | None = None
    control_high: float | None = None
    ratio: float | None = None
    ratio_reach: float | None = None
    verdict: str = ""
    target_met: bool | None = None

    @property
    def excess(self) -> float:
        """The value minus the control, or the value where there is none."""
        return self.value - (self.control or 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers for JSON."""
        return asdict(self)


Figures = dict[str, dict[str, Figure]]
"""By class name and `OVERALL`, then by metric name."""


def take_all(
    metrics: Sequence[Metric],
    labels: Sequence[str],
    candidate: Features,
    train: Features,
    held_out: Features,
    seed: int = 0,
    advance: Callable[[int], None] = lambda count: None,
) -> Figures:
    """Take every metric of every class, and their means over classes.

    Args:
        metrics: what is taken.
        labels: names of the classes.
        candidate: sounds under judgement.
        train: real training sounds.
        held_out: real sounds that no model was trained on.
        seed: of shuffles and draws.
        advance: told how many figures are done.

    """
    parts = [(candidate.of(i), train.of(i), held_out.of(i)) for i in range(len(labels))]
    figures: Figures = {name: {} for name in (OVERALL, *labels)}
    for metric in metrics:
        pairs = []
        for name, part in zip(labels, parts, strict=True):
            if metric.applies(name):
                pairs.append((name, *_pair(metric, *part, seed)))
            advance(1)
        for name, value, control in pairs:
            figures[name][metric.name] = figure_of(metric, value, control)
        if pairs:
            figures[OVERALL][metric.name] = _overall(metric, pairs, figures)
    return figures


def figure_of(metric: Metric, value: Estimate, control: Estimate | None = None) -> Figure:
    """Return the figure with its verdict."""
    if control is None:
        figure = Figure(value.value, value.low, value.high)
    else:
        ratio, reach = _ratio(metric, value, control)
        figure = Figure(
            value.value,
            value.low,
            value.high,
            control.value,
            control.low,
            control.high,
            ratio,
            reach,
            _verdict(metric, value, control),
        )
    return replace(figure, target_met=_target_met(metric.target, figure))


def overall_of(metric: Metric, estimates: Sequence[Estimate]) -> Figure:
    """Return the mean over classes of a metric without a control."""
    return figure_of(metric, mean_of(estimates))


def _pair(
    metric: Metric, judged: Features, training: Features, held_out: Features, seed: int
) -> tuple[Estimate, Estimate]:
    assert metric.measure is not None
    # The same size for judged and control, and never more than the smaller of the real parts.
    chunk = min(len(judged), len(held_out), len(training))
    if metric.reference == "held out":
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
    control = mean_of([control for _, _, control in pairs])
    mean = figure_of(metric, value, control)
    # A target is for each class: a good one does not make up for a bad one.
    met = [figures[name][metric.name].target_met for name, _, _ in pairs]
    return replace(mean, target_met=all(met) if metric.target else None)


def _verdict(metric: Metric, value: Estimate, control: Estimate) -> str:
    over, under = value.low > control.high, value.high < control.low
    if not (over or under):
        return AS_REAL
    if metric.better == "real":
        return OTHER
    return WORSE if over == (metric.better == "lower") else BETTER


def _ratio(metric: Metric, value: Estimate, control: Estimate) -> tuple[float | None, float | None]:
    """Return the ratio and half the width of its interval, by propagation of relative errors."""
    least = control.reach if metric.better == "lower" else 0.0
    above, below = max(value.value, least), max(control.value, least)
    if below <= 0:
        return None, None
    if above <= 0:
        return above / below, value.reach / below
    return above / below, above / below * math.hypot(value.reach / above, control.reach / below)


def _target_met(target: Target | None, figure: Figure) -> bool | None:
    if target is None:
        return None
    if target.of == "ratio" and figure.ratio is None and figure.control is not None:
        # The control is 0: nothing is easily reached from below, and only 0 from above.
        return target.at_least or figure.value <= 0
    reached = {"value": figure.value, "ratio": figure.ratio, "excess": figure.excess}[target.of]
    if reached is None or (target.of != "value" and figure.control is None):
        return None
    limit = target.limit
    if target.or_control and figure.control is not None:
        limit = min(limit, figure.control) if target.at_least else max(limit, figure.control)
    return bool(reached >= limit if target.at_least else reached <= limit)
