"""TF Serving's two gRPC services over a registry of models."""

from collections.abc import Callable
from typing import Any, NoReturn

import grpc
from google.protobuf.message import DecodeError
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    inference_pb2,
    model_management_pb2,
    predict_pb2,
    regression_pb2,
)

from .calls.accounting import Accounting
from .calls.admission import Admission
from .calls.call_log import REQUEST_ID, request_id
from .models.model_config import configs_of
from .models.model_registry import ModelRegistry
from .predict.answer import PredictAnswer
from .predict.prediction import run_predict, signature_name
from .rpc_status import RpcStatus, invalid, not_found

PREDICTION_SERVICE = "tensorflow.serving.PredictionService"
MODEL_SERVICE = "tensorflow.serving.ModelService"

# Every call of the two services: what it takes and gives.
METHODS: dict[str, dict[str, tuple[Any, Any]]] = {
    PREDICTION_SERVICE: {
        "Classify": (
            classification_pb2.ClassificationRequest,
            classification_pb2.ClassificationResponse,
        ),
        "Regress": (regression_pb2.RegressionRequest, regression_pb2.RegressionResponse),
        "Predict": (predict_pb2.PredictRequest, predict_pb2.PredictResponse),
        "MultiInference": (
            inference_pb2.MultiInferenceRequest,
            inference_pb2.MultiInferenceResponse,
        ),
        "GetModelMetadata": (
            get_model_metadata_pb2.GetModelMetadataRequest,
            get_model_metadata_pb2.GetModelMetadataResponse,
        ),
    },
    MODEL_SERVICE: {
        "GetModelStatus": (
            get_model_status_pb2.GetModelStatusRequest,
            get_model_status_pb2.GetModelStatusResponse,
        ),
        "HandleReloadConfigRequest": (
            model_management_pb2.ReloadConfigRequest,
            model_management_pb2.ReloadConfigResponse,
        ),
    },
}

RELOAD = f"/{MODEL_SERVICE}/HandleReloadConfigRequest"
SIGNATURE_DEF = "signature_def"


class Services:
    """Answers the calls; each method takes a message and what is left of the call's time.

    Args:
        registry: the models.
        admission: which calls to models there is room for.

    """

    def __init__(self, registry: ModelRegistry, admission: Admission):
        self._registry = registry
        self._admission = admission

    def predict(self, request: Any, timeout_s: float | None) -> PredictAnswer:
        """Run a signature."""
        with self._admission.hold(request), self._registry.lease(request) as version:
            outputs = run_predict(version.calls, request, timeout_s)
            name = request.model_spec.name
            return PredictAnswer(outputs, name, signature_name(request), version.number)

    def signature(self, request: Any) -> Any:
        """Return the signature that a PredictRequest asks for.

        Raises:
            RpcStatus: there is none, in the words of TF Serving's REST interface.
        """
        with self._registry.lease(request) as version:
            name = signature_name(request)
            signature = version.session.signatures.get(name)
            if signature is None:
                raise invalid(f'Serving signature name: "{name}" not found in signature def')
            return signature

    def get_model_metadata(self, request: Any, timeout_s: float | None) -> Any:
        """Return the signatures of a model."""
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        if not request.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        for name in request.metadata_field:
            if name != SIGNATURE_DEF:
                raise invalid(f"Metadata field {name} is not supported")
        with self._registry.lease(request) as version:
            signatures = get_model_metadata_pb2.SignatureDefMap()
            for name, signature in version.session.signatures.items():
                signatures.signature_def[name].CopyFrom(signature)
            response = get_model_metadata_pb2.GetModelMetadataResponse()
            response.metadata[SIGNATURE_DEF].Pack(signatures)
            response.model_spec.name = request.model_spec.name
            response.model_spec.version.value = version.number
            return response

    def get_model_status(self, request: Any, timeout_s: float | None) -> Any:
        """Return the state of a model's versions; a version label is not looked at."""
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        spec = request.model_spec
        model = self._registry.models.get(spec.name)
        states = model.states() if model else {}
        number = spec.version.value
        # As for Predict, version 0 means the default one where there is none of that number.
        if spec.HasField("version") and (number or 0 in states):
            if number not in states:
                raise not_found(f"Could not find version {number} of model {spec.name}")
            states = {number: states[number]}
        if not states:
            raise not_found(f"Could not find any versions of model {spec.name}")
        response = get_model_status_pb2.GetModelStatusResponse()
        for number, state in states.items():
            status = response.model_version_status.add(version=number, state=int(state.state))
            status.status.error_code = state.error_code
            status.status.error_message = state.error_message
        return response

    def handle_reload_config(self, request: Any, timeout_s: float | None) -> Any:
        """Serve another list of models instead."""
        self._registry.reload(configs_of(request.config))
        return model_management_pb2.ReloadConfigResponse()

    def classify(self, request: Any, timeout_s: float | None) -> Any:
        """Refuse: drums are not classified."""
        self._refuse_method(request, "classification", "classify")

    def regress(self, request: Any, timeout_s: float | None) -> Any:
        """Refuse: drums are not regressed."""
        self._refuse_method(request, "regression", "regress")

    def multi_inference(self, request: Any, timeout_s: float | None) -> Any:
        """Refuse."""
        raise RpcStatus(grpc.StatusCode.UNIMPLEMENTED, "MultiInference is not supported")

    def _refuse_method(self, request: Any, kind: str, method: str) -> NoReturn:
        with self._registry.lease(request) as version:
            name = signature_name(request)
            signature = version.session.signatures.get(name)
            if signature is None:
                raise invalid(f"No signature was found with the name: {name}")
            raise invalid(
                f"Expected {kind} signature method_name to be tensorflow/serving/{method}. "
                f"Was: {signature.method_name}"
            )


