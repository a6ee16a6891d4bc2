import gc
import os
from pathlib import Path

# Before NumPy is loaded, and for all processes that tests start. Each worker of pytest-xdist and
# TensorFlow have threads of their own: more of OpenBLAS' would only wait for one another, and an
# evaluation took five times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest

from .helpers.made_once import made_once
from .helpers.random_records import SMALLEST, write_records

LONGEST_FIRST = ("tuning", "training", "cli", "evaluation", "serving", "tfrecords")


def pytest_collection_modifyitems(items):
    """Let folders of long tests come first: at the end, one would keep one worker busy alone.

    There the workers also share out what is left, and each makes the fixtures anew.
    """
    folders = [Path(__file__).parent / name for name in LONGEST_FIRST]

    def place(item):
        return [folder not in item.path.parents for folder in folders]

    items.sort(key=place)


def pytest_collection_finish():
    """Take what is imported by now out of the garbage collector's sight.

    With TensorFlow loaded, a collection looks through hundreds of thousands of objects that are
    there for good, and Keras asks for one after every training.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def short_run(tmp_path_factory):
    """A folder with `records` and a `run` of two steps on them; to be copied, not changed."""
    from drumsmith.cli.main import main

    def make(folder):
        records = write_records(folder / "records")
        assert main(["train", str(records), str(folder / "run"), *SMALLEST]) == 0

    return made_once(tmp_path_factory, "short", make)


@pytest.fixture(scope="session")
def small_drums(tmp_path_factory):
    """A folder of `records`, a `run` and its `models` of one version; do not add to it.

    The version is one that training can go on from, as the pretrained model is.
    """
    from .helpers.small_drums import export_small_drums

    return made_once(tmp_path_factory, "small-drums", export_small_drums)
