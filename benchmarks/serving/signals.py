"""Does SIGTERM end the server, whenever it comes, and is no call lost?

Measures how long `drumsmith serve` takes to its first answer, then starts it again and again and
sends SIGTERM at moments spread over 1.5 times that: while Python imports, while the model loads,
while it warms up, and while callers call. Each time the process must end by itself, with 0 once it
has begun (before that the system ends it, -15, or the command says `interrupted`, 130), and without
a traceback. Every call must end in the right sounds, in `shutting down`, or in finding nobody: one
that breaks off was lost.

    python benchmarks/serving/signals.py MODELS [--times 50] [--reach 1.5] [--at-once 1] [--seed 0]

`--at-once` starts several servers side by side, also while a start is measured. Ends with a line
that begins `signals`.
"""

import argparse
import collections
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import numpy as np

from drumsmith.serving.client.connection import PREDICT
from drumsmith.serving.client.wire import ModelSpec, decode_predict_response, encode_predict_request

LIMIT_S = 120.0
GOOD_CODES = {0, 130, -signal.SIGTERM}
CALLERS = 4
SOUNDS = 4
STARTS = 3
TOLERANCE = 1e-4
"""The same seed is the same sound up to rounding; see serving/README.md."""

GOING, NOBODY = "shutting down", "nobody there"


@dataclass
class Trial:
    """What came of one start.

    Attributes:
        moment: seconds from the start to the signal.
        was: what the server was doing.
        code: its exit code; None if it did not end.
        took: seconds from the signal to the end.
        errors: the server's words.
        calls: how the callers' calls ended.
    """

    moment: float
    was: str = "starting"
    code: int | None = None
    took: float = 0.0
    errors: str = ""
    calls: collections.Counter = field(default_factory=collections.Counter)

    def faults(self) -> list[str]:
        """Return what went wrong, in words."""
        found = []
        if self.code not in GOOD_CODES or (self.was != "starting" and self.code):
            found.append(f"exit {self.code}")
        if "Traceback" in self.errors:
            found.append(self.errors[-300:])
        found += [f"{n} calls: {end}" for end, n in self.calls.items() if end not in GOOD_ENDS]
        return [f"after {self.moment:.2f} s ({self.was}): {words}" for words in found]


GOOD_ENDS = {"right", GOING, NOBODY}


def main() -> int:
    """Run the trials; 1 if one went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--reach", type=float, default=1.5, help="latest moment, in starts")
    parser.add_argument("--at-once", type=int, default=1, help="servers side by side")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    trials = []
    with ThreadPoolExecutor(args.at_once) as pool:
        starts = list(pool.map(lambda _: _start(args.models), range(max(STARTS, args.at_once))))
        start_s, right = statistics.median(took for took, _ in starts), starts[0][1]
        reach_s = args.reach * start_s
        print(f"a start takes {start_s:.1f} s; moments up to {reach_s:.1f} s", flush=True)
        moments = _moments(args.times, reach_s, args.seed)
        for trial in pool.map(lambda moment: _trial(args.models, moment, right), moments):
            trials.append(trial)
            print(f"after {trial.moment:.1f} s, {trial.was}: exit {trial.code}", flush=True)
            for line in trial.faults():
                print(line, flush=True)
    ends = collections.Counter(f"{t.was}, exit {t.code}" for t in trials)
    calls = sum((t.calls for t in trials), collections.Counter())
    wrong = sum(bool(t.faults()) for t in trials)
    print(
        f"signals {args.times}: {dict(ends.most_common())}; calls {dict(calls.most_common())}; "
        f"slowest end {max(t.took for t in trials):.1f} s; {wrong} wrong"
    )
    return int(bool(wrong))


def _moments(times: int, reach: float, seed: int) -> list[float]:
    """Return one random moment in each of as many equal spans, in random order."""
    draw = random.Random(seed)
    moments = [(i + draw.random()) / times * reach for i in range(times)]
    draw.shuffle(moments)
    return moments


def _start(models: Path) -> tuple[float, np.ndarray]:
    """Return how long a start takes to the first answer, and that answer."""
    begun = time.monotonic()
    with _server(models) as server:
        assert server.stdout
        target = server.stdout.readline().split()[-1]
        with grpc.insecure_channel(target) as channel:
            right = _audio(channel.unary_unary(PREDICT)(MESSAGE, timeout=LIMIT_S))
        took = time.monotonic() - begun
        server.terminate()
    return took, right


def _server(models: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "drumsmith.cli.main", "serve", str(models), "--port", "0"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _message() -> bytes:
    inputs = {
        "seed": np.arange(SOUNDS, dtype=np.int64),
        "label": np.zeros(SOUNDS, np.int32),
    }
    return encode_predict_request(ModelSpec("drums", signature="seeded"), inputs)


MESSAGE = _message()


def _audio(answer: bytes) -> np.ndarray:
    return decode_predict_response(answer)[1]["audio"]


def _trial(models: Path, moment: float, right: np.ndarray) -> Trial:
    trial = Trial(moment)
    with _server(models) as server:
        callers = threading.Thread(target=_wait_and_call, args=(server, trial, right))
        callers.start()
        time.sleep(moment)
        if trial.calls:
            trial.was = "answering"
        begun = time.monotonic()
        server.send_signal(signal.SIGTERM)
        try:
            trial.code = server.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            server.kill()
        trial.took = time.monotonic() - begun
        callers.join(LIMIT_S)
        assert server.stderr
        trial.errors = server.stderr.read()
    return trial


def _wait_and_call(server: subprocess.Popen, trial: Trial, right: np.ndarray) -> None:
    """Wait for the server's address, then call without pause until nobody answers."""
    assert server.stdout
    line = server.stdout.readline()
    if not line:
        return
    trial.was = "listening"
    args = (line.split()[-1], trial, right)
    callers = [threading.Thread(target=_call, args=args) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()


def _call(target: str, trial: Trial, right: np.ndarray) -> None:
    # A connection of its own, and no second try: every call's own end is wanted.
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
    with grpc.insecure_channel(target, options) as channel:
        call = channel.unary_unary(PREDICT)
        end = "right"
        while end == "right":
            end = _end_of(call, right)
            with _LOCK:
                trial.calls[end] += 1


_LOCK = threading.Lock()


def _end_of(call: grpc.UnaryUnaryMultiCallable, right: np.ndarray) -> str:
    try:
        audio = _audio(call(MESSAGE, timeout=LIMIT_S))
    except grpc.RpcError as error:
        code, words = error.code(), error.details() or ""
        if code == grpc.StatusCode.UNAVAILABLE and GOING in words:
            return GOING
        if code == grpc.StatusCode.UNAVAILABLE and "onnection refused" in words:
            return NOBODY
        return f"{code.name}: {words[:100]}"
    if audio.shape != right.shape or np.abs(audio - right).max() > TOLERANCE:
        return "wrong sounds"
    return "right"


if __name__ == "__main__":
    sys.exit(main())
