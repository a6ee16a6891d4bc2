"""The few protocol buffer messages that the client speaks, written by hand.

Message classes of our own would clash with TensorFlow's in one process (both register
`tensorflow.TensorProto`), and TensorFlow's would cost its import. The format is small: a message is
a row of fields, each a tag (number and kind) and a value.

| kind | value                                  |
|------|----------------------------------------|
| 0    | varint: 7 bits a byte, lowest first    |
| 1, 5 | 8 or 4 bytes                           |
| 2    | a length as varint, then so many bytes |

Reference: protobuf.dev/programming-guides/encoding; the fields are those of tensor.proto,
predict.proto, model.proto and get_model_status.proto of TensorFlow (Serving).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Data = bytes | memoryview

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

DT_STRING = 7
LARGEST_FILL = 2**26
"""Elements that a list is filled up to at most."""
LARGEST_RANK = 32

_DTYPES: dict[int, np.dtype] = {
    1: np.dtype("<f4"),
    2: np.dtype("<f8"),
    3: np.dtype("<i4"),
    4: np.dtype("u1"),
    5: np.dtype("<i2"),
    6: np.dtype("i1"),
    9: np.dtype("<i8"),
    10: np.dtype("?"),
    17: np.dtype("<u2"),
    19: np.dtype("<f2"),
    22: np.dtype("<u4"),
    23: np.dtype("<u8"),
}
DT_BFLOAT16 = 14
_NUMBERS = {dtype: number for number, dtype in _DTYPES.items()}

# TensorProto's fields.
_DTYPE, _SHAPE, _CONTENT = 1, 2, 4
_FLOAT_VAL, _DOUBLE_VAL, _INT_VAL, _STRING_VAL, _INT64_VAL, _BOOL_VAL = 5, 6, 7, 8, 10, 11
_HALF_VAL, _UINT32_VAL, _UINT64_VAL = 13, 16, 17
_FIXED_VALUES: dict[int, np.dtype] = {_FLOAT_VAL: np.dtype("<f4"), _DOUBLE_VAL: np.dtype("<f8")}
_VARINT_VALUES = (_INT_VAL, _INT64_VAL, _BOOL_VAL, _UINT32_VAL, _UINT64_VAL)


class WireError(ValueError):
    """Bytes that are not the message they should be."""


@dataclass(frozen=True)
class ModelSpec:
    """Which model answered, or should answer; None and "" leave it to the server."""

    name: str = ""
    version: int | None = None
    version_label: str = ""
    signature: str = ""


@dataclass(frozen=True)
class VersionStatus:
    """State of one loaded version, as GetModelStatus gives it."""

    version: int
    state: str
    error_code: int = 0
    error_message: str = ""


STATES = {0: "UNKNOWN", 10: "START", 20: "LOADING", 30: "AVAILABLE", 40: "UNLOADING", 50: "END"}


def encode_predict_request(
    spec: ModelSpec, inputs: Mapping[str, np.ndarray], outputs: Sequence[str] = ()
) -> bytes:
    """Return a PredictRequest for these inputs, asking for these outputs (all when empty)."""
    entries = [
        _field(2, _field(1, alias.encode()) + _field(2, encode_tensor(value)))
        for alias, value in inputs.items()
    ]
    wanted = [_field(3, alias.encode()) for alias in outputs]
    return b"".join([_field(1, encode_model_spec(spec)), *entries, *wanted])


def decode_predict_response(message: bytes) -> tuple[ModelSpec, dict[str, np.ndarray]]:
    """Return who answered and the value of each output.

    Raises:
        WireError: the bytes are no PredictResponse, or a type of tensor is not known here.

    """
    response = Message(message)
    entries = [Message(entry) for entry in response.all_bytes(1)]
    outputs = {entry.text(1): decode_tensor(entry.bytes(2)) for entry in entries}
    return decode_model_spec(response.bytes(2)), outputs


def encode_status_request(spec: ModelSpec) -> bytes:
    """Return a GetModelStatusRequest."""
    return _field(1, encode_model_spec(spec))


def decode_status_response(message: bytes) -> list[VersionStatus]:
    """Return the versions in a GetModelStatusResponse, as the server orders them."""
    return [_decode_status(value) for value in Message(message).all_bytes(1)]


def encode_model_spec(spec: ModelSpec) -> bytes:
    """Return a ModelSpec; a version goes before a label."""
    parts = [_field(1, spec.name.encode())]
    if spec.version is not None:
        # A wrapper message: an absent version is not version 0.
        parts.append(_field(2, _varint_field(1, spec.version)))
    elif spec.version_label:
        parts.append(_field(4, spec.version_label.encode()))
    if spec.signature:
        parts.append(_field(3, spec.signature.encode()))
    return b"".join(parts)


def decode_model_spec(message: Data) -> ModelSpec:
    """Return a ModelSpec from its bytes."""
    spec = Message(message)
    version = Message(spec.bytes(2)).number(1) if spec.has(2) else None
    return ModelSpec(spec.text(1), version, spec.text(4), spec.text(3))


def encode_tensor(value: np.ndarray) -> bytes:
    """Return a TensorProto, numbers in tensor_content.

    Raises:
        WireError: the type is neither a number known here nor bytes or text.

    """
    shape = b"".join(_field(2, _varint_field(1, size)) for size in value.shape)
    if value.dtype.kind in "SUO":
        texts = [_text_bytes(v) for v in value.ravel().tolist()]
        head = _varint_field(_DTYPE, DT_STRING) + _field(_SHAPE, shape)
        return head + b"".join(_field(_STRING_VAL, text) for text in texts)
    number = _NUMBERS.get(value.dtype.newbyteorder("<"))
    if number is None:
        raise WireError(f"no tensor is made of {value.dtype}")
    content = np.ascontiguousarray(value, _DTYPES[number]).tobytes()
    return _varint_field(_DTYPE, number) + _field(_SHAPE, shape) + _field(_CONTENT, content)


def _text_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes):
        return value
    raise WireError(f"no tensor is made of {type(value).__name__}")


def decode_tensor(message: Data) -> np.ndarray:
    """Return the array of a TensorProto, whether in tensor_content or in a list of values.

    A list may be shorter than the shape says: its last value goes on, and an empty one means zeros.
    bfloat16, which numpy does not have, becomes float32.

    Raises:
        WireError: the type is not known here, or values and shape do not fit.

    """
    tensor = Message(message)
    number = tensor.number(_DTYPE)
    shape = tuple(Message(d).number(1) for d in Message(tensor.bytes(_SHAPE)).all_bytes(2))
    if number == DT_STRING:
        texts = np.empty(len(tensor.all(_STRING_VAL)), object)
        texts[:] = [bytes(text) for text in tensor.all_bytes(_STRING_VAL)]
        return _shaped(texts, shape, b"")
    if number == DT_BFLOAT16:
        halves = _numbers(tensor, np.dtype("<u2"), of_bits=True)
        return (_shaped(halves, shape, 0).astype("<u4") << 16).view("<f4")
    if number not in _DTYPES:
        raise WireError(f"no array is made of tensor type {number}")
    return _shaped(_numbers(tensor, _DTYPES[number]), shape, 0)


class Message:
    """A message's fields by number; of a field that stands twice, the last counts.

    Raises:
        WireError: at construction, if the bytes are no message; when a field is read, if it is of
            another kind than asked for.

    """

    def __init__(self, message: Data):
        self._fields: dict[int, list[int | memoryview]] = {}
        for number, value in fields(message):
            self._fields.setdefault(number, []).append(value)

    def has(self, number: int) -> bool:
        """Tell whether a field is there."""
        return number in self._fields

    def number(self, number: int) -> int:
        """Return a signed number; 0 if the field is absent."""
        value = self.all(number)[-1] if self.has(number) else 0
        if not isinstance(value, int):
            raise WireError(f"field {number} is no number")
        return value - (1 << 64) if value >> 63 else value

    def bytes(self, number: int) -> memoryview:
        """Return a field's bytes; none if the field is absent."""
        found = self.all_bytes(number)
        return found[-1] if found else memoryview(b"")

    def text(self, number: int) -> str:
        """Return a field's text; empty if the field is absent."""
        return bytes(self.bytes(number)).decode()

    def all_bytes(self, number: int) -> list[memoryview]:
        """Return every occurrence of a field of bytes."""
        found = [value for value in self.all(number) if isinstance(value, memoryview)]
        if len(found) < len(self.all(number)):
            raise WireError(f"field {number} is no bytes")
        return found

    def all(self, number: int) -> list[int | memoryview]:
        """Return every occurrence of a field."""
        return self._fields.get(number, [])


