"""The part of TensorFlow that runs an export, in a third of the time that all of it takes.

Its import is most of what a single `drumsmith generate` takes, and most of that is its public
interface: 1,600 modules and Keras, where running an export needs 320. Here `tensorflow` becomes a
package whose own code waits: its parts are imported as ever, and whoever asks for a name of the
interface, as in `tf.constant`, has it loaded first. Processor time on two busy cores:

    import tensorflow                    2.5 s
    without Keras                        1.8 s
    without the rest of the interface    0.7 s

The names below are those of `tf`, `tf.compat.v1` and `tf.errors`; setup.cfg pins the TensorFlow
whose parts are where they are looked for here.
"""

import gc
import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_LOADING = threading.RLock()


class _Deferred(ModuleType):
    """A package whose own code runs when a name of it is first asked for."""

    running = False

    def __getattr__(self, name: str) -> Any:
        # Whoever looks through modules asks for such names, and does not mean the interface.
        if name.startswith("__") and name != "__version__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        with _LOADING:
            if isinstance(self, _Deferred):
                if self.running:  # by its own code
                    raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
                self._run()
        return getattr(self, name)

    def _run(self) -> None:
        self.running = True
        try:
            self.__spec__.loader.exec_module(self)  # type: ignore[union-attr]
        finally:
            del self.running
        self.__class__ = ModuleType  # type: ignore[assignment]


def _defer(name: str) -> None:
    """Let a package's own code wait, if it is installed and nobody has imported it yet."""
    if name in sys.modules or (spec := importlib.util.find_spec(name)) is None:
        return
    package = _Deferred(name)
    package.__spec__, package.__loader__, package.__file__ = spec, spec.loader, spec.origin
    package.__package__, package.__path__ = name, list(spec.submodule_search_locations or ())
    sys.modules[name] = package
    # As the package's own code begins: what it loads asks at once which TensorFlow it is part of.
    os.environ["TF2_BEHAVIOR"] = "1"
    from tensorflow.python import tf2

    tf2.enable()


@contextmanager
def _collector_pauses() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


with _collector_pauses():
    _defer("tensorflow")
    from tensorflow.core.protobuf.config_pb2 import ConfigProto, RunOptions
    from tensorflow.python.client.pywrap_tf_session import (
        TF_DeleteBuffer,
        TF_NewBufferFromString,
        TF_SessionRun_wrapper,
    )
    from tensorflow.python.client.session import Session
    from tensorflow.python.framework import dtypes, errors
    from tensorflow.python.framework.ops import Graph
    from tensorflow.python.lib.io._pywrap_record_io import RecordIterator
    from tensorflow.python.platform.tf_logging import get_logger
    from tensorflow.python.saved_model.loader_impl import load

# Objects that are there for good: no later collection looks through them, which halves what the
# next large import takes.
gc.freeze()

__all__ = [
    "ConfigProto",
    "Graph",
    "RecordIterator",
    "RunOptions",
    "Session",
    "TF_DeleteBuffer",
    "TF_NewBufferFromString",
    "TF_SessionRun_wrapper",
    "dtypes",
    "errors",
    "get_logger",
    "load",
]
