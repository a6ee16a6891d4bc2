import pytest

from drumsmith.serving import pretrained

from ..helpers.tiny_export import export_tiny


@pytest.fixture
def small_pretrained(tmp_path_factory, monkeypatch):
    """The version of a small model that is the pretrained one here: judging it takes seconds."""
    folder = tmp_path_factory.mktemp("pretrained")
    version = export_tiny(folder / pretrained.MODELS)
    monkeypatch.setattr(pretrained, "folder", lambda: folder)
    return version
