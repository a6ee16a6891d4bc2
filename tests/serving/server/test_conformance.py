"""TF Serving's answers, one row per case, through raw stubs."""

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_service_pb2_grpc,
    prediction_service_pb2_grpc,
    regression_pb2,
)

from ...helpers.predict_requests import good_request
from ...helpers.tiny_export import LATENT_DIM, expected_audio, random_z


@pytest.fixture
def predict(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel).Predict


def _clear_spec(request):
    request.ClearField("model_spec")


def _name(value):
    return lambda request: setattr(request.model_spec, "name", value)


def _version(value):
    return lambda request: setattr(request.model_spec.version, "value", value)


def _label(value):
    return lambda request: setattr(request.model_spec, "version_label", value)


def _signature(value):
    return lambda request: setattr(request.model_spec, "signature_name", value)


def _drop(alias):
    return lambda request: request.inputs.pop(alias)


def _rename(old, new):
    def change(request):
        request.inputs[new].CopyFrom(request.inputs.pop(old))

    return change


def _tensor(alias, value):
    return lambda request: request.inputs[alias].CopyFrom(tf.make_tensor_proto(value))


def _filter(*aliases):
    return lambda request: request.output_filter.extend(aliases)


def _break(alias):
    def change(request):
        request.inputs[alias].ClearField("float_val")
        request.inputs[alias].tensor_content = b"odd"

    return change


PREDICT = {
    "no model_spec": (_clear_spec, "INVALID_ARGUMENT", "Missing ModelSpec"),
    "empty name": (_name(""), "INVALID_ARGUMENT", "ModelSpec has no name specified."),
    "unknown model": (
        _name("bass"),
        "NOT_FOUND",
        "Servable not found for request: Latest(bass)",
    ),
    "unknown version": (
        _version(9),
        "NOT_FOUND",
        "Servable not found for request: Specific(drums, 9)",
    ),
    "unknown version label": (
        _label("stable"),
        "INVALID_ARGUMENT",
        "Unrecognized servable version label: stable",
    ),
    "unknown signature": (
        _signature("X"),
        "FAILED_PRECONDITION",
        'Serving signature key "X" not found.',
    ),
    "too few inputs": (
        _drop("label"),
        "INVALID_ARGUMENT",
        "input size does not match signature: 1!=2 len({z}) != len({label,z}). "
        "Sent extra: {}. Missing but required: {label}.",
    ),
    "too many inputs": (
        _tensor("pitch", np.float32(1)),
        "INVALID_ARGUMENT",
        "input size does not match signature: 3!=2 len({label,pitch,z}) != len({label,z}). "
        "Sent extra: {pitch}. Missing but required: {}.",
    ),
    "wrong alias": (
        _rename("label", "class"),
        "INVALID_ARGUMENT",
        "Signature input alias: label(feed name: serving_default_label:0) not found in request "
        "and no default value provided. Inputs expected to be in the request {label,z}",
    ),
    "bad tensor": (_break("z"), "INVALID_ARGUMENT", "tensor parsing error: z"),
    "unknown output": (
        _filter("loudness"),
        "INVALID_ARGUMENT",
        "output tensor alias not found in signature: loudness "
        "Outputs expected to be in the set {audio}.",
    ),
    "repeated output": (
        _filter("audio", "audio"),
        "INVALID_ARGUMENT",
        "duplicate output tensor alias: audio",
    ),
    "double z": (
        _tensor("z", np.zeros((1, LATENT_DIM))),
        "INVALID_ARGUMENT",
        "Expects arg[1] to be float but double is provided",
    ),
    "half z": (
        _tensor("z", np.zeros((1, LATENT_DIM), np.float16)),
        "INVALID_ARGUMENT",
        "Expects arg[1] to be float but half is provided",
    ),
    "int64 label": (
        _tensor("label", np.zeros(1, np.int64)),
        "INVALID_ARGUMENT",
        "Expects arg[0] to be int32 but int64 is provided",
    ),
    "text label": (
        _tensor("label", np.array([b"kick"])),
        "INVALID_ARGUMENT",
        "Expects arg[0] to be int32 but string is provided",
    ),
    "wrong width": (
        _tensor("z", np.zeros((1, 5), np.float32)),
        "INVALID_ARGUMENT",
        "assertion failed: [z must have shape [batch, 8], but has [1 5]]",
    ),
    "label -1": (
        _tensor("label", np.array([-1], np.int32)),
        "INVALID_ARGUMENT",
        "assertion failed: [label must be one of 0 kick, 1 snare, 2 cymbal, "
        "but example 0 asks for -1]",
    ),
    "label 99": (
        _tensor("label", np.array([99], np.int32)),
        "INVALID_ARGUMENT",
        "assertion failed: [label must be one of 0 kick, 1 snare, 2 cymbal, "
        "but example 0 asks for 99]",
    ),
    "nan": (
        _tensor("z", np.full((1, LATENT_DIM), np.nan, np.float32)),
        "INVALID_ARGUMENT",
        "assertion failed: [z must be finite and within +-1000, but example 0 holds nan]",
    ),
    "batch 0": (
        _tensor("z", np.zeros((0, LATENT_DIM), np.float32)),
        "INVALID_ARGUMENT",
        "assertion failed: [a request must hold 1 to 256 examples, but z holds 0]",
    ),
}


