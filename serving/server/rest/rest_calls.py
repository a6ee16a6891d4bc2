"""TF Serving's REST calls: from path and body to HTTP status and JSON."""

import re
from typing import Any

import grpc
from google.protobuf import json_format
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    regression_pb2,
)

from ..calls.accounting import Accounting, Call
from ..calls.refusals import REST
from ..rpc_status import RpcStatus, invalid
from ..services import Services
from .json_predict import ROWS, answer_text, error_text, fill_request, new_request, parse_body

TIMEOUT_S = 30.0
"""Of one call, as TF Serving's `--rest_api_timeout_in_ms`."""

_MODEL = r"/v1/models/(?P<model>[^/:]+)"
_VERSION = r"(?:/versions/(?P<version>\d{1,18})|/labels/(?P<label>[^/:]+))?"
_PREDICT = re.compile(_MODEL + _VERSION + r":(?P<method>predict|classify|regress)", re.IGNORECASE)
_STATUS = re.compile(_MODEL + _VERSION + r"(?P<metadata>/metadata)?", re.IGNORECASE)

HTTP_CODES = {
    grpc.StatusCode.OK: 200,
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}


class RestCalls:
    """Answers calls; blocks while a model computes.

    Args:
        services: what answers the calls.
        accounting: what counts them.

    """

    def __init__(self, services: Services, accounting: Accounting):
        self._services = services
        self._accounting = accounting

    def get(self, path: str, call_id: str) -> tuple[int, str]:
        """Return HTTP status and JSON for a GET."""
        match = _STATUS.fullmatch(path)
        if match is None:
            return 404, error_text(invalid(f"Malformed request: GET {path[:200]}"))
        what = "GetModelMetadata" if match["metadata"] else "GetModelStatus"
        text = ""
        with self._accounting.call(what, REST, call_id) as call:
            text = self._metadata(call, match) if match["metadata"] else self._status(call, match)
        return _ended(call, text)

    def post(self, path: str, body: bytes, call_id: str) -> tuple[int, str]:
        """Return HTTP status and JSON for a POST."""
        match = _PREDICT.fullmatch(path)
        if match is None:
            return 404, error_text(invalid(f"Malformed request: POST {path[:200]}"))
        text = ""
        with self._accounting.call(match["method"].capitalize(), REST, call_id) as call:
            if match["method"].lower() == "predict":
                text = self._predict(call, match, body)
            else:
                self._other(call, match)
        return _ended(call, text)

    def _predict(self, call: Call, match: re.Match, body: bytes) -> str:
        content = parse_body(body)
        version = int(match["version"]) if match["version"] else None
        call.request = new_request(match["model"], version, match["label"] or "", content)
        fill_request(call.request, content, self._services.signature(call.request))
        call.response = self._services.predict(call.request, TIMEOUT_S)
        return answer_text(call.response.message(), by_rows=ROWS in content)

    def _other(self, call: Call, match: re.Match) -> None:
        classify = match["method"].lower() == "classify"
        kind = (
            classification_pb2.ClassificationRequest
            if classify
            else regression_pb2.RegressionRequest
        )
        call.request = _with_spec(kind(), match)
        (self._services.classify if classify else self._services.regress)(call.request, None)

    def _status(self, call: Call, match: re.Match) -> str:
        call.request = _with_spec(get_model_status_pb2.GetModelStatusRequest(), match)
        call.response = self._services.get_model_status(call.request, None)
        return _as_json(call.response)

    def _metadata(self, call: Call, match: re.Match) -> str:
        call.request = _with_spec(get_model_metadata_pb2.GetModelMetadataRequest(), match)
        call.request.metadata_field.append("signature_def")
        call.response = self._services.get_model_metadata(call.request, None)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        call.response.metadata["signature_def"].Unpack(signatures)
        spec, definitions = _as_json(call.response.model_spec), _as_json(signatures)
        return f'{{"model_spec": {spec}, "metadata": {{"signature_def": {definitions}}}}}'


def _ended(call: Call, text: str) -> tuple[int, str]:
    if call.status is None:
        return 200, text
    return HTTP_CODES.get(call.status.code, 500), error_text(call.status)


def _with_spec(request: Any, match: re.Match) -> Any:
    request.model_spec.name = match["model"]
    if match["version"]:
        request.model_spec.version.value = int(match["version"])
    elif match["label"]:
        request.model_spec.version_label = match["label"]
    return request


def _as_json(message: Any) -> str:
    options: dict[str, Any] = {"preserving_proto_field_name": True}
    try:
        return json_format.MessageToJson(message, including_default_value_fields=True, **options)
    except TypeError:
        # protobuf 5 has renamed it.
        return json_format.MessageToJson(
            message, always_print_fields_with_no_presence=True, **options
        )
    except json_format.Error as error:
        raise RpcStatus(grpc.StatusCode.INTERNAL, "metadata has no JSON form") from error
