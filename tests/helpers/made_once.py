"""What the workers of pytest-xdist would each make anew, made by the first that needs it."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path


def made_once(tmp_path_factory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder ``name``, empty before ``make(folder)``, of this session of tests.

    Nobody may change what is in it: other workers read it, too.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # that of the session, in which each worker has its own
    folder, made = root / name, root / f"{name}.made"
    with open(root / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed, or its process is gone
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # half of it, where making it failed
            folder.mkdir()
            make(folder)
            made.touch()
    return folder