@pytest.mark.parametrize("case", PREDICT)
def test_predict_refuses_as_tf_serving_does(predict, case):
    change, code, words = PREDICT[case]
    request = good_request()
    change(request)
    with pytest.raises(grpc.RpcError) as refusal:
        predict(request, timeout=10)
    assert (refusal.value.code().name, refusal.value.details()) == (code, words)
    assert predict(good_request(), timeout=10).outputs["audio"].float_val


def test_predict_answers_in_float_val_and_says_who(predict):
    request = good_request()
    response = predict(request, timeout=10)
    audio = tf.make_ndarray(response.outputs["audio"])
    np.testing.assert_allclose(audio, expected_audio(random_z(1), [0]), atol=1e-5)
    assert len(response.outputs["audio"].float_val) == audio.size
    spec = response.model_spec
    assert (spec.name, spec.version.value) == ("drums", 1)
    assert spec.signature_name == "serving_default"


def test_a_named_version_answers(predict):
    request = good_request()
    _version(1)(request)
    assert predict(request, timeout=10).model_spec.version.value == 1


def test_version_0_means_the_default_as_openvinos_client_has_it(predict):
    request = good_request()
    _version(0)(request)
    assert predict(request, timeout=10).model_spec.version.value == 1


def test_an_output_filter_leaves_the_rest_out(predict):
    request = good_request()
    del request.inputs["z"]
    _tensor("seed", np.array([1]))(request)
    _signature("seeded")(request)
    _filter("z")(request)
    assert set(predict(request, timeout=10).outputs) == {"z"}


def test_a_long_message_is_cut(predict):
    request = good_request()
    _signature("X" * 2000)(request)
    with pytest.raises(grpc.RpcError) as refusal:
        predict(request, timeout=10)
    assert len(refusal.value.details()) == 1024
    assert refusal.value.details().endswith("...TRUNCATED")


def test_bytes_that_are_no_request_are_refused(channel):
    call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    with pytest.raises(grpc.RpcError) as refusal:
        call(b"\xff\xff\xff", timeout=10)
    assert refusal.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def metadata_request(**spec):
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = spec.get("name", "drums")
    return request


def test_metadata_holds_every_signature(channel):
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    response = stub.GetModelMetadata(metadata_request(), timeout=10)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    names = {"serving_default", "wav", "seeded", "mix", "describe"}
    assert names <= set(signatures.signature_def)
    shape = signatures.signature_def["serving_default"].inputs["z"].tensor_shape
    assert [dim.size for dim in shape.dim] == [-1, LATENT_DIM]
    assert response.model_spec.version.value == 1


METADATA = {
    "no field": (
        lambda request: request.ClearField("metadata_field"),
        "INVALID_ARGUMENT",
        "GetModelMetadataRequest must specify at least one metadata_field",
    ),
    "unknown field": (
        lambda request: request.metadata_field.append("weights"),
        "INVALID_ARGUMENT",
        "Metadata field weights is not supported",
    ),
    "no model_spec": (_clear_spec, "INVALID_ARGUMENT", "Missing ModelSpec"),
    "unknown model": (
        _name("bass"),
        "NOT_FOUND",
        "Servable not found for request: Latest(bass)",
    ),
}


@pytest.mark.parametrize("case", METADATA)
def test_metadata_refuses_as_tf_serving_does(channel, case):
    change, code, words = METADATA[case]
    request = metadata_request()
    change(request)
    with pytest.raises(grpc.RpcError) as refusal:
        prediction_service_pb2_grpc.PredictionServiceStub(channel).GetModelMetadata(
            request, timeout=10
        )
    assert (refusal.value.code().name, refusal.value.details()) == (code, words)


def test_status_tells_the_state(channel):
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "drums"
    response = model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(request, timeout=10)
    (status,) = response.model_version_status
    assert (status.version, status.state, status.status.error_code) == (1, 30, 0)


STATUS = {
    "unknown model": (
        _name("bass"),
        "NOT_FOUND",
        "Could not find any versions of model bass",
    ),
    "unknown version": (_version(9), "NOT_FOUND", "Could not find version 9 of model drums"),
    "no model_spec": (_clear_spec, "INVALID_ARGUMENT", "Missing ModelSpec"),
}


@pytest.mark.parametrize("case", STATUS)
def test_status_refuses_as_tf_serving_does(channel, case):
    change, code, words = STATUS[case]
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "drums"
    change(request)
    with pytest.raises(grpc.RpcError) as refusal:
        model_service_pb2_grpc.ModelServiceStub(channel).GetModelStatus(request, timeout=10)
    assert (refusal.value.code().name, refusal.value.details()) == (code, words)


OTHER_METHODS = {
    "Classify": (
        classification_pb2.ClassificationRequest,
        "INVALID_ARGUMENT",
        "Expected classification signature method_name to be tensorflow/serving/classify. "
        "Was: tensorflow/serving/predict",
    ),
    "Regress": (
        regression_pb2.RegressionRequest,
        "INVALID_ARGUMENT",
        "Expected regression signature method_name to be tensorflow/serving/regress. "
        "Was: tensorflow/serving/predict",
    ),
    "MultiInference": (
        inference_pb2.MultiInferenceRequest,
        "UNIMPLEMENTED",
        "MultiInference is not supported",
    ),
}


@pytest.mark.parametrize("method", OTHER_METHODS)
def test_what_drums_are_not_for_is_refused(channel, method):
    request_type, code, words = OTHER_METHODS[method]
    request = request_type()
    if method != "MultiInference":
        request.model_spec.name = "drums"
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    with pytest.raises(grpc.RpcError) as refusal:
        getattr(stub, method)(request, timeout=10)
    assert (refusal.value.code().name, refusal.value.details()) == (code, words)
