"""Does SIGTERM end the server, whenever it comes?

Starts `drumsmith serve` again and again and sends SIGTERM at a random moment: while Python imports,
while the model loads, while it warms up, or while callers call. Each time the process must end by
itself within the limit, with 0 once it has begun (before that the system ends it, -15, or the
command says `interrupted`, 130), and without a traceback.

    python benchmarks/serving/signals.py MODELS [--times 50] [--seconds 15] [--seed 0]

Ends with a line that begins `signals`.
"""

import argparse
import collections
import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from drumsmith.serving.client.client import Client
from drumsmith.serving.client.errors import ClientError

LIMIT_S = 60.0
GOOD_CODES = {0, 130, -signal.SIGTERM}


def main() -> int:
    """Run the trials; 1 if one went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=15.0, help="latest moment")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    moments = random.Random(args.seed)
    ends: collections.Counter = collections.Counter()
    wrong: list[str] = []
    slowest = 0.0
    for _ in range(args.times):
        moment = moments.uniform(0, args.seconds)
        code, was, took, errors = _trial(args.models, moment)
        ends[f"{was}, exit {code}"] += 1
        slowest = max(slowest, took)
        if code not in GOOD_CODES or "Traceback" in errors:
            wrong.append(f"after {moment:.2f} s ({was}): exit {code}, {errors[-300:]}")
    print(f"signals {args.times}: {dict(ends)}, slowest end {slowest:.1f} s, {len(wrong)} wrong")
    for line in wrong:
        print(line)
    return int(bool(wrong))


def _trial(models: Path, moment: float) -> tuple[int | None, str, float, str]:
    """Return the exit code, what the server was doing, how long its end took, and its words."""
    command = [sys.executable, "-m", "drumsmith.cli.main", "serve", str(models), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        ready = threading.Event()
        caller = threading.Thread(target=_call, args=(server, ready))
        caller.start()
        time.sleep(moment)
        was = "serving" if ready.is_set() else "starting"
        start = time.monotonic()
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            server.kill()
            return None, was, time.monotonic() - start, "it did not end"
        took = time.monotonic() - start
        caller.join(LIMIT_S)
        assert server.stderr
        return server.returncode, was, took, server.stderr.read()


def _call(server: subprocess.Popen, ready: threading.Event) -> None:
    """Wait for the server's address, then call without pause until nobody answers."""
    assert server.stdout
    line = server.stdout.readline()
    if not line:
        return
    ready.set()
    with Client(line.split()[-1], timeout_s=5) as client, contextlib.suppress(ClientError):
        while True:
            client.generate("kick", n=4, seed=1)


if __name__ == "__main__":
    sys.exit(main())
