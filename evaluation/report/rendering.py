"""Pages from the templates and assets beside this file; each page needs no other file."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from . import drawings
from .formatting import expected, number, reached, with_unit

HERE = Path(__file__).parent


def render(template: str, **context: Any) -> str:
    """Return a page; whatever is not markup of a template is escaped."""
    return _environment().get_template(template).render(context)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = _asset
    environment.filters |= {
        "expected": expected,
        "reached": reached,
        "number": number,
        "with_unit": with_unit,
        "interval_plot": drawings.interval,
        "groupby_in_order": _groups,
        "digits": lambda value, metric: f"{_rounded(value, metric):,.{metric['digits']}f}",
        "signed": lambda value, metric: f"{_rounded(value, metric):+,.{metric['digits']}f}",
    }
    return environment


def _asset(name: str) -> Markup:
    """Return a style sheet or script as it is: it is ours, not a user's."""
    return Markup((HERE / "assets" / name).read_text("utf-8"))


def _groups(metrics: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Return metrics under their headings, in the order in which headings first appear."""
    groups: dict[str, list[Any]] = {}
    for metric in metrics:
        groups.setdefault(metric.group, []).append(metric)
    return list(groups.items())


def _rounded(value: float, metric: dict[str, Any]) -> float:
    # Adding 0 turns a rounded -0 into 0.
    return round(value, metric["digits"]) + 0.0
