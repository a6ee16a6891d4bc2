"""A page of example sounds that needs no other file, small enough to be put beside a README."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import drawings
from .media import flac_uri, mel_uri
from .rendering import render
from .report import write_text

GENERATED, REAL = "generated", "real"


@dataclass(frozen=True, eq=False)
class Row:
    """Sounds beside each other.

    Attributes:
        title: what they are.
        kind: `GENERATED` or `REAL`, for the colour.
        audio: float32 (n, length).
        captions: a few words for each, n.

    """

    title: str
    kind: str
    audio: np.ndarray
    captions: Sequence[str]


@dataclass(frozen=True)
class Section:
    """What is shown of one class."""

    label: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Line:
    """One figure of every class beside its target, as text."""

    title: str
    target: str
    cells: Sequence[str]


@dataclass(frozen=True)
class Table:
    """Figures by class."""

    labels: Sequence[str]
    lines: Sequence[Line]


def write_examples(
    path: Path,
    sections: Sequence[Section],
    sample_rate: int,
    *,
    title: str,
    facts: str,
    notes: Sequence[str] = (),
    table: Table | None = None,
) -> None:
    """Write the page; it appears whole or not at all.

    Args:
        path: the file, `.html`.
        sections: what is shown, class by class.
        sample_rate: of all sounds, in Hz.
        title: of the page.
        facts: a line about the model.
        notes: lines at the end of the page, such as whose the real sounds are.
        table: figures to be shown, if there are any.

    """
    page = render(
        "examples.html",
        title=title,
        facts=facts,
        notes=notes,
        table=table,
        sections=[_section(section, sample_rate) for section in sections],
    )
    write_text(path, page)


def _section(section: Section, sample_rate: int) -> dict[str, Any]:
    rows = []
    for row in section.rows:
        real = row.kind == REAL
        sounds = [
            _sound(sound, caption, sample_rate, real)
            for sound, caption in zip(row.audio, row.captions, strict=True)
        ]
        rows.append({"who": row.title, "title": "", "real": real, "sounds": sounds})
    return {"label": section.label, "rows": rows}


def _sound(sound: np.ndarray, caption: str, sample_rate: int, real: bool) -> dict[str, Any]:
    return {
        "caption": caption,
        "real": real,
        "mel": mel_uri(sound, sample_rate),
        "waveform": drawings.waveform(sound),
        "wav": flac_uri(sound, sample_rate),
    }
