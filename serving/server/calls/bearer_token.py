"""A shared secret that callers must show, kept in a file and read again when it changes."""

import hmac
import logging
from collections.abc import Iterable
from pathlib import Path

from ....common.errors import UserError

log = logging.getLogger("drumsmith.serving")

HEADER = "authorization"
SCHEME = "Bearer "
SHORTEST = 16


class BearerToken:
    """Checks `authorization: Bearer ...` against the content of a file.

    A file that is replaced is read at the next call; one that has become unreadable is named in
    the log, and the token before it stays valid.

    Args:
        path: of the file; white space around the token is ignored.

    Raises:
        UserError: the file cannot be read, or its token is too short to be one.
    """

    def __init__(self, path: Path):
        self._path = path
        self._look: tuple[int, int] | None = None
        self._token = b""
        self._read()

    def admits(self, metadata: Iterable[tuple[str, str | bytes]]) -> bool:
        """Tell whether a call's metadata shows the token; takes the same time for any guess."""
        self._read_again()
        shown = b""
        for key, value in metadata:
            if key == HEADER:
                shown = value if isinstance(value, bytes) else value.encode()
        return hmac.compare_digest(shown, SCHEME.encode() + self._token)

    def _read(self) -> None:
        try:
            stat = self._path.stat()
            token = self._path.read_bytes().strip()
        except OSError as error:
            raise UserError(f"cannot read the token in {self._path}: {error.strerror}") from error
        if len(token) < SHORTEST:
            raise UserError(
                f"the token in {self._path} is shorter than {SHORTEST} characters; "
                "make one with: openssl rand -hex 32"
            )
        self._look, self._token = (stat.st_mtime_ns, stat.st_size), token

    def _read_again(self) -> None:
        try:
            stat = self._path.stat()
            if (stat.st_mtime_ns, stat.st_size) == self._look:
                return
            self._read()
            log.info("token read again")
        except (OSError, UserError) as error:
            if self._look is not None:
                log.error("keeping the token before: %s", error)
            self._look = None
