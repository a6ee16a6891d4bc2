"""Numbers as people read them, shared by pages and the command line."""

from ..measurement import Figure
from ..metrics.registry import Metric


def number(value: float, metric: Metric) -> str:
    """Return a value with the metric's digits; large ones with fewer."""
    digits = metric.digits if abs(value) < 100 else 0
    # Adding 0 turns a rounded -0 into 0.
    return f"{round(value, digits) + 0.0:,.{digits}f}"


def with_unit(value: float, metric: Metric) -> str:
    """Return a value with its unit."""
    return f"{number(value, metric)} {metric.unit}".rstrip()


def interval(low: float, high: float, metric: Metric) -> str:
    """Return an interval."""
    return f"{number(low, metric)} to {number(high, metric)}"


def expected(metric: Metric) -> str:
    """Return what a finished model should reach, in words; empty if nothing is expected."""
    target = metric.target
    if target is None:
        return ""
    side = "at least" if target.at_least else "at most"
    limit = f"{target.limit:g} {metric.unit}".rstrip()
    if target.of == "ratio":
        return f"{side} {target.limit:g} × control"
    if target.of == "excess":
        return f"{side} {limit} over control"
    return f"{side} {limit}{' or control' if target.or_control else ''}"


def reached(figure: Figure, metric: Metric) -> str:
    """Return what the target is held against, as the target is worded."""
    of = metric.target.of if metric.target else "value"
    if of == "ratio":
        return f"{figure.ratio:.2f} ×" if figure.ratio is not None else "no control"
    if of == "excess":
        digits = min(metric.digits, 2)
        return f"{figure.excess:+.{digits}f} {metric.unit}".rstrip()
    return with_unit(figure.value, metric)
