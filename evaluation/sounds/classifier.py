"""A small network that names the class of a drum: the judge of labels, and an embedding.

Trained on the records' training part alone, with real sounds only, so that what it says about
generated sounds is a statement about real ones. It is kept beside the report and used again while
the records, and this file's recipe, stay the same.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from ...common.progress import progress
from ...common.publish import publish_folder
from .features import FLOOR_DB, log_mel
from .real_sounds import RealSounds

RECIPE = 1
"""Counts changes of the network or its training; one kept from another recipe is not used."""

EPOCHS = 30
BATCH_SIZE = 64
LEARNING_RATE = 2e-3
EMBEDDING = 32
"""Width of the last layer before the classes."""

MOST_OF_A_CLASS = 2000
"""Training sounds of a class in use: enough, and it keeps training at tens of seconds."""

GAIN_DB = 6.0
"""Random change of level while training, either way."""

SHIFT_FRAMES = 3
"""Random shift in time while training, either way, 5.8 ms a frame."""

_BATCH = 256


@dataclass(frozen=True)
class LabelClassifier:
    """A trained judge.

    Attributes:
        network: maps log-mel (n, frames, bands, 1) to (probabilities, embedding).
        sample_rate: of the sounds that it was trained on, in Hz.
        accuracy: on held-out real sounds, mean over classes.
        accuracies: the same by class.
        reused: whether it was read from disk rather than trained now.

    """

    network: keras.Model
    sample_rate: int
    accuracy: float
    accuracies: dict[str, float]
    reused: bool = False

    def __call__(self, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Judge ``audio`` (n, length): probabilities (n, classes), embedding (n, `EMBEDDING`)."""
        return self.judge(log_mel(audio, self.sample_rate))

    def judge(self, spectrograms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Judge log-mel spectrograms (n, frames, bands)."""
        return _predict(self.network, _scaled(spectrograms))


def label_classifier(
    real: RealSounds, keep_in: Path | None = None, seed: int = 0, epochs: int = EPOCHS
) -> LabelClassifier:
    """Return a classifier for ``real``, kept from before where nothing has changed.

    Args:
        real: sounds to train on (training part) and to test on (held-out part).
        keep_in: folder in which it is kept, or none.
        seed: of weights and batches.
        epochs: of training, should there be none kept.

    """
    folder = (
        keep_in / f"classifier-{RECIPE}-{real.digest[:16]}" if keep_in and real.digest else None
    )
    if folder and (kept := _kept(folder, real)):
        return kept
    trained = train_classifier(real, seed, epochs)
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
        _keep(trained, folder, real)
    return trained


def train_classifier(real: RealSounds, seed: int = 0, epochs: int = EPOCHS) -> LabelClassifier:
    """Train a classifier: tens of seconds on two cores for two thousand sounds."""
    spectrograms, label = _training_set(real, seed)
    network = _network(spectrograms.shape[1:], len(real.labels), seed)
    steps = epochs * -(-len(label) // BATCH_SIZE)
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(LEARNING_RATE, decay_steps=steps)
    )
    trained_part = keras.Model(network.input, network.outputs[0])
    trained_part.compile(optimizer, keras.losses.SparseCategoricalCrossentropy())
    with progress("training the label classifier", steps) as meter:
        for batch, batch_label in _batches(spectrograms, label, steps, seed):
            trained_part.train_on_batch(batch, batch_label)
            meter.advance()
    accuracies = _accuracies(network, real)
    mean = float(np.mean(list(accuracies.values())))
    return LabelClassifier(network, real.sample_rate, mean, accuracies)


def _network(shape: tuple[int, ...], classes: int, seed: int) -> keras.Model:
    layers = keras.layers
    seeds = iter(range(1000 * seed, 1000 * (seed + 1)))

    def initializer() -> keras.Initializer:
        return keras.initializers.GlorotUniform(seed=next(seeds))

    spectrogram = keras.Input((*shape, 1))
    x = spectrogram
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, 2, padding="same", kernel_initializer=initializer())(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
    # Pooled over time but not over frequency: where the energy lies tells a kick from a cymbal.
    whole = (x.shape[1], 1)
    pooled = [layers.AveragePooling2D(whole)(x), layers.MaxPooling2D(whole)(x)]
    x = layers.Dropout(0.3, seed=next(seeds))(layers.Flatten()(layers.Concatenate()(pooled)))
    embedding = layers.Dense(EMBEDDING, activation="elu", kernel_initializer=initializer())(x)
    probabilities = layers.Dense(classes, activation="softmax", kernel_initializer=initializer())(
        layers.Dropout(0.3, seed=next(seeds))(embedding)
    )
    return keras.Model(spectrogram, [probabilities, embedding])


def _training_set(real: RealSounds, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    # A sound has one class here: as its family's it would contradict itself.
    own = real.train.label[: real.train.own]
    chosen = np.concatenate(
        [
            rng.permutation(np.flatnonzero(own == i))[:MOST_OF_A_CLASS]
            for i in range(len(real.labels))
        ]
    )
    return log_mel(real.train.audio[chosen], real.sample_rate), real.train.label[chosen]


def _batches(
    spectrograms: np.ndarray, label: np.ndarray, count: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield ``count`` augmented batches; every class is as frequent as the others."""
    rng = np.random.default_rng(seed)
    frequency = np.bincount(label)[label]
    chances = 1.0 / frequency / np.sum(1.0 / frequency)
    for _ in range(count):
        chosen = rng.choice(len(label), BATCH_SIZE, p=chances)
        yield _scaled(_augmented(spectrograms[chosen], rng)), label[chosen]


def _augmented(spectrograms: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    gains = rng.uniform(-GAIN_DB, GAIN_DB, (len(spectrograms), 1, 1)).astype(np.float32)
    louder = np.maximum(spectrograms + gains, FLOOR_DB)
    shifted = np.full_like(louder, FLOOR_DB)
    frames = louder.shape[1]
    most = min(SHIFT_FRAMES, frames // 8)
    for target, source in zip(shifted, louder, strict=True):
        by = int(rng.integers(-most, most + 1))
        target[max(0, by) : frames + min(0, by)] = source[max(0, -by) : frames - max(0, by)]
    return shifted


def _scaled(spectrograms: np.ndarray) -> np.ndarray:
    """Return decibels from `FLOOR_DB` to 0 as numbers from -1 to 1, with a channel axis."""
    return (2.0 * (spectrograms - FLOOR_DB) / -FLOOR_DB - 1.0)[..., None].astype(np.float32)


def _predict(network: keras.Model, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    parts = [
        network.predict_on_batch(inputs[i : i + _BATCH]) for i in range(0, len(inputs), _BATCH)
    ]
    probabilities, embedding = (np.concatenate(part) for part in zip(*parts, strict=True))
    return probabilities, embedding.astype(np.float64)


def _accuracies(network: keras.Model, real: RealSounds) -> dict[str, float]:
    spectrograms = log_mel(real.held_out.audio, real.sample_rate)
    guesses = _predict(network, _scaled(spectrograms))[0].argmax(axis=1)
    guesses = real.heard_as(guesses, real.held_out.label)
    return {
        name: float(np.mean(guesses[real.held_out.label == i] == i))
        for i, name in enumerate(real.labels)
    }


def _keep(classifier: LabelClassifier, folder: Path, real: RealSounds) -> None:
    facts = {
        "recipe": RECIPE,
        "digest": real.digest,
        "labels": list(real.labels),
        "accuracy": classifier.accuracy,
        "accuracies": classifier.accuracies,
    }
    with publish_folder(folder) as partial:
        classifier.network.save(partial / "network.keras")
        (partial / "classifier.json").write_text(json.dumps(facts, indent=1) + "\n")


def _kept(folder: Path, real: RealSounds) -> LabelClassifier | None:
    try:
        facts = json.loads((folder / "classifier.json").read_text())
        if (facts["recipe"], facts["digest"]) != (RECIPE, real.digest):
            return None
        network = keras.saving.load_model(folder / "network.keras", compile=False)
    except (OSError, ValueError, KeyError):
        # Damaged or not there: training it again is always right.
        return None
    return LabelClassifier(
        network, real.sample_rate, facts["accuracy"], facts["accuracies"], reused=True
    )
