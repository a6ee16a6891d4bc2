"""The graph of an export: every signature, around one copy of the generator."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from ...common.latent_prior import z_from
from ...model.encoding import FrozenEncoder
from ...model.generator import FrozenGenerator
from ..saved_model.description import Description
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
    SEED,
    SEEDED,
    SERVING_DEFAULT,
    WAV,
    WAV_BYTES,
    Z,
)
from .batching import Batching
from .shared_constants import lift_constants
from .validation import Checks

PHILOX = 1
"""Number of the counter-based generator that is the same on CPU and GPU."""


class ServedGraph(tf.Module):
    """The signatures (see `saved_model.signatures`) over a frozen generator::

        serving_default  z, label ---------------+
        wav              z, label ---------------+-- checks -- class weights -- queue -- generator
        seeded           seed -> noise, label ---+                                          |
        mix              z, class_weights -------+            audio, or its 16-bit WAV <----+
        encode           audio -- checks -- encoder -- z, class_weights

    The generator is one function that all signatures call, and its weights are variables that they
    share, so that they are on disk and in memory once (see `shared_constants`). Inputs are declared
    without shapes (see `validation`); `input_shapes` has the shapes that callers are promised.

    Args:
        frozen: (z (B, latent_dim), class_weights (B, classes)) -> audio (B, length), of standard
            operations over constants.
        description: completed here with the weights' hash and the model's id.
        batching: None computes each request by itself.
        encoder: what ``encode`` runs; without it there is no such signature.
        portable: declare the ranks of inputs, as runtimes other than TensorFlow ask for. Where a
            rank or a width is wrong the runtime refuses in its own words then.

    """

    def __init__(
        self,
        frozen: FrozenGenerator,
        description: Description,
        batching: Batching | None,
        encoder: FrozenEncoder | None = None,
        portable: bool = False,
    ):
        super().__init__(name="drumsmith")
        self._portable = portable
        self._batching = batching
        self._max_request = (batching or Batching()).max_request
        core = _concrete(frozen, description)
        self.description = _identified(description, core)
        lifted = lift_constants(core)
        self._core = lifted.function
        # Tracked by tf.Module, hence saved.
        self.weights = lifted.weights
        self._encoder = encoder and lift_constants(
            _concrete_encoder(encoder, description), self.weights
        )
        self.encoder_weights = self._encoder.weights if self._encoder else ()

    def signatures(self) -> dict[str, Any]:
        """Return the signatures' functions by name, ready for `tf.saved_model.save`."""
        z = self._spec(Z, tf.float32)
        label = self._spec(LABEL, tf.int32)
        seed = self._spec(SEED, tf.int64)
        class_weights = self._spec(CLASS_WEIGHTS, tf.float32)
        audio = self._spec(AUDIO, tf.float32)
        optional = {ENCODE: _function(self._find, audio)} if self._encoder else {}
        return optional | {
            SERVING_DEFAULT: _function(self._audio, z, label),
            WAV: _function(self._wav, z, label),
            SEEDED: _function(self._seeded, seed, label),
            MIX: _function(self._mix, z, class_weights),
            DESCRIBE: _function(self._describe),
        }

    def _spec(self, alias: str, dtype: tf.DType) -> tf.TensorSpec:
        shape = [None, *self.input_shapes()[alias][1:]] if self._portable else None
        return tf.TensorSpec(shape, dtype, name=alias)

    def input_shapes(self) -> dict[str, list[int]]:
        """Return the shape of every input by its alias; -1 is the batch."""
        latent_dim, classes = self.description.latent_dim, len(self.description.labels)
        return {
            Z: [-1, latent_dim],
            LABEL: [-1],
            SEED: [-1],
            CLASS_WEIGHTS: [-1, classes],
            AUDIO: [-1, self.description.length],
        }

    def _audio(self, z, label):
        checks = Checks(self._max_request)
        checks.vectors(Z, z, self.description.latent_dim)
        checks.labels(LABEL, label, self.description.labels)
        checks.same_batch(Z, z, LABEL, label)
        z, label = checks.passed(z, label)
        return {AUDIO: self._generate(z, self._one_hot(label))}

    def _wav(self, z, label):
        audio = self._audio(z, label)[AUDIO]
        return {WAV_BYTES: tf.map_fn(self._encode, audio, fn_output_signature=_STRING)}

    def _seeded(self, seed, label):
        checks = Checks(self._max_request)
        checks.seeds(SEED, seed)
        checks.labels(LABEL, label, self.description.labels)
        checks.same_batch(SEED, seed, LABEL, label)
        seed, label = checks.passed(seed, label)
        z = tf.map_fn(self._noise, tf.reshape(seed, [-1]), fn_output_signature=self._z_spec())
        return {AUDIO: self._generate(z, self._one_hot(label)), Z: z}

    def _mix(self, z, class_weights):
        checks = Checks(self._max_request)
        checks.vectors(Z, z, self.description.latent_dim)
        checks.vectors(CLASS_WEIGHTS, class_weights, len(self.description.labels))
        checks.same_batch(Z, z, CLASS_WEIGHTS, class_weights)
        z, class_weights = checks.passed(z, class_weights)
        return {AUDIO: self._generate(z, class_weights)}

    def _find(self, audio):
        assert self._encoder is not None  # without one there is no such signature
        checks = Checks(self._max_request)
        checks.vectors(AUDIO, audio, self.description.length)
        (audio,) = checks.passed(audio)
        audio = tf.reshape(audio, [-1, self.description.length])
        weights = [variable.read_value() for variable in self.encoder_weights]
        z, class_weights = self._encoder.function(audio, *weights)
        return {Z: z, CLASS_WEIGHTS: class_weights}

    def _describe(self):
        return {
            LABELS: tf.constant(self.description.labels),
            SAMPLE_RATE: tf.constant(self.description.sample_rate, tf.int32),
            LENGTH: tf.constant(self.description.length, tf.int32),
            LATENT_DIM: tf.constant(self.description.latent_dim, tf.int32),
            MODEL_ID: tf.constant(self.description.model_id),
        }

    def _one_hot(self, label: tf.Tensor) -> tf.Tensor:
        label = tf.reshape(label, [-1])
        return tf.one_hot(label, len(self.description.labels), dtype=tf.float32)

    def _z_spec(self) -> tf.TensorSpec:
        return tf.TensorSpec([self.description.latent_dim], tf.float32)

    def _noise(self, seed: tf.Tensor) -> tf.Tensor:
        """Return z for one seed: a function of nothing but the seed, so batches do not matter."""
        draw = {
            "shape": [self.description.latent_dim],
            "key": tf.reshape(tf.bitcast(seed, tf.uint64), [1]),
            "counter": tf.zeros([2], tf.uint64),
            "alg": PHILOX,
            "dtype": tf.float32,
        }
        return z_from(
            self.description.latent_prior,
            lambda: tf.raw_ops.StatelessRandomNormalV2(**draw),
            lambda: tf.raw_ops.StatelessRandomUniformV2(**draw),
        )

    def _encode(self, audio: tf.Tensor) -> tf.Tensor:
        return tf.audio.encode_wav(audio[:, tf.newaxis], self.description.sample_rate)

    def _generate(self, z: tf.Tensor, class_weights: tf.Tensor) -> tf.Tensor:
        # No-ops that make the widths known; they come after the checks, see `validation`.
        z = tf.reshape(z, [-1, self.description.latent_dim])
        class_weights = tf.reshape(class_weights, [-1, len(self.description.labels)])
        # Read outside the queue: the variables' own buffers, not copies.
        weights = [variable.read_value() for variable in self.weights]
        if self._batching is None:
            return self._core(z, class_weights, *weights)
        output = tf.TensorSpec([None, self.description.length], tf.float32)
        # The id keeps versions apart where one process has several in one resource manager.
        queue = f"drumsmith_{self.description.model_id}"
        return self._batching.apply(self._core, [z, class_weights], weights, output, queue)


