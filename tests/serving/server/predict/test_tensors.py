import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

from drumsmith.serving.server.predict.tensors import TensorError, decode_tensor, encode_tensor

ARRAYS = [
    np.arange(6, dtype=np.float32).reshape(2, 3),
    np.array([1.5, -2.0]),
    np.array([[-1, 2]], np.int32),
    np.array([2**62, -(2**62)], np.int64),
    np.array([True, False]),
    np.array([b"kick", b"\xff"], object),
    np.array(3, np.int32),
    np.zeros((0, 4), np.float32),
    np.array([1, 255], np.uint8),
]
IDS = [f"{array.dtype}-{array.shape}" for array in ARRAYS]


@pytest.mark.parametrize("array", ARRAYS, ids=IDS)
def test_tensorflow_reads_what_is_written(array):
    np.testing.assert_array_equal(tf.make_ndarray(encode_tensor(array)), array)


@pytest.mark.parametrize("array", ARRAYS, ids=IDS)
def test_what_tensorflow_writes_is_read(array):
    decoded = decode_tensor(tf.make_tensor_proto(array))
    np.testing.assert_array_equal(decoded, array)
    assert decoded.dtype == array.dtype


def test_floats_stand_in_float_val():
    proto = encode_tensor(np.ones((2, 3), np.float32))
    assert list(proto.float_val) == [1.0] * 6
    assert proto.tensor_content == b""


def test_a_short_list_goes_on_with_its_last_value():
    proto = tensor_pb2.TensorProto(dtype=1, float_val=[1.0, 2.0])
    proto.tensor_shape.dim.add(size=4)
    assert decode_tensor(proto).tolist() == [1.0, 2.0, 2.0, 2.0]


def test_no_values_are_zeros():
    proto = tensor_pb2.TensorProto(dtype=3)
    proto.tensor_shape.dim.add(size=2)
    assert decode_tensor(proto).tolist() == [0, 0]


def _proto(shape, **fields):
    proto = tensor_pb2.TensorProto(**fields)
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto


@pytest.mark.parametrize(
    "proto",
    [
        _proto([2], dtype=0, float_val=[1, 2]),
        _proto([2], dtype=101, float_val=[1, 2]),
        _proto([2], dtype=999),
        _proto([-1], dtype=1),
        _proto([1], dtype=1, float_val=[1, 2]),
        _proto([2], dtype=1, tensor_content=b"1234567"),
        _proto([2], dtype=7, tensor_content=b"12345678"),
        _proto([2**40, 2**40], dtype=1, float_val=[1]),
        _proto([1] * 40, dtype=1, float_val=[1]),
    ],
)
def test_parts_that_do_not_fit_are_refused(proto):
    with pytest.raises(TensorError):
        decode_tensor(proto)


def test_an_unknown_rank_is_refused():
    proto = tensor_pb2.TensorProto(dtype=1, float_val=[1])
    proto.tensor_shape.unknown_rank = True
    with pytest.raises(TensorError):
        decode_tensor(proto)
