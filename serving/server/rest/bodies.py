"""Bodies of requests, bounded one by one and all together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from starlette.requests import ClientDisconnect, Request

from ..rpc_status import Refused, invalid


class Bodies:
    """Reads bodies; used by one event loop, hence without a lock.

    Args:
        each: bytes of one body.
        together: bytes of all bodies held at the same time.
        within_s: seconds that a body may take to come in.

    """

    def __init__(self, each: int, together: int, within_s: float):
        self._each, self._together, self._within_s = each, together, within_s
        self._held = 0

    @asynccontextmanager
    async def held(self, request: Request) -> AsyncIterator[bytes]:
        """Read a request's body and count it as held while the block runs.

        Raises:
            Refused: it is too large, comes too slowly, or leaves no room.
            RpcStatus: the caller has gone, or says nonsense of the body's length.

        """
        self._check_length(request)
        body = bytearray()
        try:
            await self._read(request, body)
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def _read(self, request: Request, body: bytearray) -> None:
        try:
            async with asyncio.timeout(self._within_s):
                async for chunk in request.stream():
                    self._held += len(chunk)
                    body += chunk
                    self._check(len(body))
        except TimeoutError:
            message = f"the body did not come in within {self._within_s:g} s"
            raise Refused(grpc.StatusCode.DEADLINE_EXCEEDED, message, "deadline") from None
        except ClientDisconnect:
            raise invalid("the caller has gone") from None

    def _check_length(self, request: Request) -> None:
        length = request.headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()):
            raise invalid("Content-Length must be a number")
        self._check(int(length))

    def _check(self, size: int) -> None:
        if size > self._each:
            raise TooLarge(f"the body is over {self._each} bytes")
        if self._held > self._together:
            message = "the server holds as many bytes of requests as it may"
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, message, "bodies")


class TooLarge(Refused):
    """One body is larger than any may be."""

    def __init__(self, message: str):
        super().__init__(grpc.StatusCode.INVALID_ARGUMENT, message, "size")
