"""Numbers as people read them, shared by pages and the command line."""

from ..metrics.measurement import Figure
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
    if metric.bar is None:
        return ""
    limit = f"{metric.bar.limit:g} {metric.unit}".rstrip()
    if metric.bar.of == "ratio":
        return f"at most {metric.bar.limit:g} × floor"
    if metric.bar.of == "excess":
        return f"at most {limit} over the floor"
    return f"at least {limit}" if metric.better == "higher" else f"at most {limit}"


def reached(figure: Figure, metric: Metric) -> str:
    """Return what the bar is held against, as the bar is worded."""
    if metric.bar and metric.bar.of == "ratio":
        return f"{figure.ratio:.1f} ×" if figure.ratio is not None else "no floor"
    if metric.bar and metric.bar.of == "excess":
        return f"{figure.value - (figure.floor or 0.0):+.1f} {metric.unit}"
    return with_unit(figure.value, metric)
