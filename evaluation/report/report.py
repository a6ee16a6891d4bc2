"""Writes an evaluation: report.json for machines, report.html for people."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ...common.publish import publish_file
from ..evaluate import Evaluation
from ..ranking import Standing
from .page import copies, page

FORMAT = 1
JSON_NAME = "report.json"
HTML_NAME = "report.html"


def write_report(evaluation: Evaluation, folder: Path) -> dict[str, Any]:
    """Write both files into ``folder``, each whole or not at all.

    Returns:
        What report.json holds.

    """
    content = to_dict(evaluation)
    write_text(folder / JSON_NAME, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    write_text(folder / HTML_NAME, page(evaluation))
    return content


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with publish_file(path) as partial:
        partial.write_text(text, encoding="utf-8")


def to_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Return the report as plain JSON; numbers that are not finite become null."""
    real, classifier = evaluation.real, evaluation.extractor.classifier
    return _plain(
        {
            "format": FORMAT,
            "name": evaluation.name,
            "facts": evaluation.facts,
            "labels": list(real.labels),
            "sample_rate": real.sample_rate,
            "length": real.length,
            "records": {
                "name": real.name,
                "digest": real.digest,
                "train": _counts(real.train, real.labels),
                "part": real.part,
                "held_out": _counts(real.held_out, real.labels),
            },
            "judged": _counts(evaluation.sounds, real.labels),
            "classifier": {
                "accuracy_on_held_out": classifier.accuracy,
                "by_class": classifier.accuracies,
                "reused": classifier.reused,
            },
            "score": evaluation.score,
            "worst_class": evaluation.standings[0].label,
            "standings": [_standing(one) for one in evaluation.standings],
            "limits": evaluation.limits,
            "advice": evaluation.advice,
            "figures": {
                name: {metric: figure.to_dict() for metric, figure in of_class.items()}
                for name, of_class in evaluation.figures.items()
            },
            "metrics": {
                metric.name: {
                    "title": metric.title,
                    "unit": metric.unit,
                    "group": metric.group,
                    "better": metric.better,
                    "digits": metric.digits,
                    "definition": metric.definition,
                    "source": metric.source,
                    "reference": metric.reference,
                    "target": None if metric.target is None else asdict(metric.target),
                }
                for metric in evaluation.metrics
            },
            "copies": copies(evaluation),
            "medians": typical_descriptors(evaluation, np.median),
            "means": typical_descriptors(evaluation, np.mean),
            "seconds": evaluation.seconds,
        }
    )


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "label": standing.label,
        "score": standing.score,
        "terms": standing.terms,
        "weakest": standing.weakest,
    }


def _counts(sounds, labels) -> dict[str, int]:
    return {name: sounds.count(i) for i, name in enumerate(labels)}


def typical_descriptors(
    evaluation: Evaluation, typical: Callable[[np.ndarray], float]
) -> dict[str, dict[str, dict[str, float]]]:
    """Return ``typical`` (a mean or median) of each descriptor, judged and real, by class."""
    return {
        label: {
            name: {
                "judged": float(typical(values)),
                "real": float(typical(evaluation.train.of(index).descriptors[name])),
            }
            for name, values in evaluation.candidate.of(index).descriptors.items()
        }
        for index, label in enumerate(evaluation.real.labels)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value if isinstance(value, str | int) or value is None else str(value)