def fields(message: Data) -> Iterator[tuple[int, int | memoryview]]:
    """Yield number and value of each field; bytes as a view, everything else as a number.

    Raises:
        WireError: the message breaks off or holds a kind that proto3 does not have.

    """
    view, at = memoryview(message), 0
    while at < len(view):
        tag, at = _varint(view, at)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            value, at = _varint(view, at)
            yield number, value
            continue
        if kind == BYTES:
            size, at = _varint(view, at)
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
        else:
            raise WireError(f"field {number} is of the unknown kind {kind}")
        if at + size > len(view):
            raise WireError(f"field {number} breaks off")
        yield number, view[at : at + size]
        at += size


def _numbers(tensor: Message, dtype: np.dtype, of_bits: bool = False) -> np.ndarray:
    """Return the numbers in a TensorProto, wherever they stand.

    Args:
        tensor: the TensorProto's fields.
        dtype: of the result.
        of_bits: they stand as the bits of a half type.

    """
    content = tensor.bytes(_CONTENT)
    if len(content):
        return _from_bytes(content, dtype)
    if of_bits or dtype == np.dtype("<f2"):
        bits = _varint_values(tensor, (_HALF_VAL,)).astype("<u2")
        return bits.view(dtype)
    parts = [
        _from_bytes(value, fixed)
        for number, fixed in _FIXED_VALUES.items()
        for value in tensor.all_bytes(number)
    ]
    if parts:
        return np.concatenate(parts).astype(dtype)
    # As unsigned first: a negative number is written as its two's complement.
    return _varint_values(tensor, _VARINT_VALUES).astype(dtype)


