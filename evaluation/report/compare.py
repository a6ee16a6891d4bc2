"""Two reports side by side: which differences are more than chance."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from ..evaluate import Evaluation
from ..measurement import OVERALL
from ..sounds.real_sounds import EvaluationError
from .page import SHOWN, Sound, playable, real_row, sound_row
from .rendering import render
from .report import JSON_NAME, write_text

COMPARISON_JSON = "compare.json"
COMPARISON_HTML = "compare.html"

Report = dict[str, Any]


def read_report(path: Path) -> Report:
    """Read a report from its folder or its file.

    Raises:
        EvaluationError: it is missing or damaged.

    """
    path = path / JSON_NAME if path.is_dir() else path
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        report["figures"], report["metrics"], report["records"]["digest"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvaluationError(f"{path} is no report of drumsmith evaluate: {error!r}") from error
    return report


def compare(a: Report, b: Report) -> dict[str, Any]:
    """Compare two reports, figure by figure.

    A difference counts where it is larger than its own 95 % interval: both intervals' half widths,
    as independent errors add.

    ```
    |a - b| > sqrt(half(a)^2 + half(b)^2)
    ```

    Returns:
        Plain JSON: ``differences`` by class and metric, each with both values, the difference, the
        half width of its interval, whether it counts, and which of both is better.

    Raises:
        EvaluationError: the reports were not made against the same records with the same number of
            sounds.

    """
    _check(a, b)
    return {
        "format": 1,
        "a": _head(a),
        "b": _head(b),
        "metrics": {name: m for name, m in a["metrics"].items() if name in b["metrics"]},
        "differences": {
            scope: {
                name: _difference(figure, b["figures"][scope][name], a["metrics"][name])
                for name, figure in of_class.items()
                if name in b["figures"].get(scope, {})
            }
            for scope, of_class in a["figures"].items()
        },
    }


def write_comparison(
    a: Report,
    b: Report,
    folder: Path,
    evaluations: tuple[Evaluation, Evaluation] | None = None,
) -> dict[str, Any]:
    """Write compare.json and compare.html into ``folder``; return what the former holds.

    Args:
        a: a report.
        b: another.
        folder: where to write.
        evaluations: what the reports were made of, where that is at hand: the page then has sounds.

    """
    comparison = compare(a, b)
    text = json.dumps(comparison, indent=1, ensure_ascii=False) + "\n"
    write_text(folder / COMPARISON_JSON, text)
    write_text(folder / COMPARISON_HTML, comparison_page(comparison, evaluations))
    return comparison


def comparison_page(
    comparison: dict[str, Any], evaluations: tuple[Evaluation, Evaluation] | None = None
) -> str:
    """Return the page for people."""
    overall = comparison["differences"][OVERALL].values()
    return render(
        "compare.html",
        comparison=comparison,
        tally={
            "a": sum(one["counts"] and one["better"] == "a" for one in overall),
            "b": sum(one["counts"] and one["better"] == "b" for one in overall),
            "alike": sum(not one["counts"] for one in overall),
        },
        scores=_scores(comparison["a"], comparison["b"]),
        groups=_groups(comparison["metrics"]),
        listen=_listen(evaluations) if evaluations else [],
    )


def _check(a: Report, b: Report) -> None:
    if a["records"]["digest"] != b["records"]["digest"]:
        raise EvaluationError(
            f"{a['name']} and {b['name']} were measured against different records: "
            "evaluate both with the same ones"
        )
    if a["judged"] != b["judged"]:
        raise EvaluationError(
            f"{a['name']} was judged by {_total(a)} sounds, {b['name']} by {_total(b)}: "
            "distances depend on the number, evaluate both with the same --count"
        )


def _total(report: Report) -> int:
    return sum(report["judged"].values())


def _head(report: Report) -> dict[str, Any]:
    return {key: report[key] for key in ("name", "score", "worst_class", "standings", "facts")}


def _difference(a: dict[str, Any], b: dict[str, Any], metric: dict[str, Any]) -> dict[str, Any]:
    difference = a["value"] - b["value"]
    half = math.hypot(a["high"] - a["low"], b["high"] - b["low"]) / 2
    counts = abs(difference) > half
    return {
        "a": a["value"],
        "b": b["value"],
        "difference": difference,
        "half_width": half,
        "counts": counts,
        "better": _better(a, b, metric["better"]) if counts else "",
    }


def _better(a: dict[str, Any], b: dict[str, Any], direction: str) -> str:
    if direction == "real":
        if a["control"] is None:
            return ""
        return "a" if abs(a["value"] - a["control"]) < abs(b["value"] - b["control"]) else "b"
    return "a" if (a["value"] < b["value"]) == (direction == "lower") else "b"


def _scores(a: dict[str, Any], b: dict[str, Any]) -> list[tuple[str, list[tuple[float, str]]]]:
    """Return both scores of each class, each with what its report calls the worst class."""
    scores = [{one["label"]: one["score"] for one in side["standings"]} for side in (a, b)]
    worst = (a["worst_class"], b["worst_class"])
    return [
        (label, [(side[label], name) for side, name in zip(scores, worst, strict=True)])
        for label in scores[0]
    ]


def _groups(metrics: dict[str, Any]) -> list[tuple[str, list[tuple[str, Any]]]]:
    groups: dict[str, list[tuple[str, Any]]] = {}
    for name, metric in metrics.items():
        groups.setdefault(metric["group"], []).append((name, metric))
    return list(groups.items())


def _listen(evaluations: tuple[Evaluation, Evaluation]) -> list[tuple[str, list[Sound]]]:
    real = evaluations[0].real
    classes = []
    for index, label in enumerate(real.labels):
        rows = []
        for side, one in zip("AB", evaluations, strict=True):
            chosen = np.flatnonzero(one.sounds.label == index)[:SHOWN]
            sounds = [
                playable(one.sounds.audio[i], real.sample_rate, one.sounds.sources[i])
                for i in chosen
            ]
            rows.append(sound_row(side, f" {one.name}", sounds))
        classes.append((label, [*rows, real_row(real, index)]))
    return classes
