"""Can bytes bring the server down?

Sends broken, cut, spliced and hostile Predict requests to a real server and counts the statuses.
Fails if the server dies, answers nothing, or calls a bad request its own mistake (INTERNAL,
UNKNOWN).

    python benchmarks/serving/fuzz.py MODELS [--inputs 20000] [--seed 0]
"""

import argparse
import collections
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
from tensorflow_serving.apis import predict_pb2

from drumsmith.serving.client.connection import PREDICT
from drumsmith.serving.export.warmup import sample_inputs
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.signatures import SIGNATURES
from drumsmith.serving.saved_model.versions import find_version
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.predict.tensors import encode_tensor
from drumsmith.serving.server.server import Server

OURS = {"INTERNAL", "UNKNOWN", "DATA_LOSS", "UNAVAILABLE"}
AT_ONCE = 32


def main() -> int:
    """Run the fuzzer; 1 if the server failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with Server([ModelConfig("drums", args.models)], ServerOptions(port=0)) as server:
        start = time.monotonic()
        codes = fuzz(f"127.0.0.1:{server.port}", args.models, args.inputs, args.seed)
    print(f"{sum(codes.values())} inputs in {time.monotonic() - start:.0f} s: {dict(codes)}")
    return int(bool(OURS & set(codes)))


def fuzz(target: str, models: Path, count: int, seed: int) -> collections.Counter:
    """Send ``count`` bad requests and return how often each status came back."""
    good = list(_good_requests(models))
    codes: collections.Counter = collections.Counter()
    with grpc.insecure_channel(target) as channel:
        call = channel.unary_unary(PREDICT)
        waiting: collections.deque = collections.deque()
        for message in _bad_requests(good, count, np.random.default_rng(seed)):
            waiting.append(call.future(message, timeout=30))
            if len(waiting) >= AT_ONCE:
                codes[waiting.popleft().code().name] += 1
        for future in waiting:
            codes[future.code().name] += 1
        # It is alive, and a good request is still answered.
        call(good[0], timeout=30)
    return codes


def _good_requests(models: Path) -> Iterator[bytes]:
    _, folder = find_version(models)
    description = Description.read(folder)
    for signature in SIGNATURES:
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "drums"
        request.model_spec.signature_name = signature
        for alias, value in sample_inputs(description, signature, 2).items():
            encode_tensor(value, request.inputs[alias])
        yield request.SerializeToString()


def _bad_requests(good: list[bytes], count: int, rng: np.random.Generator) -> Iterator[bytes]:
    ways = (_noise, _flipped, _cut, _spliced, _hostile)
    for _ in range(count):
        yield ways[rng.integers(len(ways))](good, rng)


def _pick(good: list[bytes], rng: np.random.Generator) -> bytes:
    return good[rng.integers(len(good))]


def _noise(good: list[bytes], rng: np.random.Generator) -> bytes:
    return rng.bytes(rng.integers(200))


def _flipped(good: list[bytes], rng: np.random.Generator) -> bytes:
    message = bytearray(_pick(good, rng))
    for position in rng.integers(len(message), size=rng.integers(1, 8)):
        message[position] = rng.integers(256)
    return bytes(message)


def _cut(good: list[bytes], rng: np.random.Generator) -> bytes:
    message = _pick(good, rng)
    return message[: rng.integers(len(message))]


def _spliced(good: list[bytes], rng: np.random.Generator) -> bytes:
    first, second = _pick(good, rng), _pick(good, rng)
    return first[: rng.integers(len(first))] + second[rng.integers(len(second)) :]


def _hostile(good: list[bytes], rng: np.random.Generator) -> bytes:
    """Return a request that parses, whose tensors lie about themselves."""
    request = predict_pb2.PredictRequest.FromString(_pick(good, rng))
    sizes = (-1, 0, 1, 7, 2**20, 2**31, 2**40, 2**62)
    for alias in list(request.inputs):
        tensor = request.inputs[alias]
        tensor.dtype = int(rng.integers(0, 130))
        del tensor.tensor_shape.dim[:]
        for _ in range(rng.integers(4)):
            tensor.tensor_shape.dim.add(size=sizes[rng.integers(len(sizes))])
        if rng.random() < 0.3:
            tensor.tensor_content = rng.bytes(rng.integers(64))
    return request.SerializeToString()


if __name__ == "__main__":
    sys.exit(main())
