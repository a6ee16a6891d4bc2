"""What can go wrong between the client and a server, sorted by what to do about it::

ClientError
├── UnknownLabelError    the model has no such label; also a ValueError; nothing was sent
├── BadAnswerError       the server answered something else than a drum model does
└── CallError            the server or the network refused; has `code` and `details`
    ├── RefusedError     the request itself is wrong: change it
    │   ├── InvalidRequestError    a value, a shape, a type
    │   ├── ModelNotFoundError     no such model or version
    │   └── NotSupportedError      no such signature or call
    ├── AccessError      no permission, or none shown
    ├── TryAgainError    the same request may succeed later
    │   ├── UnavailableError       nobody answers, it is shutting down, or its queue is full
    │   ├── OverloadedError        too many requests
    │   └── DeadlineError          not within `timeout_s`; also a TimeoutError
    ├── CancelledError   the caller gave up
    └── ServerError      the server's own mistake
"""

import grpc


class ClientError(Exception):
    """Anything that the client raises on purpose."""


class UnknownLabelError(ClientError, ValueError):
    """The model has no such label."""


class BadAnswerError(ClientError):
    """The server answered, but not as a drum model does."""


class CallError(ClientError):
    """A call failed.

    Attributes:
        code: the gRPC status.
        details: the server's words.

    """

    def __init__(self, target: str, code: grpc.StatusCode, details: str):
        super().__init__(f"{target} answered {code.name}: {details}")
        self.code = code
        self.details = details


class RefusedError(CallError):
    """The request is wrong; sending it again will not help."""


class InvalidRequestError(RefusedError):
    """A value, a shape or a type is not what the signature takes."""


class ModelNotFoundError(RefusedError):
    """The server has no such model or version."""


class NotSupportedError(RefusedError):
    """The model has no such signature, or the server no such call."""


class AccessError(CallError):
    """The caller may not do this, or did not say who it is."""


class TryAgainError(CallError):
    """The same request may succeed later."""


class UnavailableError(TryAgainError):
    """Nobody answers at this address, or the server takes no request right now."""


class OverloadedError(TryAgainError):
    """The server has too many requests."""


class DeadlineError(TryAgainError, TimeoutError):
    """No answer within the call's time."""


class CancelledError(CallError):
    """The call was given up on this side."""


class ServerError(CallError):
    """The server made a mistake."""


_ERRORS: dict[grpc.StatusCode, type[CallError]] = {
    grpc.StatusCode.CANCELLED: CancelledError,
    grpc.StatusCode.UNKNOWN: ServerError,
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequestError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineError,
    grpc.StatusCode.NOT_FOUND: ModelNotFoundError,
    grpc.StatusCode.ALREADY_EXISTS: RefusedError,
    grpc.StatusCode.PERMISSION_DENIED: AccessError,
    grpc.StatusCode.UNAUTHENTICATED: AccessError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: OverloadedError,
    grpc.StatusCode.FAILED_PRECONDITION: NotSupportedError,
    grpc.StatusCode.ABORTED: TryAgainError,
    grpc.StatusCode.OUT_OF_RANGE: InvalidRequestError,
    grpc.StatusCode.UNIMPLEMENTED: NotSupportedError,
    grpc.StatusCode.INTERNAL: ServerError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DATA_LOSS: ServerError,
}


def error_for(target: str, code: grpc.StatusCode, details: str | None) -> CallError:
    """Return the error for a gRPC status; the only place that knows the mapping."""
    return _ERRORS.get(code, ServerError)(target, code, details or "no details")
