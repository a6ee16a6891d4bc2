"""TensorFlow, imported in half the time: `from .quick_tensorflow import tf`.

Its import is most of what a single `drumsmith generate` takes. Processor time on two busy cores:

    as it comes                                               2.5 s
    without Keras and matplotlib, which it imports at its end 1.7 s
    and without looking for garbage where everything is new   1.1 s

Running an export needs no Keras; it stays importable afterwards.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# What TensorFlow looks for, and does without where it is not installed.
EAGERLY_LOADED = "keras.src.optimizers"


@contextmanager
def _seems_missing(module: str) -> Iterator[None]:
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[module]


@contextmanager
def _collector_pauses() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


with _seems_missing(EAGERLY_LOADED), _collector_pauses():
    import tensorflow as tf

# Hundreds of thousands of objects that are there for good: no later collection looks through them,
# which halves what the next large import takes.
gc.freeze()

__all__ = ["tf"]
