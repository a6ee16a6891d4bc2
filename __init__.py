"""New drum sounds, from a pretrained model or one of your own.

An implementation of Drysdale, Tomczak and Hockman, "Adversarial Synthesis of Drum Sounds"
(DAFx 2020). A program needs the names of this module; each is loaded when it is first used, so that
importing ``drumsmith`` loads neither TensorFlow nor anything else that is heavy.

    >>> import drumsmith
    >>> with drumsmith.LocalModel() as model:
    ...     kicks = model.generate("kick", n=8, seed=1)

The folders, in the order in which data flows through them:

- ``tfrecords``: audio files -> sharded records -> ``tf.data``
- ``model``: generators, critics, encoder
- ``evaluation``: metrics beside the same of real sounds, and the report
- ``training``: WGAN-GP and reconstruction, runs, checkpoints
- ``serving``: export, server, client
- ``instruments``, ``tuning``: what is made with sounds; the pretrained model made one's own
- ``cli``: the ``drumsmith`` command
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .common.errors import UserError
    from .evaluation.evaluate import Evaluation, evaluate
    from .evaluation.report.report import write_report
    from .serving.client.async_client import AsyncClient
    from .serving.client.client import Client
    from .serving.client.errors import ClientError
    from .serving.export.exporter import export
    from .serving.saved_model.local_model import LocalModel
    from .serving.sounds import Sounds
    from .tfrecords.preparing.options import Options as PrepareOptions
    from .tfrecords.preparing.prepare import prepare
    from .training.config.config import TrainingConfig
    from .training.config.presets import preset
    from .training.trainer import train

__all__ = [
    "AsyncClient",
    "Client",
    "ClientError",
    "Evaluation",
    "LocalModel",
    "PrepareOptions",
    "Sounds",
    "TrainingConfig",
    "UserError",
    "__version__",
    "evaluate",
    "export",
    "prepare",
    "preset",
    "train",
    "write_report",
]

__version__ = "0.1.0"

# Where each public name is defined, without the package's name; `Options` is too short out here.
_DEFINED_IN = {
    "AsyncClient": "serving.client.async_client",
    "Client": "serving.client.client",
    "ClientError": "serving.client.errors",
    "Evaluation": "evaluation.evaluate",
    "LocalModel": "serving.saved_model.local_model",
    "PrepareOptions": "tfrecords.preparing.options:Options",
    "Sounds": "serving.sounds",
    "TrainingConfig": "training.config.config",
    "UserError": "common.errors",
    "evaluate": "evaluation.evaluate",
    "export": "serving.export.exporter",
    "prepare": "tfrecords.preparing.prepare",
    "preset": "training.config.presets",
    "train": "training.trainer",
    "write_report": "evaluation.report.report",
}

# A type checker reads the imports above instead, and so notices a name that does not exist.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _DEFINED_IN:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module, _, original = _DEFINED_IN[name].partition(":")
        found = getattr(importlib.import_module(f".{module}", __name__), original or name)
        globals()[name] = found  # from now on without this function
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
