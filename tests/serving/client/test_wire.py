import contextlib

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import get_model_status_pb2, predict_pb2

from drumsmith.serving.client.wire import (
    ModelSpec,
    VersionStatus,
    WireError,
    decode_predict_response,
    decode_status_response,
    decode_tensor,
    encode_predict_request,
    encode_status_request,
    encode_tensor,
)

ARRAYS = [
    np.arange(6, dtype=np.float32).reshape(2, 3),
    np.array([1.5, -2.0]),
    np.array([[-1, 200]], np.int32),
    np.array([2**62, -(2**62)], np.int64),
    np.array([True, False]),
    np.array([b"kick", b"\xff" * 200], object),
    np.array(3, np.int32),
    np.zeros((0, 4), np.float32),
    np.array([1, 255], np.uint8),
    np.array([1, 2**16 - 1], np.uint16),
    np.array([1, 2**32 - 1], np.uint32),
    np.array([1, 2**64 - 1], np.uint64),
    np.array([1.5, -0.25, 65504], np.float16),
]
IDS = [f"{array.dtype}-{array.shape}" for array in ARRAYS]


@pytest.mark.parametrize("array", ARRAYS, ids=IDS)
def test_tensorflow_reads_what_is_written(array):
    proto = tf.make_tensor_proto(0)
    proto.ParseFromString(encode_tensor(array))
    np.testing.assert_array_equal(tf.make_ndarray(proto), array)


@pytest.mark.parametrize("array", ARRAYS, ids=IDS)
@pytest.mark.parametrize("form", ["content", "values"])
def test_both_forms_that_servers_write_are_read(array, form):
    proto = tf.make_tensor_proto(array)
    if form == "values" and array.size and array.dtype != object:
        _spread(proto, array)
    decoded = decode_tensor(proto.SerializeToString())
    np.testing.assert_array_equal(decoded, array)
    assert decoded.dtype == array.dtype


def _spread(proto, array):
    names = {"f4": "float", "f8": "double", "i8": "int64", "b1": "bool", "f2": "half"}
    name = (names | {"u4": "uint32", "u8": "uint64"}).get(array.dtype.str[1:], "int")
    proto.ClearField("tensor_content")
    values = getattr(proto, f"{name}_val")
    del values[:]
    values.extend((array.view("<u2") if name == "half" else array).ravel().tolist())


@pytest.mark.parametrize(
    ("listed", "expected"),
    [([], [0, 0, 0]), ([5], [5, 5, 5]), ([5, 6], [5, 6, 6]), ([5, 6, 7], [5, 6, 7])],
)
@pytest.mark.parametrize("dtype", [tf.float32, tf.float64, tf.int32, tf.int64, tf.uint64])
def test_a_short_list_goes_on_with_its_last_value(listed, expected, dtype):
    proto = _listing(dtype, [3], listed)
    decoded = decode_tensor(proto.SerializeToString())
    assert decoded.tolist() == expected == tf.make_ndarray(proto).tolist()


def _listing(dtype, shape, values):
    proto = tf.make_tensor_proto(np.zeros(0), dtype)
    proto.ClearField("tensor_shape")
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    names = {"float32": "float", "float64": "double", "int32": "int", "bfloat16": "half"}
    getattr(proto, f"{names.get(dtype.name, dtype.name)}_val").extend(values)
    return proto


def test_short_lists_of_texts_are_filled_up_too():
    proto = tf.make_tensor_proto([b"a"], shape=[2])
    del proto.string_val[1:]
    assert decode_tensor(proto.SerializeToString()).tolist() == [b"a", b"a"]


def test_bfloat16_becomes_float32():
    array = tf.constant([1.5, -3.0], tf.bfloat16)
    decoded = decode_tensor(tf.make_tensor_proto(array).SerializeToString())
    assert (decoded.dtype, decoded.tolist()) == (np.float32, [1.5, -3.0])
    listed = _listing(tf.bfloat16, [2], [0x3FC0, 0xC040])
    assert decode_tensor(listed.SerializeToString()).tolist() == [1.5, -3.0]


@pytest.mark.parametrize(
    ("shape", "values"), [([2], [1, 2, 3]), ([-1], [1]), ([2**40], [1]), ([1] * 33, [1])]
)
def test_a_shape_that_cannot_be_is_refused(shape, values):
    with pytest.raises(WireError, match="shape"):
        decode_tensor(_listing(tf.int32, shape, values).SerializeToString())


def test_a_request_is_tensorflow_servings():
    spec = ModelSpec("drums", version=0, signature="mix")
    message = encode_predict_request(spec, {"z": np.ones((1, 2), np.float32)}, ["audio"])
    request = predict_pb2.PredictRequest.FromString(message)
    assert request.model_spec.name == "drums"
    assert request.model_spec.HasField("version")
    assert request.model_spec.signature_name == "mix"
    assert request.output_filter == ["audio"]
    np.testing.assert_array_equal(tf.make_ndarray(request.inputs["z"]), [[1, 1]])


def test_an_answer_is_read():
    response = predict_pb2.PredictResponse()
    response.model_spec.name = "drums"
    response.model_spec.version.value = 7
    response.outputs["audio"].CopyFrom(tf.make_tensor_proto([1.0, 2.0]))
    spec, outputs = decode_predict_response(response.SerializeToString())
    assert spec == ModelSpec("drums", 7)
    assert outputs["audio"].tolist() == [1.0, 2.0]


def test_a_label_is_sent_when_there_is_no_version():
    message = encode_status_request(ModelSpec("drums", version_label="stable"))
    request = get_model_status_pb2.GetModelStatusRequest.FromString(message)
    assert request.model_spec.version_label == "stable"
    assert not request.model_spec.HasField("version")


def test_states_are_read():
    response = get_model_status_pb2.GetModelStatusResponse()
    response.model_version_status.add(version=3, state=30)
    failed = response.model_version_status.add(version=4, state=50)
    failed.status.error_code, failed.status.error_message = 3, "broken"
    assert decode_status_response(response.SerializeToString()) == [
        VersionStatus(3, "AVAILABLE"),
        VersionStatus(4, "END", 3, "broken"),
    ]


def test_bytes_that_are_no_message_are_refused_and_nothing_else_happens():
    rng = np.random.default_rng(0)
    response = predict_pb2.PredictResponse()
    response.outputs["audio"].CopyFrom(tf.make_tensor_proto([[1.0, 2.0]]))
    good = response.SerializeToString()
    for _ in range(3000):
        message = bytearray(good[: rng.integers(len(good) + 1)])
        for position in rng.integers(len(message), size=2) if message else ():
            message[position] = rng.integers(256)
        with contextlib.suppress(WireError, UnicodeDecodeError):
            decode_predict_response(bytes(message))


@pytest.mark.parametrize("value", [np.zeros(1, np.complex64), np.array([{}]), np.array([None])])
def test_an_array_of_an_unknown_type_is_named(value):
    with pytest.raises(WireError, match="no tensor is made of"):
        encode_tensor(value)
