"""Two reports side by side: which differences are more than chance."""

import json
import math
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from ..evaluate import Evaluation
from ..measurement import OVERALL
from ..sounds.real_sounds import EvaluationError
from .page import SHOWN, render, sound_card, sound_row
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
    a, b = comparison["a"], comparison["b"]
    overall = comparison["differences"][OVERALL]
    tally = {
        side: sum(one["counts"] and one["better"] == side for one in overall.values())
        for side in ("a", "b")
    }
    same = sum(not one["counts"] for one in overall.values())
    body = (
        f"<header><h1>{escape(a['name'])} <span class='soft'>against</span> {escape(b['name'])}"
        f"</h1><p class='soft'>A is {escape(a['name'])}, score {a['score']:.2f}; B is "
        f"{escape(b['name'])}, score {b['score']:.2f} (lower is better).</p></header>"
        f'<div class="hero"><div class="card worst"><span class="soft">Overall figures</span>'
        f"<strong>A better in {tally['a']}, B better in {tally['b']}, {same} alike</strong>"
        "<p>A difference counts where it exceeds its own 95 % interval.</p></div>"
        f'<div class="card">{_scores(a, b)}</div></div>'
        f"<h2>All differences</h2>{_table(comparison)}"
    )
    if evaluations:
        body += f"<h2>Listen</h2>{_listen(evaluations)}"
    return render(f"{a['name']} against {b['name']}: drumsmith evaluation", body)


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


def _scores(a: dict[str, Any], b: dict[str, Any]) -> str:
    """Return the scores by class; the worse of each is what its report calls the worst class."""
    scores = [{one["label"]: one["score"] for one in side["standings"]} for side in (a, b)]
    rows = "".join(
        f"<tr><th>{escape(label)}</th>"
        + "".join(
            f"<td>{side[label]:.2f}{' <small>worst class</small>' if label == worst else ''}</td>"
            for side, worst in zip(scores, (a["worst_class"], b["worst_class"]), strict=True)
        )
        + "</tr>"
        for label in scores[0]
    )
    return (
        "<table><thead><tr><th>Score (lower is better)</th><th>A</th><th>B</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def _table(comparison: dict[str, Any]) -> str:
    scopes = list(comparison["differences"])
    head = "".join(
        f"<th>{escape(scope)}<br><small>A, B, difference</small></th>" for scope in scopes
    )
    rows, group = [], ""
    for name, metric in comparison["metrics"].items():
        if metric["group"] != group:
            group = metric["group"]
            rows.append(
                f'<tr class="group"><th colspan="{1 + len(scopes)}">{escape(group)}</th></tr>'
            )
        cells = "".join(
            _cell(comparison["differences"][scope].get(name), metric) for scope in scopes
        )
        unit = f" ({metric['unit']})" if metric["unit"] else ""
        rows.append(f"<tr><th>{escape(metric['title'] + unit)}</th>{cells}</tr>")
    return (
        f'<div class="card scroll"><table><thead><tr><th></th>{head}</tr></thead><tbody>'
        f"{''.join(rows)}</tbody></table></div>"
    )


def _cell(one: dict[str, Any] | None, metric: dict[str, Any]) -> str:
    if one is None:
        return '<td class="soft">–</td>'
    digits = metric["digits"]
    a, b, difference, half = (
        round(one[key], digits) + 0.0 for key in ("a", "b", "difference", "half_width")
    )
    numbers = (
        f"{a:,.{digits}f} &nbsp; {b:,.{digits}f}"
        f"<small>{difference:+,.{digits}f} ± {half:,.{digits}f}</small>"
    )
    if not one["counts"]:
        return f'<td class="soft">{numbers}<small>alike</small></td>'
    better = f"{one['better'].upper()} is better" if one["better"] else "they differ"
    style = {"a": "met", "b": "missed"}.get(one["better"], "")
    return f'<td class="{style}">{numbers}<small><b>{better}</b></small></td>'


def _listen(evaluations: tuple[Evaluation, Evaluation]) -> str:
    real = evaluations[0].real
    parts = []
    for index, label in enumerate(real.labels):
        parts.append(f"<h3>{escape(label)}</h3>")
        for side, one in zip("AB", evaluations, strict=True):
            cards = [
                sound_card(one.sounds.audio[i], real.sample_rate, one.sounds.sources[i])
                for i in np.flatnonzero(one.sounds.label == index)[:SHOWN]
            ]
            parts.append(sound_row(f"<b>{side}</b> {escape(one.name)}", cards))
        cards = [
            sound_card(real.held_out.audio[i], real.sample_rate, "real", real=True)
            for i in np.flatnonzero(real.held_out.label == index)[:SHOWN]
        ]
        parts.append(sound_row('<b class="real">real</b>, held out', cards))
    return "".join(parts)
