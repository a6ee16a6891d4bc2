"""A page of example sounds that needs no other file, small enough to be put beside a README."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..measurement import Figure
from ..metrics.registry import Target
from . import drawings
from .formatting import expected, reached
from .media import flac_uri, mel_uri
from .rendering import render
from .report import write_text


@dataclass(frozen=True, eq=False)
class Row:
    """Sounds beside each other.

    Attributes:
        title: what they are.
        audio: float32 (n, length).
        captions: a few words for each, n.
        real: whether they are real ones, for the colour.

    """

    title: str
    audio: np.ndarray
    captions: Sequence[str]
    real: bool = False


@dataclass(frozen=True)
class Section:
    """What is shown of one class."""

    label: str
    rows: Sequence[Row]


def write_examples(
    path: Path,
    sections: Sequence[Section],
    sample_rate: int,
    *,
    title: str,
    facts: str,
    notes: Sequence[str] = (),
    report: Mapping[str, Any] | None = None,
) -> None:
    """Write the page; it appears whole or not at all.

    Args:
        path: the file, `.html`.
        sections: what is shown, class by class.
        sample_rate: of all sounds, in Hz.
        title: of the page.
        facts: a line about the model.
        notes: lines at the end of the page, such as whose the real sounds are.
        report: of ``drumsmith evaluate``, whose targets are shown, if there is one.

    """
    labels = [section.label for section in sections]
    page = render(
        "examples.html",
        title=title,
        facts=facts,
        notes=notes,
        labels=labels,
        sections=[_section(section, sample_rate) for section in sections],
        targets=list(_targets(report, labels)) if report else [],
    )
    write_text(path, page)


def _section(section: Section, sample_rate: int) -> dict[str, Any]:
    return {"label": section.label, "rows": [_row(row, sample_rate) for row in section.rows]}


def _row(row: Row, sample_rate: int) -> dict[str, Any]:
    pairs = zip(row.audio, row.captions, strict=True)
    sounds = [_card(sound, caption, sample_rate, row.real) for sound, caption in pairs]
    return {"who": row.title, "title": "", "real": row.real, "sounds": sounds}


def _card(sound: np.ndarray, caption: str, sample_rate: int, real: bool) -> dict[str, Any]:
    return {
        "caption": caption,
        "real": real,
        "mel": mel_uri(sound, sample_rate),
        "waveform": drawings.waveform(sound),
        "wav": flac_uri(sound, sample_rate),
    }


def _targets(report: Mapping[str, Any], labels: Sequence[str]) -> Iterator[dict[str, Any]]:
    for name, fields in report["metrics"].items():
        if not fields["target"]:
            continue
        metric: Any = SimpleNamespace(**{**fields, "target": Target(**fields["target"])})
        cells = [_cell(report["figures"].get(label, {}).get(name), metric) for label in labels]
        yield {"title": metric.title, "expected": expected(metric), "cells": cells}


def _cell(fields: Mapping[str, Any] | None, metric: Any) -> dict[str, Any] | None:
    if not fields or fields["value"] is None or fields["target_met"] is None:
        return None
    return {"reached": reached(Figure(**fields), metric), "met": fields["target_met"]}
