"""What a tuning's work folder says of itself: what it is for, and what it ended with."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..common.errors import UserError
from ..common.publish import publish_file
from .outcome import Outcome

ASKED, ENDED = "tuning.json", "tuned.json"


def claim(work: Path, asked: Mapping[str, Any]) -> None:
    """Write down what ``work`` is for.

    Raises:
        UserError: it is for something else.

    """
    note = work / ASKED
    if not note.is_file():
        _write(note, asked)
        return
    begun = json.loads(note.read_text())
    for name, value in asked.items():
        if begun.get(name) != value:
            raise UserError(
                f"{work} is a tuning with {name}={begun.get(name)}, not {value}; "
                "choose another --work, or remove that folder"
            )


def exported_version(work: Path) -> Path | None:
    """Return the version that the tuning in ``work`` exported, None if there is none (any more)."""
    version = _read(work).get("version")
    return Path(version) if version and Path(version).is_dir() else None


def has_ended(work: Path) -> bool:
    """Whether the tuning in ``work`` has nothing left to do."""
    return exported_version(work) is not None and "figures" in _read(work)


def figures(work: Path) -> dict[str, Outcome]:
    """Return the figures that the tuning ended with, by whose they are."""
    known = {field.name for field in dataclasses.fields(Outcome)}
    return {
        whose: Outcome(**{name: value for name, value in one.items() if name in known})
        for whose, one in _read(work).get("figures", {}).items()
    }


def note_export(work: Path, version: Path) -> None:
    """Write down the version that was exported."""
    _write(work / ENDED, {"version": str(version.resolve())})


def started_as(work: Path) -> dict[str, str]:
    """Return, for each label that was new, the known one that it started as."""
    return _read(work).get("start_as", {})


def note_end(work: Path, outcomes: Mapping[str, Outcome], start_as: Mapping[str, str]) -> None:
    """Write down what the exported version was found to be, and what its labels started as."""
    told = {name: dataclasses.asdict(one) for name, one in outcomes.items()}
    _write(work / ENDED, _read(work) | {"figures": told, "start_as": dict(start_as)})


def _read(work: Path) -> dict[str, Any]:
    note = work / ENDED
    return json.loads(note.read_text()) if note.is_file() else {}


def _write(path: Path, values: Mapping[str, Any]) -> None:
    with publish_file(path) as partial:
        partial.write_text(json.dumps(values, indent=2) + "\n")
