"""A generator small enough to export in a second: one matrix for z, one for the class."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from drumsmith.serving.export.batching import Batching
from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.saved_model.description import Description

LATENT_DIM, LENGTH = 8, 256
LABELS = ("kick", "snare", "cymbal")
DESCRIPTION = Description(LABELS, 44100, LATENT_DIM, LENGTH, {"steps": 600})
SMALL_BATCHES = Batching(sizes=(1, 2, 4))


def tiny_frozen(seed=0):
    rng = np.random.default_rng(seed)
    kernel = rng.normal(0, 0.1, (LATENT_DIM, LENGTH)).astype(np.float32)
    classes = rng.normal(0, 0.1, (len(LABELS), LENGTH)).astype(np.float32)
    return lambda z, class_weights: tf.tanh(z @ kernel + class_weights @ classes)


def export_tiny(models: Path, seed=0) -> Path:
    return export_generator(tiny_frozen(seed), DESCRIPTION, models, batching=SMALL_BATCHES)


def expected_audio(z, label, seed=0):
    weights = np.eye(len(LABELS), dtype=np.float32)[label]
    return tiny_frozen(seed)(tf.constant(z), tf.constant(weights)).numpy()


def random_z(batch, seed=0):
    return np.random.default_rng(seed).standard_normal((batch, LATENT_DIM)).astype(np.float32)
