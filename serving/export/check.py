"""The examination that an export passes before anyone can see it."""

import io
import wave
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ...common.errors import UserError
from ...common.sounds.wav import FULL_SCALE
from ...model.encoding import FrozenEncoder
from ...model.generator import FrozenGenerator
from ..saved_model.description import Description
from ..saved_model.session import SavedModelSession, message_of
from ..saved_model.signatures import (
    AUDIO,
    CLASS_WEIGHTS,
    DESCRIBE,
    ENCODE,
    LABEL,
    LABELS,
    LATENT_DIM,
    LENGTH,
    MIX,
    MODEL_ID,
    SAMPLE_RATE,
    SEEDED,
    SERVING_DEFAULT,
    WAV,
    WAV_BYTES,
    Z,
)
from .warmup import sample_inputs

TOLERANCE = 5e-5
"""Under a step of 16 bits. Pitches are added up over a whole sound: so is their rounding."""

ENCODER_TOLERANCE = 1e-2
"""Of z: an encoder's flow is followed backwards, where rounding grows."""

# The encoder rounds to half a step, but 1.0 has no number of its own and is a step too low.
WAV_TOLERANCE = 1 / FULL_SCALE + TOLERANCE


class ExportError(UserError):
    """The export was refused; no version appeared."""


def check_export(
    version: Path,
    frozen: FrozenGenerator,
    description: Description,
    batches: tuple[int, ...] = (1, 3),
    encoder: FrozenEncoder | None = None,
) -> None:
    """Run every signature in the runtime that TF Serving uses and compare it with the generator.

    Args:
        version: the folder, not yet published.
        frozen: the generator that was exported.
        description: what `describe` must answer.
        batches: batch sizes to try.
        encoder: the encoder that was exported, if one was.

    Raises:
        ExportError: a signature does not load or run, its answer differs from the generator's by
            more than `TOLERANCE`, a bad input is not refused, or the generator makes NaN.

    """
    try:
        with SavedModelSession(version) as session:
            examination = _Examination(session, frozen, description)
            examination.describes()
            for batch in batches:
                examination.generates(batch)
                examination.encodes(batch)
                examination.mixes(batch)
                examination.repeats_seeds(batch)
                if encoder:
                    examination.finds(batch, encoder)
            examination.refuses_bad_input()
    except tf.errors.OpError as error:
        raise ExportError(f"not exported: the model does not run: {message_of(error)}") from error


class _Examination:
    def __init__(
        self, session: SavedModelSession, frozen: FrozenGenerator, description: Description
    ):
        self._session = session
        # Eagerly, which shares neither optimiser nor scheduler with what is examined.
        self._frozen = frozen
        self._description = description
        # Signatures that take the same inputs are compared with the same sounds.
        self._expected = cache(self._expected_sounds)

    def describes(self) -> None:
        answer = self._session.run({}, signature=DESCRIBE)
        expected: dict[str, Any] = {
            LABELS: [label.encode() for label in self._description.labels],
            SAMPLE_RATE: self._description.sample_rate,
            LENGTH: self._description.length,
            LATENT_DIM: self._description.latent_dim,
            MODEL_ID: self._description.model_id.encode(),
        }
        for name, value in expected.items():
            if not np.array_equal(answer[name], value):
                raise ExportError(f"not exported: {DESCRIBE} says {name} is {answer[name]}")

    def generates(self, batch: int) -> None:
        inputs = self._inputs(SERVING_DEFAULT, batch)
        answer = self._session.run(inputs, signature=SERVING_DEFAULT)
        _compare(SERVING_DEFAULT, answer[AUDIO], self._expected(batch), TOLERANCE)

    def encodes(self, batch: int) -> None:
        inputs = self._inputs(WAV, batch)
        answer = self._session.run(inputs, signature=WAV)
        decoded = np.stack([self._decode(sound) for sound in answer[WAV_BYTES]])
        _compare(WAV, decoded, np.clip(self._expected(batch), -1, 1), WAV_TOLERANCE)

    def mixes(self, batch: int) -> None:
        inputs = self._inputs(MIX, batch)
        answer = self._session.run(inputs, signature=MIX)
        expected = self._generate(inputs[Z], inputs[CLASS_WEIGHTS])
        _compare(MIX, answer[AUDIO], expected, TOLERANCE)

    def finds(self, batch: int, encoder: FrozenEncoder) -> None:
        audio = self._expected(batch)
        answer = self._session.run({AUDIO: audio}, signature=ENCODE)
        z, class_weights = encoder(tf.constant(audio))
        _compare(ENCODE, answer[CLASS_WEIGHTS], class_weights.numpy(), TOLERANCE)
        _compare(ENCODE, answer[Z], z.numpy(), ENCODER_TOLERANCE)

    def repeats_seeds(self, batch: int) -> None:
        inputs = self._inputs(SEEDED, batch)
        answer = self._session.run(inputs, signature=SEEDED)
        expected = self._generate(answer[Z], self._one_hot(inputs[LABEL]))
        _compare(SEEDED, answer[AUDIO], expected, TOLERANCE)
        last = {alias: value[-1:] for alias, value in inputs.items()}
        alone = self._session.run(last, signature=SEEDED)
        _compare(f"{SEEDED} in another batch", alone[Z], answer[Z][-1:], 0)

    def refuses_bad_input(self) -> None:
        classes = len(self._description.labels)
        for alias, bad in ((LABEL, -1), (LABEL, classes), (Z, np.nan), (Z, np.inf)):
            inputs = self._inputs(SERVING_DEFAULT, 2)
            inputs[alias].flat[-1] = bad
            try:
                self._session.run(inputs, signature=SERVING_DEFAULT)
            except tf.errors.InvalidArgumentError:
                continue
            raise ExportError(f"not exported: the model accepts a {alias} of {bad}")

    def _inputs(self, signature: str, batch: int) -> dict[str, np.ndarray]:
        return sample_inputs(self._description, signature, batch, seed=batch)

    def _one_hot(self, label: np.ndarray) -> np.ndarray:
        return np.eye(len(self._description.labels), dtype=np.float32)[label]

    def _expected_sounds(self, batch: int) -> np.ndarray:
        inputs = self._inputs(SERVING_DEFAULT, batch)
        return self._generate(inputs[Z], self._one_hot(inputs[LABEL]))

    def _generate(self, z: np.ndarray, class_weights: np.ndarray) -> np.ndarray:
        audio = self._frozen(tf.constant(z), tf.constant(class_weights)).numpy()
        if not np.isfinite(audio).all():
            raise ExportError(
                "not exported: the generator makes NaN; its training diverged, so export an "
                "earlier checkpoint or train again"
            )
        return audio

    def _decode(self, encoded: bytes) -> np.ndarray:
        with wave.open(io.BytesIO(encoded)) as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            if form != (1, 2, self._description.sample_rate):
                raise ExportError(f"not exported: {WAV} gives channels, bytes, rate {form}")
            return np.frombuffer(file.readframes(file.getnframes()), "<i2") / FULL_SCALE


def _compare(what: str, answer: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    if answer.shape != expected.shape:
        raise ExportError(
            f"not exported: {what} gives shape {answer.shape} instead of {expected.shape}"
        )
    difference = float(np.max(np.abs(answer - expected)))
    # Written so that NaN fails.
    if not difference <= tolerance:
        raise ExportError(
            f"not exported: {what} differs from the generator by {difference:.2g}, "
            f"more than {tolerance:.2g}"
        )
