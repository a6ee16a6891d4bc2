"""Metrics and health over HTTP, on a port that callers of models cannot crowd."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from .app import METRICS_PATH, METRICS_TYPE

LIVE_PATH, READY_PATH = "/healthz", "/readyz"


def monitoring_app(
    metrics_text: Callable[[], str], readiness: Callable[[], dict[str, bool]]
) -> Starlette:
    """Return the application.

    | path                                        | answers                                     |
    |---------------------------------------------|---------------------------------------------|
    | `/monitoring/prometheus/metrics`, `/metrics`| Prometheus' metrics                         |
    | `/healthz`                                  | 200 while the process answers               |
    | `/readyz`                                   | 200 while a model answers calls, else 503   |
    | `/readyz/NAME`                              | the same of one model; 404 if it is unknown |

    Args:
        metrics_text: returns the metrics.
        readiness: returns, of each model, whether it answers calls.
    """

    async def metrics(request: Request) -> Response:
        return Response(metrics_text(), media_type=METRICS_TYPE)

    async def live(request: Request) -> Response:
        return PlainTextResponse("live\n")

    async def ready(request: Request) -> Response:
        return _ready(any(readiness().values()))

    async def model_ready(request: Request) -> Response:
        models = readiness()
        name = request.path_params["name"]
        if name not in models:
            return PlainTextResponse("no such model\n", 404)
        return _ready(models[name])

    return Starlette(
        routes=[
            Route(METRICS_PATH, metrics),
            Route("/metrics", metrics),
            Route(LIVE_PATH, live),
            Route(READY_PATH, ready),
            Route(READY_PATH + "/{name}", model_ready),
        ]
    )


def _ready(good: bool) -> Response:
    return PlainTextResponse("ready\n" if good else "not ready\n", 200 if good else 503)
