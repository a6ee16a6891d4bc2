import grpc
import pytest

from drumsmith.serving.client import errors as client_errors
from drumsmith.serving.client.errors import (
    AccessError,
    CallError,
    CancelledError,
    ClientError,
    DeadlineError,
    InvalidRequestError,
    ModelNotFoundError,
    NotSupportedError,
    OverloadedError,
    RefusedError,
    ServerError,
    TlsError,
    TooLargeError,
    TryAgainError,
    UnavailableError,
    error_for,
)

EXPECTED = {
    "CANCELLED": CancelledError,
    "UNKNOWN": ServerError,
    "INVALID_ARGUMENT": InvalidRequestError,
    "DEADLINE_EXCEEDED": DeadlineError,
    "NOT_FOUND": ModelNotFoundError,
    "ALREADY_EXISTS": RefusedError,
    "PERMISSION_DENIED": AccessError,
    "UNAUTHENTICATED": AccessError,
    "RESOURCE_EXHAUSTED": OverloadedError,
    "FAILED_PRECONDITION": NotSupportedError,
    "ABORTED": TryAgainError,
    "OUT_OF_RANGE": InvalidRequestError,
    "UNIMPLEMENTED": NotSupportedError,
    "INTERNAL": ServerError,
    "UNAVAILABLE": UnavailableError,
    "DATA_LOSS": ServerError,
}


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code.name != "OK"])
def test_every_code_has_its_error(code):
    error = error_for("host:1", code, "words")
    assert type(error) is EXPECTED[code.name]
    assert (error.code, error.details) == (code, "words")


TLS_WORDS = [
    "Ssl handshake failed (TSI_PROTOCOL_FAILURE): SSL_ERROR_SSL: CERTIFICATE_VERIFY_FAILED",
    "last error: UNKNOWN: Peer name a.example is not in peer certificate",
]


@pytest.mark.parametrize("words", TLS_WORDS)
def test_a_mistake_of_tls_will_not_go_away(words):
    error = error_for("host:1", grpc.StatusCode.UNAVAILABLE, words)
    assert type(error) is TlsError
    assert not isinstance(error, TryAgainError)


def test_a_message_that_is_too_large_will_not_shrink():
    words = "Received message larger than max (4194359 vs. 4194304)"
    error = error_for("host:1", grpc.StatusCode.RESOURCE_EXHAUSTED, words)
    assert type(error) is TooLargeError


def test_the_message_names_server_code_and_words():
    error = error_for("host:1", grpc.StatusCode.NOT_FOUND, "no such model")
    assert str(error) == "host:1 answered NOT_FOUND: no such model"


def test_an_error_without_words_can_be_shown():
    assert "no details" in str(error_for("host:1", grpc.StatusCode.UNKNOWN, None))


def test_a_deadline_is_also_pythons_timeout():
    assert issubclass(DeadlineError, TimeoutError)


def test_the_drawn_tree_is_the_tree():
    classes = [
        value
        for value in vars(client_errors).values()
        if isinstance(value, type) and issubclass(value, ClientError)
    ]
    assert all(cls.__name__ in client_errors.__doc__ for cls in classes)
    assert {EXPECTED[name] for name in EXPECTED} <= {c for c in classes if issubclass(c, CallError)}
