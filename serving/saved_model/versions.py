"""Folders of versions: `models/<integer>/` holds one, everything else is nobody's business."""

import re
import shutil
from pathlib import Path

from ...common.errors import UserError
from ...common.processes import is_running
from ...common.publish import PARTIAL


class ModelsError(UserError):
    """There is no exported version where one was expected."""


def list_versions(models: Path) -> dict[int, Path]:
    """Return the versions in a folder, oldest first, as TF Serving reads it.

    A child folder whose name is a decimal number is a version (`00001` is 1); a folder that does
    not exist has none.
    """
    try:
        children = sorted(models.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    numbered = {int(c.name): c for c in children if c.name.isascii() and c.name.isdecimal()}
    return {number: numbered[number] for number in sorted(numbered) if numbered[number].is_dir()}


def find_version(models: Path, version: int | None = None) -> tuple[int, Path]:
    """Return a version's number and folder; the newest by default.

    Raises:
        ModelsError: the folder, or that version in it, does not exist.

    """
    versions = list_versions(models)
    if not versions:
        raise ModelsError(
            f"{models} holds no exported version; make one with: drumsmith export RUN {models}"
        )
    if version is None:
        version = max(versions)
    if version not in versions:
        known = ", ".join(map(str, versions))
        raise ModelsError(f"{models} has no version {version}; it has {known}")
    return version, versions[version]


def next_version(models: Path) -> int:
    """Return the number after the newest version's; 1 in an empty folder."""
    return max(list_versions(models), default=0) + 1


def sweep_strays(models: Path) -> None:
    """Remove what exports that were killed left behind; those still running keep theirs."""
    stray = re.compile(rf"\.\d+\.(\d+){re.escape(PARTIAL)}")
    for child in models.iterdir() if models.is_dir() else ():
        match = stray.fullmatch(child.name)
        if match and not is_running(int(match[1])):
            shutil.rmtree(child, ignore_errors=True)
