"""A generator small enough to export in a second: one matrix for z, one for the class."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import tensorflow as tf

from drumsmith.common.publish import publish_folder
from drumsmith.serving.export.batching import Batching
from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.versions import list_versions
from drumsmith.serving.saved_model.warmup import WARMUP_FILE

LATENT_DIM, LENGTH = 8, 256
LABELS = ("kick", "snare", "cymbal")
DESCRIPTION = Description(LABELS, 44100, LATENT_DIM, LENGTH, {"steps": 600})
SMALL_BATCHES = Batching(sizes=(1, 2, 4))


def tiny_frozen(seed=0):
    rng = np.random.default_rng(seed)
    kernel = rng.normal(0, 0.1, (LATENT_DIM, LENGTH)).astype(np.float32)
    classes = rng.normal(0, 0.1, (len(LABELS), LENGTH)).astype(np.float32)
    return lambda z, class_weights: tf.tanh(z @ kernel + class_weights @ classes)


def export_anew(models: Path, seed=0) -> Path:
    """The next version, by the exporter: for tests of the exporter."""
    return export_generator(tiny_frozen(seed), DESCRIPTION, models, batching=SMALL_BATCHES)


def export_tiny(models: Path, seed=0, warm_up=False) -> Path:
    """The next version, as a copy of one that was exported once: for tests of all else.

    Most servers over it answer a call or two, and warming up would cost more than that.
    """
    version = models / str(max(list_versions(models), default=0) + 1)
    with publish_folder(version) as partial:
        shutil.copytree(_exported(seed), partial, dirs_exist_ok=True)
        if not warm_up:
            (partial / WARMUP_FILE).unlink()
    return version


@cache
def _exported(seed: int) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="tiny-export-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return export_anew(folder, seed)


def expected_audio(z, label, seed=0):
    weights = np.eye(len(LABELS), dtype=np.float32)[label]
    return tiny_frozen(seed)(tf.constant(z), tf.constant(weights)).numpy()


def random_z(batch, seed=0):
    return np.random.default_rng(seed).standard_normal((batch, LATENT_DIM)).astype(np.float32)
