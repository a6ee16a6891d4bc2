"""What can go wrong between the client and a server, sorted by what to do about it::

ClientError
├── InputError           no request can be made of these values; also a ValueError; nothing was sent
│   └── UnknownLabelError      the model has no such label
├── ClosedError          the client was closed
├── BadAnswerError       the server answered something else than a drum model does
└── CallError            the server or the network refused; has `code` and `details`
    ├── RefusedError     the request itself is wrong: change it
    │   ├── InvalidRequestError    a value, a shape, a type
    │   ├── ModelNotFoundError     no such model or version
    │   ├── NotSupportedError      no such signature or call
    │   └── TooLargeError          the message is larger than one side takes
    ├── AccessError      no permission, or none shown
    ├── TlsError         the two sides do not trust each other, or one does not speak TLS
    ├── TryAgainError    the same request may succeed later
    │   ├── UnavailableError       nobody answers, it is shutting down, or its queue is full
    │   ├── OverloadedError        too many requests
    │   └── DeadlineError          not within `timeout_s`; also a TimeoutError
    ├── CancelledError   the caller gave up
    └── ServerError      the server's own mistake

`UnavailableError` comes after the client has tried again by itself. A connection that broke while
the server was answering may have cost it the work; nothing else, since the same call gives the same
sounds and changes nothing.
"""

import re

import grpc


class ClientError(Exception):
    """Anything that the client raises on purpose."""


class InputError(ClientError, ValueError):
    """No request can be made of the values given; nothing was sent."""


class UnknownLabelError(InputError):
    """The model has no such label."""


class ClosedError(ClientError):
    """The client was closed."""


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


class TooLargeError(RefusedError):
    """A message is larger than this side or the other takes."""


class AccessError(CallError):
    """The caller may not do this, or did not say who it is."""


class TlsError(CallError):
    """The two sides agree on no encrypted connection: a certificate is wrong, or one speaks none.

    A server that asks for a certificate and is shown none just hangs up: that is an
    `UnavailableError`, like a plain call to a server that speaks TLS. So is a name with several
    addresses (``localhost`` is 127.0.0.1 and often ::1) of which one takes no connections: gRPC
    tells of one of them only, and not always of the one whose certificate is wrong.
    """


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

# What gRPC tells by its words alone.
_BY_WORDS: dict[grpc.StatusCode, tuple[re.Pattern, type[CallError]]] = {
    grpc.StatusCode.UNAVAILABLE: (
        re.compile(r"ssl handshake failed|ssl_error|certificate|peer name|tsi_", re.IGNORECASE),
        TlsError,
    ),
    grpc.StatusCode.RESOURCE_EXHAUSTED: (
        re.compile(r"message larger than max", re.IGNORECASE),
        TooLargeError,
    ),
}


def error_for(target: str, code: grpc.StatusCode, details: str | None) -> CallError:
    """Return the error for a gRPC status; the only place that knows the mapping."""
    kind = _ERRORS.get(code, ServerError)
    if code in _BY_WORDS:
        words, narrower = _BY_WORDS[code]
        if words.search(details or ""):
            kind = narrower
    return kind(target, code, details or "no details")
