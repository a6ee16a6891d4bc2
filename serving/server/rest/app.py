"""The REST interface as an ASGI application: who may call, and how much at the same time."""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..calls.bearer_token import BearerToken
from ..calls.call_log import REQUEST_ID, request_id
from ..calls.refusals import REST, Refusals
from ..rpc_status import Refused, RpcStatus
from .bodies import Bodies, TooLarge
from .json_predict import error_text
from .rest_calls import HTTP_CODES, RestCalls

METRICS_PATH = "/monitoring/prometheus/metrics"
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class RestOptions:
    """What the REST interface takes.

    Args:
        concurrency: calls answered at the same time; more are refused before their body is read.
        max_body: bytes of one request.
        bodies_together: bytes of all requests held at the same time.
        body_s: seconds that a body may take to come in.
        token: what callers must show; the metrics are free, as health is.
        cors_origins: web pages whose scripts may call; `*` for all.

    """

    concurrency: int
    max_body: int
    bodies_together: int
    body_s: float
    token: BearerToken | None = None
    cors_origins: Sequence[str] = ()


class RestApp:
    """TF Serving's REST interface, and Prometheus' metrics beside it.

    Args:
        calls: what answers.
        refusals: where to note the calls turned away.
        metrics_text: returns the metrics.
        options: what it takes.

    Attributes:
        asgi: the application.

    """

    def __init__(
        self,
        calls: RestCalls,
        refusals: Refusals,
        metrics_text: Callable[[], str],
        options: RestOptions,
    ):
        self._calls, self._refusals, self._options = calls, refusals, options
        self._metrics_text = metrics_text
        self._bodies = Bodies(options.max_body, options.bodies_together, options.body_s)
        self._places = max(0, options.concurrency)
        self._busy = 0
        self._threads = ThreadPoolExecutor(
            max(1, self._places), thread_name_prefix="drumsmith-rest"
        )
        self.asgi = Starlette(
            routes=[
                Route(METRICS_PATH, self._metrics, methods=["GET"]),
                Route("/{path:path}", self._get, methods=["GET"]),
                Route("/{path:path}", self._post, methods=["POST"]),
            ],
            middleware=list(_cors(options.cors_origins)),
            exception_handlers={HTTPException: _http_error},
        )

    def close(self) -> None:
        """End the threads; what is being answered is finished."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _metrics(self, request: Request) -> Response:
        return Response(self._metrics_text(), media_type=METRICS_TYPE)

    async def _get(self, request: Request) -> Response:
        call_id = request_id(request.headers.items())
        try:
            self._admit(request)
        except Refused as refusal:
            return self._refused(refusal)
        code, text = await self._in_thread(self._calls.get, _path(request), call_id)
        return _json(code, text, call_id)

    async def _post(self, request: Request) -> Response:
        call_id = request_id(request.headers.items())
        self._busy += 1
        try:
            self._admit(request)
            self._require_place()
            async with self._bodies.held(request) as body:
                code, text = await self._in_thread(self._calls.post, _path(request), body, call_id)
            return _json(code, text, call_id)
        except RpcStatus as refusal:
            return self._refused(refusal)
        finally:
            self._busy -= 1

    async def _in_thread(self, function: Callable, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    def _admit(self, request: Request) -> None:
        token = self._options.token
        shown = [("authorization", request.headers.get("authorization", ""))]
        if token is not None and not token.admits(shown):
            message = "a valid bearer token is needed"
            raise Refused(grpc.StatusCode.UNAUTHENTICATED, message, "token")

    def _require_place(self) -> None:
        if self._busy > self._places:
            message = "the server is answering as many calls as it may"
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, message, "places")

    def _refused(self, refusal: RpcStatus) -> Response:
        if isinstance(refusal, Refused):
            self._refusals.note(REST, refusal.code.name, refusal.reason)
        # What is left of the body would be read as the next request.
        headers = {"connection": "close"}
        return _json(_http_code(refusal), error_text(refusal), "", headers)


def _http_code(refusal: RpcStatus) -> int:
    if isinstance(refusal, TooLarge):
        return 413
    if isinstance(refusal, Refused) and refusal.code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return 408
    return HTTP_CODES.get(refusal.code, 500)


def _cors(origins: Sequence[str]):
    if origins:
        yield Middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "POST"],
            allow_headers=["authorization", "content-type", REQUEST_ID],
            expose_headers=[REQUEST_ID],
        )


def _path(request: Request) -> str:
    # As it was sent: a model's name is not decoded, as TF Serving does not.
    return request.scope.get("raw_path", b"").decode("latin-1") or request.url.path


def _json(code: int, text: str, call_id: str, headers: dict[str, str] | None = None) -> Response:
    shown = dict(headers or {}) | ({REQUEST_ID: call_id} if call_id else {})
    return Response(text, code, shown, media_type="application/json")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _json(error.status_code, json.dumps({"error": error.detail}), "")
