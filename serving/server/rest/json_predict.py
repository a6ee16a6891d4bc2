"""TF Serving's JSON for Predict: rows (`instances`) or columns (`inputs`), bytes in base64."""

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from tensorflow_serving.apis import predict_pb2

from ...saved_model.quick_tensorflow import dtypes
from ..predict.tensors import decode_tensor, encode_tensor
from ..rpc_status import RpcStatus, invalid

BYTES_ENDING = "_bytes"
ROWS, COLUMNS = "instances", "inputs"


def parse_body(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a request's body.

    Raises:
        RpcStatus: it is none, or has not exactly one of `instances` and `inputs`.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise invalid(f"JSON Parse error: {error}") from None
    if not isinstance(content, dict):
        raise invalid("JSON Value: request must be an object")
    if (ROWS in content) == (COLUMNS in content):
        raise invalid(f"Request has to have exactly one of '{ROWS}' and '{COLUMNS}'")
    if not isinstance(content.get("signature_name", ""), str):
        raise invalid("'signature_name' key must be a string value.")
    return content


def fill_request(request: Any, content: dict[str, Any], signature: Any) -> None:
    """Fill a PredictRequest's inputs from JSON.

    Args:
        request: whose inputs are filled.
        content: see `parse_body`.
        signature: the SignatureDef, which says what each input's type is.

    Raises:
        RpcStatus: a value does not fit its type, or rows differ.
    """
    columns = _columns(content, list(signature.inputs))
    for alias, value in columns.items():
        # An input that is not in the signature is refused later, in Predict's words.
        known = alias in signature.inputs
        dtype = dtypes.as_dtype(signature.inputs[alias].dtype) if known else dtypes.float32
        encode_tensor(_array(alias, value, dtype), request.inputs[alias])


def answer_text(response: Any, by_rows: bool) -> str:
    """Return a PredictResponse as JSON: `predictions` by rows or `outputs` by columns.

    Raises:
        RpcStatus: rows are wanted of outputs that have none.
    """
    outputs = {alias: decode_tensor(proto) for alias, proto in response.outputs.items()}
    if not by_rows:
        texts = {alias: _json_text(alias, value) for alias, value in outputs.items()}
        only = next(iter(texts.values())) if len(texts) == 1 else _object_text(texts)
        return f'{{"outputs": {only}}}'
    sizes = {len(value) if value.ndim else None for value in outputs.values()}
    if len(sizes) != 1 or None in sizes:
        raise invalid("Tensors of the answer have no common first dimension; ask with 'inputs'")
    rows = [
        _row_text({alias: _json_text(alias, _row(value, row)) for alias, value in outputs.items()})
        for row in range(sizes.pop() or 0)
    ]
    return f'{{"predictions": [{", ".join(rows)}]}}'


def new_request(model: str, version: int | None, label: str, content: dict[str, Any]) -> Any:
    """Return a PredictRequest without inputs."""
    request = predict_pb2.PredictRequest()
    request.model_spec.name = model
    request.model_spec.signature_name = content.get("signature_name", "")
    if version is not None:
        request.model_spec.version.value = version
    elif label:
        request.model_spec.version_label = label
    return request


def _columns(content: dict[str, Any], aliases: list[str]) -> dict[str, Any]:
    if COLUMNS in content:
        value = content[COLUMNS]
        if isinstance(value, dict) and not _is_bytes(value):
            return value
        return {_only(aliases): value}
    rows = content[ROWS]
    if not isinstance(rows, list) or not rows:
        raise invalid(f"'{ROWS}' must be a list that is not empty")
    if not isinstance(rows[0], dict) or _is_bytes(rows[0]):
        return {_only(aliases): rows}
    if any(not isinstance(row, dict) or set(row) != set(rows[0]) for row in rows):
        raise invalid(f"every element of '{ROWS}' must have the same keys")
    return {alias: [row[alias] for row in rows] for alias in rows[0]}


def _only(aliases: list[str]) -> str:
    if len(aliases) != 1:
        raise invalid(f"inputs must be named, since there are {len(aliases)} of them")
    return aliases[0]


def _is_bytes(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"b64"}


def _array(alias: str, value: Any, dtype: dtypes.DType) -> np.ndarray:
    try:
        if dtype == dtypes.string:
            return np.array(_decoded(value), object)
        array = np.array(value)
        if dtype.is_integer:
            return _integers(value, array, np.dtype(dtype.as_numpy_dtype))
        if array.size and array.dtype.kind not in "iuf":
            raise ValueError
        return array.astype(dtype.as_numpy_dtype)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise invalid(f"JSON Value of {alias} is not a tensor of type: {dtype.name}") from None


def _integers(value: Any, array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Check before the cast, which would wrap what is too large.

    Raises:
        ValueError: one is too large, has a fraction, or is no number; JSON's true is none.
    """
    if not array.size:
        return array.astype(dtype)
    limits = np.iinfo(dtype)
    if array.dtype.kind not in "iu" or array.min() < limits.min or array.max() > limits.max:
        raise ValueError
    # Among numbers numpy takes true for 1.
    if any(isinstance(element, bool) for element in _leaves(value)):
        raise ValueError
    return array.astype(dtype)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _leaves(element)
    else:
        yield value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(element) for element in value]
    if _is_bytes(value):
        return base64.b64decode(value["b64"], validate=True)
    if isinstance(value, str):
        return value.encode()
    raise ValueError


def _json_text(alias: str, value: np.ndarray) -> str:
    value = np.asarray(value)
    if value.dtype.kind == "f":
        # The shortest text that is this float32 again, as TF Serving writes it.
        return _nested(value.astype(str))
    if value.dtype.kind == "O":
        return json.dumps(_texts(alias, value.tolist()))
    return json.dumps(value.tolist())


def _nested(texts: np.ndarray) -> str:
    if texts.ndim == 0:
        return str(texts)
    if texts.ndim == 1:
        return f"[{', '.join(texts)}]"
    return f"[{', '.join(_nested(row) for row in texts)}]"


def _texts(alias: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_texts(alias, element) for element in value]
    if alias.endswith(BYTES_ENDING):
        return {"b64": base64.b64encode(value).decode()}
    return value.decode(errors="replace")


def _row(value: np.ndarray, row: int) -> np.ndarray:
    # By itself an element of an array of bytes would lose its type.
    return np.asarray(value[row], value.dtype)


def _object_text(texts: dict[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(a)}: {text}" for a, text in texts.items()) + "}"


def _row_text(texts: dict[str, str]) -> str:
    return next(iter(texts.values())) if len(texts) == 1 else _object_text(texts)


def error_text(status: RpcStatus) -> str:
    """Return an error as JSON."""
    return json.dumps({"error": status.message})