_STRING = tf.TensorSpec([], tf.string)


def _function(method: Callable, *specs: tf.TensorSpec) -> Any:
    # autograph would rewrite what is plain graph code already, slowly.
    return tf.function(method, input_signature=specs, autograph=False)


def _concrete(frozen: FrozenGenerator, description: Description) -> Any:
    z = tf.TensorSpec([None, description.latent_dim], tf.float32, name=Z)
    weights = tf.TensorSpec([None, len(description.labels)], tf.float32, name=CLASS_WEIGHTS)
    core = tf.function(frozen, input_signature=[z, weights], autograph=False)
    return core.get_concrete_function()


def _concrete_encoder(encoder: FrozenEncoder, description: Description) -> Any:
    audio = tf.TensorSpec([None, description.length], tf.float32, name=AUDIO)
    core = tf.function(encoder, input_signature=[audio], autograph=False)
    return core.get_concrete_function()


def _identified(description: Description, core: Any) -> Description:
    """Complete a description with what the constants of ``core`` say."""
    weights = hashlib.sha256()
    for operation in core.graph.get_operations():
        if operation.type == "Const":
            value = tf.make_ndarray(operation.get_attr("value"))
            weights.update(f"{value.dtype}{value.shape}".encode())
            weights.update(np.ascontiguousarray(value).tobytes())
    digest = weights.hexdigest()
    identity = f"{digest}\n{description.labels}\n{description.sample_rate}"
    model_id = hashlib.sha256(identity.encode()).hexdigest()[:12]
    fields = vars(description) | {"weights_sha256": digest, "model_id": model_id}
    return Description(**fields)
