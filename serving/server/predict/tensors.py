"""TensorProto to array and back, on the server's side.

Answers hold their numbers in `float_val` and its like, as TF Serving's do: some clients read
nothing else. Filling that list element by element costs more than the model, so it is written as
the bytes that it is on the wire.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from tensorflow.core.framework import tensor_pb2, types_pb2

from ...saved_model.quick_tensorflow import dtypes

# Field number and element of the lists whose elements have a fixed size on the wire.
_PACKED = {types_pb2.DT_FLOAT: (5, "<f4"), types_pb2.DT_DOUBLE: (6, "<f8")}
_LISTS = {
    types_pb2.DT_FLOAT: "float_val",
    types_pb2.DT_DOUBLE: "double_val",
    types_pb2.DT_INT32: "int_val",
    types_pb2.DT_INT16: "int_val",
    types_pb2.DT_INT8: "int_val",
    types_pb2.DT_UINT8: "int_val",
    types_pb2.DT_UINT16: "int_val",
    types_pb2.DT_INT64: "int64_val",
    types_pb2.DT_BOOL: "bool_val",
    types_pb2.DT_UINT32: "uint32_val",
    types_pb2.DT_UINT64: "uint64_val",
    types_pb2.DT_STRING: "string_val",
}
_BYTES_KIND = 2
_FIRST_REFERENCE = 100
_NAMED = frozenset(types_pb2.DataType.values())
_TYPES = frozenset(n for n in types_pb2.DataType.values() if 0 < n < _FIRST_REFERENCE)
LARGEST_TENSOR = 2**22
"""Elements that a request's tensor may claim: a shape is cheap to write and dear to fill."""


class TensorError(ValueError):
    """A TensorProto whose parts do not fit together."""


def type_name(dtype: int) -> str:
    """Return TensorFlow's C++ name of a type, as its messages use it: float, int32, string."""
    name = types_pb2.DataType.Name(dtype) if dtype in _NAMED else "invalid"
    return name.removeprefix("DT_").lower()


def is_type(dtype: int) -> bool:
    """Tell whether a number is one of TensorFlow's types; references to tensors are not."""
    return dtype in _TYPES


def decode_tensor(proto: Any) -> np.ndarray:
    """Return the array in a TensorProto, by TensorFlow's rules.

    The numbers stand in `tensor_content` or in the type's list; a list that is too short goes on
    with its last element, and an empty one means zeros.

    Raises:
        TensorError: an unknown type or shape, or numbers that do not fit it.

    """
    if proto.dtype not in _LISTS:
        raise TensorError(f"type {type_name(proto.dtype)}")
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    if proto.tensor_shape.unknown_rank or any(size < 0 for size in shape):
        raise TensorError("shape not known")
    # In Python's integers: the product of hostile sizes overflows any other.
    count = 1
    for size in shape:
        count *= size
    if count > LARGEST_TENSOR or len(shape) > 32:
        raise TensorError("too large")
    if proto.tensor_content:
        return _from_content(proto, count).reshape(shape)
    return _from_list(proto, count).reshape(shape)


def encode_tensor(value: Any, proto: Any = None) -> Any:
    """Write an array into a TensorProto, numbers in the type's list.

    Args:
        value: the array.
        proto: an empty TensorProto; a new one by default.

    Returns:
        The TensorProto.

    """
    value = np.asarray(value)
    dtype = dtypes.as_dtype(value.dtype)
    proto = tensor_pb2.TensorProto() if proto is None else proto
    proto.dtype = dtype.as_datatype_enum
    for size in value.shape:
        proto.tensor_shape.dim.add(size=size)
    if proto.dtype in _PACKED:
        number, element = _PACKED[proto.dtype]
        if value.size:
            content = np.ascontiguousarray(value, element).tobytes()
            proto.MergeFromString(field_head(number, len(content)) + content)
        return proto
    flat = value.ravel().tolist()
    if dtype == dtypes.string:
        flat = [v.encode() if isinstance(v, str) else v for v in flat]
    getattr(proto, _LISTS[proto.dtype]).extend(flat)
    return proto


def tensor_parts(value: np.ndarray) -> list[Any]:
    """Return the pieces whose concatenation is the bytes of `encode_tensor`'s message.

    A sound's numbers are not copied; they are a piece of their own.
    """
    if value.dtype.kind == "O":
        texts = [v.encode() if isinstance(v, str) else v for v in value.ravel().tolist()]
        head = _head(types_pb2.DT_STRING, value.shape)
        return [head, *(part for text in texts for part in (field_head(8, len(text)), text))]
    if value.dtype != np.float32 or not value.size:
        return [encode_tensor(value).SerializeToString()]
    number, element = _PACKED[types_pb2.DT_FLOAT]
    content = np.ascontiguousarray(value, element).reshape(-1).data.cast("B")
    return [_head(types_pb2.DT_FLOAT, value.shape), field_head(number, len(content)), content]


@lru_cache(maxsize=1024)
def _head(dtype: int, shape: tuple[int, ...]) -> bytes:
    proto = tensor_pb2.TensorProto(dtype=dtype)  # type: ignore[arg-type]
    # Set even where it has no axis, as for a scalar.
    proto.tensor_shape.SetInParent()
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto.SerializeToString()


def _from_content(proto: Any, count: int) -> np.ndarray:
    if proto.dtype == types_pb2.DT_STRING:
        raise TensorError("strings in tensor_content")
    dtype = np.dtype(dtypes.as_dtype(proto.dtype).as_numpy_dtype)
    if len(proto.tensor_content) != count * dtype.itemsize:
        raise TensorError("tensor_content of the wrong size")
    return np.frombuffer(proto.tensor_content, dtype)


def _from_list(proto: Any, count: int) -> np.ndarray:
    values = getattr(proto, _LISTS[proto.dtype])
    if len(values) > count:
        raise TensorError("more values than the shape holds")
    if proto.dtype == types_pb2.DT_STRING:
        array = np.empty(len(values), object)
        array[:] = list(values)
        rest: Any = b""
    else:
        array = np.array(values, dtypes.as_dtype(proto.dtype).as_numpy_dtype)
        rest = 0
    if len(array) == count:
        return array
    full = np.full(count, array[-1] if len(array) else rest, array.dtype)
    full[: len(array)] = array
    return full


def field_head(number: int, length: int) -> bytes:
    """Return the tag and the length that go before a field of bytes."""
    out = bytearray([number << 3 | _BYTES_KIND])
    while length > 0x7F:
        out.append(length & 0x7F | 0x80)
        length >>= 7
    out.append(length)
    return bytes(out)
