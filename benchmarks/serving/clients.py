"""The callers of the serving benchmarks, in a process of their own.

They are cheap, so that the server is measured and not they: requests are encoded once and sent as
bytes, answers are not decoded except the first of each connection. Every caller has a connection
of its own, as callers on other machines would.

    python benchmarks/serving/clients.py '{"target": ..., "clients": 16, "seconds": 6, ...}'

Prints a line when all connections are open and warm, then one JSON object: latencies in seconds of
answered calls (`good`), and of refused ones by status (`refused`).
"""

import collections
import json
import os
import sys
import threading
import time
from dataclasses import dataclass

import grpc
import numpy as np

from drumsmith.serving.client.connection import PREDICT
from drumsmith.serving.client.wire import ModelSpec, decode_predict_response, encode_predict_request

WARM_UP_CALLS = 3


@dataclass(frozen=True)
class Load:
    """What to do to a server.

    Args:
        target: HOST:PORT.
        clients: connections; each calls without pause when ``rate`` is 0.
        seconds: how long.
        sounds: in one request.
        signature: to call.
        rate: calls a second over all connections, at random moments, whether or not earlier ones
            are answered.
        latent_dim: of the model.
        cores: to run on; empty for all.
    """

    target: str
    clients: int
    seconds: float
    sounds: int = 1
    signature: str = "serving_default"
    rate: float = 0.0
    latent_dim: int = 100
    cores: tuple[int, ...] = ()


def request(sounds: int, signature: str, latent_dim: int = 100) -> bytes:
    """Return the bytes of a Predict call."""
    rng = np.random.default_rng(0)
    z = rng.standard_normal((sounds, latent_dim)).astype(np.float32)
    label = (np.arange(sounds) % 3).astype(np.int32)
    return encode_predict_request(ModelSpec("drums", signature=signature), {"z": z, "label": label})


def connect(target: str) -> grpc.Channel:
    """Return a connection of its own."""
    options = [
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.max_receive_message_length", 64 * 2**20),
    ]
    return grpc.insecure_channel(target, options)


class Callers:
    """Opens the connections, then makes the load."""

    def __init__(self, load: Load):
        self._load = load
        self._good: list[float] = []
        self._refused: dict[str, list[float]] = collections.defaultdict(list)
        self._message = request(load.sounds, load.signature, load.latent_dim)
        self._channels = [connect(load.target) for _ in range(load.clients)]
        self._calls = [channel.unary_unary(PREDICT) for channel in self._channels]
        for call in self._calls:
            for _ in range(WARM_UP_CALLS):
                answer = call(self._message, timeout=60)
            outputs = decode_predict_response(answer)[1]
            assert len(next(iter(outputs.values()))) == load.sounds

    def run(self) -> dict:
        """Make the load and return what came of it."""
        start = time.perf_counter()
        (self._open if self._load.rate else self._closed)()
        took = time.perf_counter() - start
        return {"good": self._good, "refused": self._refused, "seconds": took}

    def _closed(self) -> None:
        end = time.perf_counter() + self._load.seconds
        threads = [threading.Thread(target=self._repeat, args=(call, end)) for call in self._calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _repeat(self, call, end: float) -> None:
        while (start := time.perf_counter()) < end:
            try:
                call(self._message, timeout=60)
                self._good.append(time.perf_counter() - start)
            except grpc.RpcError as error:
                self._refused[error.code().name].append(time.perf_counter() - start)

    def _open(self) -> None:
        """Send at random moments; the calls are answered on threads of gRPC."""
        rng = np.random.default_rng(1)
        count = int(self._load.rate * self._load.seconds)
        moments = np.cumsum(rng.exponential(1 / self._load.rate, count))
        start = time.perf_counter()
        waiting = []
        for number, moment in enumerate(moments):
            while (ahead := start + moment - time.perf_counter()) > 0:
                time.sleep(ahead)
            call = self._calls[number % len(self._calls)]
            waiting.append(self._send(call))
        for done in waiting:
            done.wait(60)

    def _send(self, call) -> threading.Event:
        done = threading.Event()
        start = time.perf_counter()

        def answered(future) -> None:
            took = time.perf_counter() - start
            code = future.code()
            if code == grpc.StatusCode.OK:
                self._good.append(took)
            else:
                self._refused[code.name].append(took)
            done.set()

        call.future(self._message, timeout=60).add_done_callback(answered)
        return done


def main() -> None:
    """Make the load that the argument describes."""
    load = Load(**json.loads(sys.argv[1]))
    if load.cores:
        os.sched_setaffinity(0, set(load.cores))
    callers = Callers(load)
    # From here on the server's time is measured.
    print("ready", flush=True)
    result = callers.run()
    # Threads of closed connections would take their time.
    print(json.dumps(result), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
