"""The pretrained model: `models/<version>/`, and the card that describes it.

`tools/pack_pretrained.py` puts both here; nothing in this folder is written by hand.
"""

from importlib import resources
from pathlib import Path

from ..saved_model.versions import ModelsError, list_versions

MODELS = "models"
CARD = "MODEL_CARD.md"
ATTRIBUTION = "ATTRIBUTION.md"

LARGEST_BYTES = 25_000_000
"""Of the pretrained model: everyone who installs drumsmith loads it."""


def folder() -> Path:
    """Return the folder of the pretrained model, its card and its attribution."""
    # TensorFlow reads a folder: the package is never installed zipped.
    return Path(str(resources.files(__package__)))


def pretrained_models() -> Path:
    """Return the models folder that is used where none is named.

    Raises:
        ModelsError: this installation has no pretrained model.

    """
    models = folder() / MODELS
    if not list_versions(models):
        raise ModelsError(
            "this installation has no model of its own: name a folder of exported models, "
            "or install drumsmith again"
        )
    return models


def model_card() -> Path:
    """Return the file that says what the pretrained model is made of, and how good it is."""
    return folder() / CARD
