"""Numbers for Prometheus, under TF Serving's names where it has one.

| metric                                 | labels                      | counts                    |
|----------------------------------------|-----------------------------|---------------------------|
| `:tensorflow:serving:request_count`    | model_name, status          | calls by how they ended   |
| `:tensorflow:serving:request_latency`  | model_name, API, entrypoint | microseconds of a call    |
| `:drumsmith:serving:refused_count`     | entrypoint, status, reason  | calls turned away         |
| `:drumsmith:serving:sounds_count`      | model_name                  | sounds given              |
| `:drumsmith:serving:calls_open`        | none                        | calls being answered      |
| `:drumsmith:serving:connections_open`  | entrypoint                  | connections open          |
| `:drumsmith:serving:connections_limit` | entrypoint                  | connections allowed       |
| `:drumsmith:serving:version_available` | model_name, version         | 1 while it answers        |
| `:drumsmith:serving:version_failed`    | model_name, version         | 1 while it fails          |

Beside them stand the `process_...` metrics that Prometheus' own clients have (`process_metrics`).
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .process_metrics import process_lines

REQUEST_COUNT = ":tensorflow:serving:request_count"
REQUEST_LATENCY = ":tensorflow:serving:request_latency"
REFUSED_COUNT = ":drumsmith:serving:refused_count"
SOUNDS_COUNT = ":drumsmith:serving:sounds_count"
CALLS_OPEN = ":drumsmith:serving:calls_open"
CONNECTIONS_OPEN = ":drumsmith:serving:connections_open"
CONNECTIONS_LIMIT = ":drumsmith:serving:connections_limit"
VERSION_AVAILABLE = ":drumsmith:serving:version_available"
VERSION_FAILED = ":drumsmith:serving:version_failed"

HELP = {
    REQUEST_COUNT: "Calls by model and by how they ended; the name is empty for unknown models.",
    REQUEST_LATENCY: "Microseconds from acceptance of a call to its answer.",
    REFUSED_COUNT: "Calls and connections turned away before any work was done for them.",
    SOUNDS_COUNT: "Sounds given.",
    CALLS_OPEN: "Calls being answered.",
    CONNECTIONS_OPEN: "Connections open.",
    CONNECTIONS_LIMIT: "Connections that may be open at the same time.",
    VERSION_AVAILABLE: "1 while a version answers calls.",
    VERSION_FAILED: "1 while a version that is wanted does not load.",
}

# TF Serving's: from 10 microseconds in steps of 1.8.
BUCKETS_US = [10 * 1.8**n for n in range(33)]

Labels = tuple[tuple[str, str], ...]


@dataclass
class _Histogram:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_US) + 1))
    total: float = 0.0


@dataclass(frozen=True)
class Connections:
    """How many connections one entrypoint has, and may have."""

    open: int
    limit: int


class Metrics:
    """Counts calls; safe to use from several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._requests: dict[Labels, int] = defaultdict(int)
        self._refused: dict[Labels, int] = defaultdict(int)
        self._sounds: dict[Labels, int] = defaultdict(int)
        self._latency: dict[Labels, _Histogram] = defaultdict(_Histogram)
        self._open = 0

    def begin(self) -> None:
        """Count a call as open."""
        with self._lock:
            self._open += 1

    def end(
        self, model: str, api: str, entrypoint: str, status: str, took_us: float, sounds: int
    ) -> None:
        """Count a call as answered.

        Args:
            model: a model that is served; "" for others, whose names are the callers' to invent.
            api: the method's name.
            entrypoint: GRPC or REST.
            status: the gRPC code.
            took_us: microseconds.
            sounds: how many the answer holds.
        """
        name = ("model_name", model)
        with self._lock:
            self._open -= 1
            self._requests[(name, ("status", status))] += 1
            histogram = self._latency[(name, ("API", api), ("entrypoint", entrypoint))]
            histogram.counts[bisect_left(BUCKETS_US, took_us)] += 1
            histogram.total += took_us
            if sounds:
                self._sounds[(name,)] += sounds

    def refuse(self, entrypoint: str, status: str, reason: str, *, ended: bool) -> None:
        """Count a call that was turned away.

        Args:
            entrypoint: GRPC or REST.
            status: the gRPC code.
            reason: one word, such as token.
            ended: `end` counts it as well, under its model's name.
        """
        with self._lock:
            if not ended:
                self._requests[(("model_name", ""), ("status", status))] += 1
            labels = (("entrypoint", entrypoint), ("status", status), ("reason", reason))
            self._refused[labels] += 1

    def text(
        self,
        versions: Mapping[str, Mapping[int, tuple[bool, bool]]],
        connections: Mapping[str, Connections],
    ) -> str:
        """Return everything in Prometheus' text format.

        Args:
            versions: of each model, whether each version is available and whether it failed.
            connections: of each entrypoint.
        """
        with self._lock:
            lines = [
                *_family(REQUEST_COUNT, "counter", self._requests.items()),
                *self._histograms(),
                *_family(REFUSED_COUNT, "counter", self._refused.items()),
                *_family(SOUNDS_COUNT, "counter", self._sounds.items()),
                *_family(CALLS_OPEN, "gauge", [((), self._open)]),
            ]
        opened = [((("entrypoint", e),), c.open) for e, c in connections.items()]
        limits = [((("entrypoint", e),), c.limit) for e, c in connections.items()]
        lines += _family(CONNECTIONS_OPEN, "gauge", opened)
        lines += _family(CONNECTIONS_LIMIT, "gauge", limits)
        lines += _version_gauges(versions)
        lines += process_lines()
        return "\n".join(lines) + "\n"

    def _histograms(self) -> Iterator[str]:
        yield from _head(REQUEST_LATENCY, "histogram")
        for labels, histogram in self._latency.items():
            running = 0
            for limit, count in zip([*BUCKETS_US, None], histogram.counts, strict=True):
                running += count
                le = "+Inf" if limit is None else f"{limit:g}"
                yield f"{REQUEST_LATENCY}_bucket{_braces((*labels, ('le', le)))} {running}"
            yield f"{REQUEST_LATENCY}_sum{_braces(labels)} {histogram.total:g}"
            yield f"{REQUEST_LATENCY}_count{_braces(labels)} {running}"


def _head(name: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {HELP[name]}"
    yield f"# TYPE {name} {kind}"


def _family(name: str, kind: str, values: Iterable[tuple[Labels, int]]) -> Iterator[str]:
    yield from _head(name, kind)
    for labels, value in values:
        yield f"{name}{_braces(labels)} {value}"


def _version_gauges(versions: Mapping[str, Mapping[int, tuple[bool, bool]]]) -> Iterator[str]:
    for position, metric in enumerate((VERSION_AVAILABLE, VERSION_FAILED)):
        values = [
            ((("model_name", model), ("version", str(number))), int(state[position]))
            for model, states in versions.items()
            for number, state in states.items()
        ]
        yield from _family(metric, "gauge", values)


def _braces(labels: Labels) -> str:
    if not labels:
        return ""
    escape = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
    return "{" + ",".join(f'{key}="{value.translate(escape)}"' for key, value in labels) + "}"
