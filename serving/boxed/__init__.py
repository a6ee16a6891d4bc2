"""The model that comes with the package: `models/<version>/`, and the card that describes it.

`benchmarks/box.py` puts both here; nothing in this folder is written by hand.
"""

from importlib import resources
from pathlib import Path

from ..versions import ModelsError, list_versions

MODELS = "models"
CARD = "MODEL_CARD.md"
ATTRIBUTION = "ATTRIBUTION.md"

LARGEST_BYTES = 25_000_000
"""Of the box: everyone who installs drumsmith loads it."""


def box() -> Path:
    """Return the folder of the boxed model and its papers."""
    # TensorFlow reads a folder: the package is never installed zipped.
    return Path(str(resources.files(__package__)))


def boxed_models() -> Path:
    """Return the models folder that is used where none is named.

    Raises:
        ModelsError: this installation has an empty box.

    """
    models = box() / MODELS
    if not list_versions(models):
        raise ModelsError(
            "this installation has no model of its own: name a folder of exported models, "
            "or install drumsmith again"
        )
    return models


def model_card() -> Path:
    """Return the file that says what the boxed model is made of, and how good it is."""
    return box() / CARD
