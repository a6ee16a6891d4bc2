"""Predict, from request to answer: TF Serving's checks in its order and its words."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ...saved_model.quick_tensorflow import errors
from ...saved_model.session import SavedModelSession, message_of
from ...saved_model.signatures import SERVING_DEFAULT
from ..rpc_status import RpcStatus, from_number, invalid
from .gathering import Gathering
from .tensors import TensorError, decode_tensor, is_type, type_name


def signature_name(request: Any) -> str:
    """Return the signature that a request asks for; empty means `serving_default`."""
    return request.model_spec.signature_name or SERVING_DEFAULT


def run_predict(
    session: SavedModelSession | Gathering, request: Any, timeout_s: float | None
) -> Mapping[str, np.ndarray]:
    """Run what a PredictRequest asks for.

    Args:
        session: of the version that the request chose.
        request: a PredictRequest.
        timeout_s: what is left of the call's time; None without a deadline.

    Returns:
        The value of each output by its alias.

    Raises:
        RpcStatus: the request is refused, or the model fails.

    """
    name = signature_name(request)
    signature = session.signatures.get(name)
    if signature is None:
        raise failed_precondition(f'Serving signature key "{name}" not found.')
    inputs = _inputs(signature, request)
    wanted = _wanted(signature, request.output_filter)
    try:
        return session.run(inputs, signature=name, outputs=wanted, timeout_s=timeout_s)
    except errors.OpError as error:
        raise from_number(error.error_code, message_of(error)) from error


def failed_precondition(message: str) -> RpcStatus:
    """Return a FAILED_PRECONDITION status."""
    return from_number(errors.FAILED_PRECONDITION, message)


def _inputs(signature: Any, request: Any) -> dict[str, np.ndarray]:
    expected, sent = set(signature.inputs), set(request.inputs)
    if len(expected) != len(sent):
        raise invalid(
            f"input size does not match signature: {len(sent)}!={len(expected)} "
            f"len({_set(sent)}) != len({_set(expected)}). "
            f"Sent extra: {_set(sent - expected)}. "
            f"Missing but required: {_set(expected - sent)}."
        )
    for alias in sorted(expected - sent):
        raise invalid(
            f"Signature input alias: {alias}(feed name: {signature.inputs[alias].name}) "
            "not found in request and no default value provided. "
            f"Inputs expected to be in the request {_set(expected)}"
        )
    _require_known_types(request)
    _require_types(signature, request)
    return {alias: _decoded(alias, request.inputs[alias]) for alias in sorted(expected)}


def _require_known_types(request: Any) -> None:
    for alias in sorted(request.inputs):
        if not is_type(request.inputs[alias].dtype):
            raise invalid(f"tensor parsing error: {alias}")


def _require_types(signature: Any, request: Any) -> None:
    """Refuse a wrong type as the runtime does, which Python's session would quietly convert."""
    by_feed = sorted(signature.inputs, key=lambda alias: signature.inputs[alias].name)
    for position, alias in enumerate(by_feed):
        expected, given = signature.inputs[alias].dtype, request.inputs[alias].dtype
        if given != expected:
            raise invalid(
                f"Expects arg[{position}] to be {type_name(expected)} "
                f"but {type_name(given)} is provided"
            )


def _decoded(alias: str, proto: Any) -> np.ndarray:
    try:
        return decode_tensor(proto)
    except TensorError:
        raise invalid(f"tensor parsing error: {alias}") from None


def _wanted(signature: Any, output_filter: Iterable[str]) -> list[str]:
    wanted: list[str] = []
    for alias in output_filter:
        if alias not in signature.outputs:
            raise invalid(
                f"output tensor alias not found in signature: {alias} "
                f"Outputs expected to be in the set {_set(signature.outputs)}."
            )
        if alias in wanted:
            raise invalid(f"duplicate output tensor alias: {alias}")
        wanted.append(alias)
    return wanted


def _set(aliases: Iterable[str]) -> str:
    return "{" + ",".join(sorted(aliases)) + "}"
