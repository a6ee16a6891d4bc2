import grpc
import pytest

from drumsmith.serving.client.client import Client
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

from ..helpers.tiny_export import export_tiny


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A models folder with one version; do not add to it."""
    folder = tmp_path_factory.mktemp("served") / "models"
    export_tiny(folder)
    return folder


@pytest.fixture(scope="session")
def server(models):
    """A server over `models`; do not stop it."""
    with Server([ModelConfig("drums", models)], ServerOptions(port=0, workers=8)) as running:
        yield running


@pytest.fixture(scope="session")
def target(server):
    return f"127.0.0.1:{server.port}"


@pytest.fixture
def client(target):
    with Client(target) as open_client:
        yield open_client


@pytest.fixture
def channel(target):
    with grpc.insecure_channel(target) as open_channel:
        yield open_channel
