"""Files and folders that appear whole or not at all.

Everything is written beside its destination under a name that nobody reads, flushed to the disk,
then renamed. A process killed in between leaves the old state and a stray ``.partial`` at worst.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PARTIAL = ".partial"


@contextmanager
def publish_file(path: Path) -> Iterator[Path]:
    """Yield a path to write to; on success it is renamed onto ``path``, on failure removed.

    Raises:
        OSError: the disk is full or the folder cannot be written; ``path`` is then as it was.

    """
    partial = _partial_name(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield partial
        _sync(partial)
        os.replace(partial, path)
        _sync(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def publish_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder to fill; on success it is renamed to ``path``, on failure removed.

    ``path`` must not exist, or be an empty folder.

    Raises:
        OSError: the disk is full, the folder cannot be written, or ``path`` is taken.

    """
    partial = _partial_name(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        yield partial
        for item in (*partial.rglob("*"), partial):
            _sync(item)
        os.rename(partial, path)
        _sync(path.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _partial_name(path: Path) -> Path:
    # The process id keeps two writers apart; the dot keeps TF Serving from reading it.
    return path.with_name(f".{path.name}.{os.getpid()}{PARTIAL}")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
