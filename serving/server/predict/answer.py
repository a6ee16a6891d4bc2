"""The answer to a Predict call, as bytes for gRPC and as a message for REST."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from tensorflow_serving.apis import model_pb2, predict_pb2

from ...saved_model.signatures import AUDIO, WAV_BYTES
from .tensors import encode_tensor, field_head, tensor_parts

_OUTPUTS, _MODEL_SPEC = 1, 2
_KEY, _VALUE = 1, 2


class PredictAnswer:
    """What a signature gave, and which model did.

    The bytes are written straight from the arrays: filling a message first copies every sound four
    times.

    Args:
        outputs: the value of each output by its alias.
        model: the name that was asked for.
        signature: the signature that ran.
        version: the version that ran.

    """

    def __init__(self, outputs: Mapping[str, np.ndarray], model: str, signature: str, version: int):
        self.outputs = outputs
        self._spec = (model, signature, version)

    @property
    def sounds(self) -> int:
        """How many sounds it holds."""
        for alias in (AUDIO, WAV_BYTES):
            if alias in self.outputs:
                return len(self.outputs[alias])
        return 0

    def SerializeToString(self) -> bytes:
        """Return the bytes of a PredictResponse; named as a message's method, which it replaces."""
        parts: list[Any] = []
        for alias, value in self.outputs.items():
            tensor = tensor_parts(np.asarray(value))
            size = sum(map(len, tensor))
            key = alias.encode()
            entry = [field_head(_KEY, len(key)), key, field_head(_VALUE, size)]
            parts += [field_head(_OUTPUTS, sum(map(len, entry)) + size), *entry, *tensor]
        return b"".join([*parts, _spec_field(*self._spec)])

    def message(self) -> Any:
        """Return the PredictResponse."""
        response = predict_pb2.PredictResponse()
        for alias, value in self.outputs.items():
            encode_tensor(value, response.outputs[alias])
        response.model_spec.CopyFrom(_spec(*self._spec))
        return response


def _spec(model: str, signature: str, version: int) -> Any:
    spec = model_pb2.ModelSpec(name=model, signature_name=signature)
    spec.version.value = version
    return spec


@lru_cache(maxsize=64)
def _spec_field(model: str, signature: str, version: int) -> bytes:
    content = _spec(model, signature, version).SerializeToString()
    return field_head(_MODEL_SPEC, len(content)) + content
