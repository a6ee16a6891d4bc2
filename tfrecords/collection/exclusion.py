"""Sounds that a person struck out: a text file with one path a line."""

from pathlib import Path

from ...common.errors import UserError

STRUCK_OUT = "is struck out by the exclude file"
"""Why such a sound is left out."""


def read_exclusions(file: Path) -> frozenset[str]:
    """Read the paths of an exclude file, relative to the collection; # begins a comment line.

    Raises:
        UserError: it cannot be read.
    """
    try:
        lines = file.read_text("utf-8-sig", errors="surrogateescape").splitlines()
    except OSError as error:
        raise UserError(f"cannot read {file}: {error.strerror}") from None
    return frozenset(line.strip() for line in lines if line.strip() and line[0] != "#")


def is_struck_out(path: str, excluded: frozenset[str]) -> bool:
    """Whether a path is among those of an exclude file.

    A name that is no UTF-8 may stand there as pages and terminals show it, its bytes escaped.
    """
    return path in excluded or path.encode("utf-8", "backslashreplace").decode() in excluded


def usual_file(records: Path) -> Path:
    """Return the exclude file that is read unasked: beside the records, named after them."""
    return records.with_name(f"{records.name}.exclude.txt")
