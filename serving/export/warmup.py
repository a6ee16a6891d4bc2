"""Warm-up: requests that travel with an export and run before a server calls it ready.

A first call costs ten times a later one. TF Serving and our server run these records at loading;
one that fails fails the loading, so they are a self-test as well.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

from ...common.latent_prior import draw_z
from ..saved_model.description import Description
from ..saved_model.signatures import (
    CLASS_WEIGHTS,
    DESCRIBE,
    LABEL,
    MODEL_NAME,
    SEED,
    SIGNATURES,
    Z,
)
from ..saved_model.warmup import WARMUP_FILE
from .batching import Batching


def sample_inputs(
    description: Description, signature: str, batch: int, seed: int = 0
) -> dict[str, np.ndarray]:
    """Return inputs that ``signature`` accepts, ``batch`` examples of every label in turn."""
    rng = np.random.default_rng(seed)
    classes = len(description.labels)
    label = np.arange(batch, dtype=np.int32) % classes
    z = draw_z(description.latent_prior, rng, batch, description.latent_dim)
    weights = rng.dirichlet(np.ones(classes), batch).astype(np.float32)
    values = {
        Z: z,
        LABEL: label,
        SEED: np.arange(seed, seed + batch, dtype=np.int64),
        CLASS_WEIGHTS: weights,
    }
    return {alias: values[alias] for alias in SIGNATURES[signature].inputs}


def write_warmup(description: Description, batching: Batching | None, version: Path) -> None:
    """Write one request for each signature and batch size that will be computed."""
    path = version / WARMUP_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, batch in _cases(batching):
            inputs = sample_inputs(description, signature, batch)
            writer.write(_record(signature, inputs).SerializeToString())


def _cases(batching: Batching | None) -> Iterator[tuple[str, int]]:
    yield DESCRIBE, 0
    for batch in batching.sizes if batching else (1,):
        # All audio signatures share one generator, but each has its own copy of it in memory.
        for signature in SIGNATURES:
            if signature != DESCRIBE:
                yield signature, batch


def _record(signature: str, inputs: dict[str, np.ndarray]) -> Any:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = MODEL_NAME
    request.model_spec.signature_name = signature
    for alias, value in inputs.items():
        request.inputs[alias].CopyFrom(tf.make_tensor_proto(value))
    return prediction_log_pb2.PredictionLog(
        predict_log=prediction_log_pb2.PredictLog(request=request)
    )
