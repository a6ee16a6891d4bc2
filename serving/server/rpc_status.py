"""Refusals of a call, in TF Serving's codes and words."""

import grpc

LONGEST_MESSAGE = 1024
TRUNCATED = "...TRUNCATED"


class RpcStatus(Exception):
    """A call ends with this status instead of an answer.

    Messages over 1024 characters are cut, as TF Serving does: they travel in headers, which have
    a limit of their own.
    """

    def __init__(self, code: grpc.StatusCode, message: str):
        if len(message) > LONGEST_MESSAGE:
            message = message[: LONGEST_MESSAGE - len(TRUNCATED)] + TRUNCATED
        super().__init__(message)
        self.code = code
        self.message = message


class Refused(RpcStatus):
    """A call is turned away for what the server is about, not for what it asks.

    Args:
        code: the status.
        message: the words.
        reason: one word for the metrics.
    """

    def __init__(self, code: grpc.StatusCode, message: str, reason: str):
        super().__init__(code, message)
        self.reason = reason


def invalid(message: str) -> RpcStatus:
    """Return an INVALID_ARGUMENT status."""
    return RpcStatus(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(message: str) -> RpcStatus:
    """Return a NOT_FOUND status."""
    return RpcStatus(grpc.StatusCode.NOT_FOUND, message)


def unknown(message: str) -> RpcStatus:
    """Return an UNKNOWN status."""
    return RpcStatus(grpc.StatusCode.UNKNOWN, message)


_BY_NUMBER = {code.value[0]: code for code in grpc.StatusCode}


def from_number(number: int, message: str) -> RpcStatus:
    """Return the status of TensorFlow's error code, which is gRPC's number."""
    return RpcStatus(_BY_NUMBER.get(number, grpc.StatusCode.UNKNOWN), message)