Method = Callable[[bytes, grpc.ServicerContext], bytes]


def methods(services: Services, accounting: Accounting) -> dict[str, Method]:
    """Return what answers each call, from bytes to bytes, by the call's full name."""
    built = {
        f"/{PREDICTION_SERVICE}/Predict": services.predict,
        f"/{PREDICTION_SERVICE}/GetModelMetadata": services.get_model_metadata,
        f"/{PREDICTION_SERVICE}/Classify": services.classify,
        f"/{PREDICTION_SERVICE}/Regress": services.regress,
        f"/{PREDICTION_SERVICE}/MultiInference": services.multi_inference,
        f"/{MODEL_SERVICE}/GetModelStatus": services.get_model_status,
        RELOAD: services.handle_reload_config,
    }
    return {name: _answering(name, method, accounting) for name, method in built.items()}


def _answering(name: str, method: Callable, accounting: Accounting) -> Method:
    """Return what answers a call and turns every error into a status."""
    _, service, api = name.split("/")
    request_type = METHODS[service][api][0]

    def answer(message: bytes, context: grpc.ServicerContext) -> bytes:
        call_id = request_id(context.invocation_metadata())
        context.set_trailing_metadata(((REQUEST_ID, call_id),))
        content = b""
        with accounting.call(api, "GRPC", call_id) as call:
            call.request = _parsed(request_type, message)
            call.response = method(call.request, _time_left(context))
            content = call.response.SerializeToString()
        if call.status is not None:
            context.set_code(call.status.code)
            context.set_details(call.status.message)
        return content

    return answer


def _parsed(request_type: Any, message: bytes) -> Any:
    try:
        return request_type.FromString(message)
    except DecodeError:
        raise invalid(f"the bytes are no {request_type.DESCRIPTOR.full_name}") from None


def _time_left(context: grpc.ServicerContext) -> float | None:
    """Return the seconds until the caller gives up; refuse if it has done so already.

    Raises:
        RpcStatus: DEADLINE_EXCEEDED, in the words of the runtime.

    """
    left = context.time_remaining()
    # gRPC gives a call without a deadline one in the far future.
    if left is None or left > FAR_FUTURE_S:
        return None
    if left <= 0:
        raise RpcStatus(grpc.StatusCode.DEADLINE_EXCEEDED, "Timed out waiting for notification")
    return left


FAR_FUTURE_S = 7 * 24 * 3600.0
