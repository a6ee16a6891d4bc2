import pytest

from .helpers.random_records import SMALLEST, write_records


@pytest.fixture(scope="session")
def short_run(tmp_path_factory):
    """A folder with `records` and a `run` of two steps on them; to be copied, not changed."""
    from drumsmith.cli.main import main

    folder = tmp_path_factory.mktemp("short")
    records = write_records(folder / "records")
    assert main(["train", str(records), str(folder / "run"), *SMALLEST]) == 0
    return folder
