import pytest

from drumsmith.serving.saved_model.local_model import LocalModel

from ..helpers.tiny_export import export_tiny


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A models folder with one version; do not add to it."""
    folder = tmp_path_factory.mktemp("instruments") / "models"
    export_tiny(folder)
    return folder


@pytest.fixture(scope="session")
def model(models):
    with LocalModel(models) as opened:
        yield opened


@pytest.fixture(scope="session")
def pretrained():
    with LocalModel() as opened:
        yield opened
