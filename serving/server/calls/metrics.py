"""Numbers for Prometheus, under TF Serving's names where it has one.

| metric                                 | labels                      | counts                  |
|----------------------------------------|-----------------------------|-------------------------|
| `:tensorflow:serving:request_count`    | model_name, status          | calls by how they ended |
| `:tensorflow:serving:request_latency`  | model_name, API, entrypoint | microseconds of a call  |
| `:drumsmith:serving:sounds_count`      | model_name                  | sounds given            |
| `:drumsmith:serving:calls_open`        | none                        | calls being answered    |
| `:drumsmith:serving:version_available` | model_name, version         | 1 while it answers      |
| `:drumsmith:serving:version_failed`    | model_name, version         | 1 while it fails        |
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

REQUEST_COUNT = ":tensorflow:serving:request_count"
REQUEST_LATENCY = ":tensorflow:serving:request_latency"
SOUNDS_COUNT = ":drumsmith:serving:sounds_count"
CALLS_OPEN = ":drumsmith:serving:calls_open"
VERSION_AVAILABLE = ":drumsmith:serving:version_available"
VERSION_FAILED = ":drumsmith:serving:version_failed"

# TF Serving's: from 10 microseconds in steps of 1.8.
BUCKETS_US = [10 * 1.8**n for n in range(33)]

Labels = tuple[tuple[str, str], ...]


@dataclass
class _Histogram:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_US) + 1))
    total: float = 0.0


class Metrics:
    """Counts calls; safe to use from several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._requests: dict[Labels, int] = defaultdict(int)
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

    def text(self, versions: dict[str, dict[int, tuple[bool, bool]]]) -> str:
        """Return everything in Prometheus' text format.

        Args:
            versions: of each model, whether each version is available and whether it failed.
        """
        with self._lock:
            lines = [
                *_counter(REQUEST_COUNT, self._requests),
                *self._histograms(),
                *_counter(SOUNDS_COUNT, self._sounds),
                f"# TYPE {CALLS_OPEN} gauge",
                f"{CALLS_OPEN} {self._open}",
            ]
        lines += _version_gauges(versions)
        return "\n".join(lines) + "\n"

    def _histograms(self) -> Iterator[str]:
        yield f"# TYPE {REQUEST_LATENCY} histogram"
        for labels, histogram in self._latency.items():
            running = 0
            for limit, count in zip([*BUCKETS_US, None], histogram.counts, strict=True):
                running += count
                le = "+Inf" if limit is None else f"{limit:g}"
                yield f"{REQUEST_LATENCY}_bucket{_braces((*labels, ('le', le)))} {running}"
            yield f"{REQUEST_LATENCY}_sum{_braces(labels)} {histogram.total:g}"
            yield f"{REQUEST_LATENCY}_count{_braces(labels)} {running}"


def _counter(name: str, values: dict[Labels, int]) -> Iterator[str]:
    yield f"# TYPE {name} counter"
    for labels, value in values.items():
        yield f"{name}{_braces(labels)} {value}"


def _version_gauges(versions: dict[str, dict[int, tuple[bool, bool]]]) -> Iterator[str]:
    for position, metric in enumerate((VERSION_AVAILABLE, VERSION_FAILED)):
        yield f"# TYPE {metric} gauge"
        for model, states in versions.items():
            for number, state in states.items():
                labels = (("model_name", model), ("version", str(number)))
                yield f"{metric}{_braces(labels)} {int(state[position])}"


def _braces(labels: Labels) -> str:
    escape = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
    return "{" + ",".join(f'{key}="{value.translate(escape)}"' for key, value in labels) + "}"
