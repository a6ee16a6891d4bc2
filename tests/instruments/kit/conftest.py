import pytest

from drumsmith.instruments.kit.writing import hydrogen_archive, write_kit

from ...helpers.noise_kit import noise_kit


@pytest.fixture(scope="session")
def kit():
    return noise_kit()


@pytest.fixture(scope="session")
def folder(kit, tmp_path_factory):
    """The kit's folder, and Hydrogen's archive beside it."""
    path = tmp_path_factory.mktemp("kits") / kit.name
    write_kit(kit, path)
    hydrogen_archive(kit, path)
    return path
