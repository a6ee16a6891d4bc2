import gc

import pytest

from .helpers.random_records import SMALLEST, write_records


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

    folder = tmp_path_factory.mktemp("short")
    records = write_records(folder / "records")
    assert main(["train", str(records), str(folder / "run"), *SMALLEST]) == 0
    return folder