def _varint_values(tensor: Message, lists: Sequence[int]) -> np.ndarray:
    """Return the numbers of varint lists, packed or one by one: uint64 (n,)."""
    numbers: list[int] = []
    for number in lists:
        for value in tensor.all(number):
            numbers += [value] if isinstance(value, int) else _varints(value)
    return np.array(numbers, np.uint64)


def _from_bytes(content: memoryview, dtype: np.dtype) -> np.ndarray:
    if len(content) % dtype.itemsize:
        raise WireError(f"{len(content)} bytes are no row of {dtype}")
    return np.frombuffer(content, dtype)


def _shaped(values: np.ndarray, shape: tuple[int, ...], empty: Any) -> np.ndarray:
    """Return values in their shape, the list filled up; ``empty`` stands for those of none."""
    count = math.prod(shape)
    if min(shape, default=0) < 0 or len(shape) > LARGEST_RANK:
        raise WireError(f"no tensor has the shape {shape}")
    if len(values) > count or len(values) < count > LARGEST_FILL:
        raise WireError(f"a tensor of shape {shape} holds {len(values)} values")
    if len(values) < count:
        full = np.full(count, values[-1] if len(values) else empty, values.dtype)
        full[: len(values)] = values
        values = full
    return values.reshape(shape)


def _decode_status(message: Data) -> VersionStatus:
    version = Message(message)
    status = Message(version.bytes(3))
    state = version.number(2)
    return VersionStatus(
        version=version.number(1),
        state=STATES.get(state, str(state)),
        error_code=status.number(1),
        error_message=status.text(2),
    )


def _field(number: int, value: bytes) -> bytes:
    return _encode_varint(number << 3 | BYTES) + _encode_varint(len(value)) + value


def _varint_field(number: int, value: int) -> bytes:
    # Negative numbers are written as 64-bit two's complement.
    return _encode_varint(number << 3 | VARINT) + _encode_varint(value & (1 << 64) - 1)


def _encode_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while at < len(view) and shift < 70:
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
        shift += 7
    raise WireError("a number breaks off or is too long")


def _varints(view: memoryview) -> list[int]:
    numbers, at = [], 0
    while at < len(view):
        value, at = _varint(view, at)
        numbers.append(value)
    return numbers
