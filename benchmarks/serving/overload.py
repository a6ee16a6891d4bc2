"""What does a server do with five times the calls that it can answer?

Measures latency of one caller, then capacity with as many callers as there are places
(`--concurrency`), which is what "unloaded" means here: a server that is busy, but refuses nobody.
Then calls come at random moments, whether or not earlier ones are answered: at 70 % of that
capacity, and at five times. Accepted calls must keep a p99 under twice the unloaded one's, the
others must be refused within 50 ms, and a health check must be answered all the while.

    python benchmarks/serving/overload.py [--width 16] [--sounds 4] [--concurrency 64] [--seconds 8]

Callers and server have cores of their own where there are two. Ends with lines that begin
`verdict`.
"""

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from server_process import Cores, Result, Served, export_width, load, quantile

TIMES = 5
P99_TIMES = 2.0
USUAL_SHARE = 0.7
"""What the autoscaler of `serving/deploy` keeps a server at."""
REFUSED_WITHIN_MS = 50.0


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--sounds", type=int, default=4, help="in one request")
    parser.add_argument("--concurrency", type=int, default=64, help="the server's places")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--shared", action="store_true", help="callers on the server's cores")
    args = parser.parse_args()
    cores = Cores.split(args.shared)
    print(f"{cores}; load {os.getloadavg()[0]:.1f}; {args.concurrency} places")
    with tempfile.TemporaryDirectory() as scratch:
        export_width(args.width, Path(scratch))
        places = ("--concurrency", str(args.concurrency))
        with Served(Path(scratch), cores, *places) as server:
            _measure(server, args)


def _measure(server: Served, args: argparse.Namespace) -> None:
    def show(what: str, result: Result) -> Result:
        print(f"{what}: {result.rate:.0f} calls/s answered, {result.words()}")
        return result

    seconds, sounds = args.seconds, args.sounds
    single = show("one caller", load(server, 1, seconds / 2, sounds))
    full = show(
        f"{args.concurrency} callers (unloaded)", load(server, args.concurrency, seconds, sounds)
    )
    usual = USUAL_SHARE * full.rate
    show(
        f"{usual:.0f} calls/s, {USUAL_SHARE:.0%} of it",
        load(server, 16, seconds, sounds, rate=usual),
    )
    with _Health(server.target) as health:
        rate = TIMES * full.rate
        over = show(f"{rate:.0f} calls/s", load(server, 16, seconds, sounds, rate=rate))
    after = show("one caller afterwards", load(server, 1, seconds / 2, sounds))
    refused = over.refused.get("RESOURCE_EXHAUSTED", [])
    others = {code: len(took) for code, took in over.refused.items() if took is not refused}
    sent = (over.calls + sum(map(len, over.refused.values()))) / over.seconds
    p99, unloaded = over.quantile_ms(0.99), full.quantile_ms(0.99)
    slowest = 1e3 * quantile(refused, 1.0)
    late = sum(1e3 * took > REFUSED_WITHIN_MS for took in refused)
    print(
        f"verdict accepted calls at {sent / full.rate:.1f} times capacity: p99 {p99:.0f} ms, "
        f"{p99 / unloaded:.2f} times the unloaded server's {unloaded:.0f} ms (target under "
        f"{P99_TIMES:g}): {_passed(p99 < P99_TIMES * unloaded)}; "
        f"{p99 / single.quantile_ms(0.99):.1f} times a single caller's"
    )
    print(
        f"verdict refusals: {len(refused)}, p99 {1e3 * quantile(refused, 0.99):.1f} ms, slowest "
        f"{slowest:.1f} ms, {late} above the {REFUSED_WITHIN_MS:g} ms of the target: "
        f"{_passed(slowest < REFUSED_WITHIN_MS)}; other failures: {others or 'none'}"
    )
    print(
        f"verdict health: {health.good} checks answered, {health.bad} not: "
        f"{_passed(health.good > 0 and not health.bad)}; answered calls/s under overload "
        f"{over.rate / full.rate:.2f} of capacity; a single caller's p50 afterwards "
        f"{after.quantile_ms(0.5):.1f} ms, before {single.quantile_ms(0.5):.1f} ms"
    )


class _Health:
    """Checks the health twice a second, as a probe does."""

    def __init__(self, target: str):
        self.good = self.bad = 0
        self._target = target
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._check)

    def _check(self) -> None:
        with grpc.insecure_channel(self._target) as channel:
            check = health_pb2_grpc.HealthStub(channel).Check
            while not self._stop.wait(0.5):
                try:
                    check(health_pb2.HealthCheckRequest(), timeout=1)
                    self.good += 1
                except grpc.RpcError:
                    self.bad += 1

    def __enter__(self) -> "_Health":
        self._thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self._stop.set()
        self._thread.join()


def _passed(good: bool) -> str:
    return "reached" if good else "NOT reached"


if __name__ == "__main__":
    start = time.monotonic()
    main()
    print(f"took {time.monotonic() - start:.0f} s")
