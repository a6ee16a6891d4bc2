"""One line for each call: who, what, how it ended, how long; never what was in it."""

import json
import logging
import re
import secrets
from collections.abc import Iterable
from typing import Any

log = logging.getLogger("drumsmith.serving.calls")

REQUEST_ID = "x-request-id"
_GOOD_ID = re.compile(r"[\w.:-]{1,64}")


def request_id(metadata: Iterable[Any]) -> str:
    """Return the id that the caller gave, or a new one; a caller's odd one is not repeated."""
    for key, value in metadata or ():
        if key == REQUEST_ID and isinstance(value, str) and _GOOD_ID.fullmatch(value):
            return value
    return secrets.token_hex(8)


def log_call(call_id: str, method: str, request: Any, code: str, message: str, took_ms: float):
    """Write a call's line.

    Args:
        call_id: see `request_id`.
        method: the call's short name.
        request: the message, of which the model_spec is named; None if it could not be read.
        code: the gRPC status.
        message: the server's words; empty if it went well.
        took_ms: milliseconds from acceptance by a thread to the answer.
    """
    if not log.isEnabledFor(logging.DEBUG):
        return
    spec = getattr(request, "model_spec", None)
    facts = {
        "id": call_id,
        "method": method,
        "model": spec.name[:64] if spec else "",
        "signature": spec.signature_name[:64] if spec else "",
        "code": code,
        "message": message[:200],
        "ms": round(took_ms, 1),
    }
    words = " ".join(f"{key}={_plain(value)}" for key, value in facts.items() if value != "")
    log.debug(words, extra={"facts": facts})


def _plain(value: Any) -> str:
    text = str(value)
    # A caller's line break must not begin a line of the log.
    return json.dumps(text) if re.search(r"[\s\"=]", text) or not text.isprintable() else text


class JsonLines(logging.Formatter):
    """A log line as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object's text."""
        line = {"time": self.formatTime(record), "level": record.levelname}
        facts = getattr(record, "facts", None)
        line |= {"event": "call", **facts} if facts else {"message": record.getMessage()}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line)
