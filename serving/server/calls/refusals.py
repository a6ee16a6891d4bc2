"""Calls that are turned away: counted, and logged at a bounded rate."""

import logging
import threading
import time
from dataclasses import dataclass

from .metrics import Metrics

log = logging.getLogger("drumsmith.serving")

LOG_EVERY_S = 10.0
"""Seconds between two lines of one reason; a flood of refusals must not be a flood of lines."""

GRPC, REST = "GRPC", "REST"


@dataclass
class _Reason:
    logged_at: float = -LOG_EVERY_S
    since: int = 0


class Refusals:
    """Takes note of refusals; safe to use from several threads.

    The first of a reason is logged at once, then one line every `LOG_EVERY_S` seconds says how
    many there were.

    Args:
        metrics: where to count.

    """

    def __init__(self, metrics: Metrics):
        self._metrics = metrics
        self._lock = threading.Lock()
        self._reasons: dict[tuple[str, str, str], _Reason] = {}

    def note(self, entrypoint: str, status: str, reason: str, *, ended: bool = False) -> None:
        """Count one refusal.

        Args:
            entrypoint: `GRPC` or `REST`.
            status: the gRPC code that the caller gets.
            reason: one word: token, places, sounds, connections, size, ...
            ended: the call is counted as one that ended, too.
        """
        self._metrics.refuse(entrypoint, status, reason, ended=ended)
        with self._lock:
            noted = self._reasons.setdefault((entrypoint, status, reason), _Reason())
            noted.since += 1
            now = time.monotonic()
            if now - noted.logged_at < LOG_EVERY_S:
                return
            count, noted.since, noted.logged_at = noted.since, 0, now
        log.warning("refused by %s: %s (%s), %d calls", entrypoint, status, reason, count)
