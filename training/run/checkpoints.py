"""Checkpoints: the whole state of a run at one step, in one file that is whole or not there.

A checkpoint is a NumPy archive of named arrays. Names say what an array is and nothing of how many
replicas or which Keras version made it, so a run can go on elsewhere. The archive carries a
checksum for each array; reading verifies them.
"""

import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...common.publish import publish_file
from .run_folder import RunError

State = Mapping[str, np.ndarray]

_NAME = re.compile(r"step-(\d{8,})\.npz")


def save_checkpoint(folder: Path, step: int, state: State, keep: int) -> Path:
    """Write the state of ``step`` and remove all but the newest ``keep`` checkpoints.

    Nothing older is removed before the new one is on the disk.

    Raises:
        OSError: the disk is full or cannot be written; older checkpoints are untouched.

    """
    path = folder / f"step-{step:08d}.npz"
    write_state(path, state)
    for old in list_checkpoints(folder)[:-keep]:
        old.unlink(missing_ok=True)
    return path


def write_state(path: Path, state: State) -> None:
    """Write named arrays to ``path``, by one rename.

    Raises:
        OSError: the disk is full or cannot be written.

    """
    # What numpy.savez writes; that one leaves its file open when the disk is full.
    with publish_file(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, array in state.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)


def read_state(path: Path) -> dict[str, np.ndarray]:
    """Read what `write_state` wrote.

    Raises:
        RunError: the file is damaged.

    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise RunError(f"checkpoint {path} is damaged: {error}") from error


def list_checkpoints(folder: Path) -> list[Path]:
    """Checkpoints in ``folder`` from the oldest to the newest."""
    found = [path for path in folder.glob("step-*.npz") if _NAME.fullmatch(path.name)]
    return sorted(found, key=step_of)


def step_of(path: Path) -> int:
    """Return the step that a checkpoint's name tells."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise ValueError(f"{path} is not named as a checkpoint")
    return int(match[1])


def newest_whole(folder: Path) -> tuple[Path | None, dict[str, np.ndarray], list[str]]:
    """Return the newest checkpoint that can be read.

    Returns:
        Its path (None if there is no checkpoint at all), its state, and a line for each damaged
        checkpoint that was passed over.

    Raises:
        RunError: there are checkpoints and all are damaged.

    """
    complaints: list[str] = []
    for path in reversed(list_checkpoints(folder)):
        try:
            return path, read_state(path), complaints
        except RunError as error:
            complaints.append(str(error))
    if complaints:
        raise RunError(f"no checkpoint in {folder} can be read; {complaints[0]}")
    return None, {}, []
