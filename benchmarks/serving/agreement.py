"""Does every caller get the same sound?

Runs every signature of an export through `saved_model_cli run` (TensorFlow's own tool), the
embedded server with our client, and clients that no one here wrote: `ovmsclient`, which reads
signatures by itself and calls the default one, and `grpc-requests` and `buf curl`, which know
nothing but what reflection tells them. Prints the largest difference of each from the in-process
model.

    python benchmarks/serving/agreement.py MODELS [--foreign-python PYTHON] [--buf BUF]

`PYTHON` is an interpreter that has `ovmsclient` and `grpc-requests`. They cannot share a process
with TensorFlow: both bring messages of the same names. `BUF` is the program of npm's
`@bufbuild/buf`.
"""

import argparse
import base64
import io
import json
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import numpy as np
from google.protobuf import json_format
from tensorflow_serving.apis import predict_pb2

from drumsmith.serving.client.client import Client
from drumsmith.serving.export.warmup import sample_inputs
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.session import SavedModelSession
from drumsmith.serving.saved_model.signatures import DESCRIBE, SIGNATURES, WAV_BYTES
from drumsmith.serving.saved_model.versions import find_version
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.predict.tensors import decode_tensor, encode_tensor
from drumsmith.serving.server.server import Server
from drumsmith.serving.server.services import PREDICTION_SERVICE

BATCH = 3

OVMS = """
import json, sys
import numpy as np
from ovmsclient import make_grpc_client
folder, target = sys.argv[1:]
inputs = dict(np.load(f"{folder}/serving_default.npz"))
answer = make_grpc_client(target).predict(inputs, "drums")
np.save(f"{folder}/ovms.npy", answer)
"""

GRPC_REQUESTS = """
import base64, json, sys
import numpy as np
from grpc_requests import Client
folder, target, signature = sys.argv[1:]
inputs = dict(np.load(f"{folder}/{signature}.npz"))
kinds = {"f": (1, "float_val"), "i": (3, "int_val"), "q": (9, "int64_val"), "l": (9, "int64_val")}
def tensor(value):
    dtype, field = kinds[value.dtype.char]
    return {"dtype": dtype, "tensor_shape": {"dim": [{"size": n} for n in value.shape]},
            field: value.ravel().tolist()}
request = {"model_spec": {"name": "drums", "signature_name": signature},
           "inputs": {alias: tensor(value) for alias, value in inputs.items()}}
answer = Client.get_by_endpoint(target).request(
    "tensorflow.serving.PredictionService", "Predict", request)
print(json.dumps(answer["outputs"]))
"""


def main() -> int:
    """Run the comparison; 1 if anything differs by more than 1e-5."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path)
    parser.add_argument("--foreign-python", type=Path, help="of an environment with the clients")
    parser.add_argument("--buf", type=Path, help="the program, from npm's @bufbuild/buf")
    args = parser.parse_args()
    _, folder = find_version(args.models)
    description = Description.read(folder)
    inputs = {name: sample_inputs(description, name, BATCH) for name in SIGNATURES}
    with SavedModelSession(folder) as session:
        expected = {name: session.run(inputs[name], signature=name) for name in SIGNATURES}
    worst = 0.0
    with (
        tempfile.TemporaryDirectory() as scratch,
        Server([ModelConfig("drums", args.models)], ServerOptions(port=0)) as server,
    ):
        target = f"127.0.0.1:{server.port}"
        callers = [_SavedModelCli(folder, scratch), _OurClient(target)]
        if args.foreign_python:
            callers += [
                _Ovms(args.foreign_python, target, scratch),
                _GrpcRequests(args.foreign_python, target, scratch),
            ]
        if args.buf:
            callers.append(_BufCurl(args.buf, target, scratch))
        for name in SIGNATURES:
            np.savez(Path(scratch, f"{name}.npz"), **inputs[name])
            for caller in callers:
                if not caller.takes(name):
                    continue
                difference = _difference(caller.run(name, inputs[name]), expected[name])
                worst = max(worst, difference)
                print(f"{name:16} {caller.name:18} largest difference {difference:.1e}")
    print(f"agreement {'within' if worst <= 1e-5 else 'BEYOND'} 1e-5: {worst:.1e}")
    return int(worst > 1e-5)


class _OurClient:
    name = "embedded server"

    def __init__(self, target: str):
        self._client = Client(target)

    def takes(self, signature: str) -> bool:
        return True

    def run(self, signature: str, inputs: dict) -> dict:
        return self._client.predict(signature, inputs)


class _SavedModelCli:
    name = "saved_model_cli"

    def __init__(self, folder: Path, scratch: str):
        self._folder, self._scratch = folder, Path(scratch)

    def takes(self, signature: str) -> bool:
        # The tool refuses to run a signature that has no inputs.
        return signature != DESCRIBE

    def run(self, signature: str, inputs: dict) -> dict:
        """Run the tool, which writes one file for each output."""
        out = self._scratch / f"cli_{signature}"
        tool = Path(sys.executable).with_name("saved_model_cli")
        command = [str(tool), "run", "--dir", str(self._folder), "--tag_set", "serve"]
        command += ["--signature_def", signature, "--outdir", str(out), "--overwrite"]
        files = []
        for alias, value in inputs.items():
            path = self._scratch / f"{signature}_{alias}.npy"
            np.save(path, value)
            files.append(f"{alias}={path}")
        if files:
            command += ["--inputs", ";".join(files)]
        _checked(command)
        return {path.stem: np.load(path, allow_pickle=True) for path in out.glob("*.npy")}


class _Ovms:
    name = "ovmsclient"

    def __init__(self, python: Path, target: str, scratch: str):
        self._python, self._target, self._scratch = python, target, scratch

    def takes(self, signature: str) -> bool:
        return signature == "serving_default"

    def run(self, signature: str, inputs: dict) -> dict:
        _checked([str(self._python), "-c", OVMS, self._scratch, self._target])
        return {"audio": np.load(Path(self._scratch, "ovms.npy"))}


class _GrpcRequests:
    name = "grpc-requests"

    def __init__(self, python: Path, target: str, scratch: str):
        self._command = [str(python), "-c", GRPC_REQUESTS, scratch, target]

    def takes(self, signature: str) -> bool:
        return True

    def run(self, signature: str, inputs: dict) -> dict:
        answer = json.loads(_checked([*self._command, signature]))
        return {alias: _from_json(tensor) for alias, tensor in answer.items()}


class _BufCurl:
    """Learns the messages by reflection, so that it knows nothing but the address."""

    name = "buf curl"

    def __init__(self, buf: Path, target: str, scratch: str):
        self._scratch = Path(scratch)
        self._command = [str(buf), "curl", "--protocol", "grpc", "--http2-prior-knowledge"]
        self._url = f"http://{target}/{PREDICTION_SERVICE}/Predict"

    def takes(self, signature: str) -> bool:
        return True

    def run(self, signature: str, inputs: dict) -> dict:
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = "drums", signature
        for alias, value in inputs.items():
            encode_tensor(np.asarray(value), request.inputs[alias])
        path = self._scratch / f"{signature}.json"
        path.write_text(json_format.MessageToJson(request))
        text = _checked([*self._command, "--data", f"@{path}", self._url])
        response = json_format.Parse(text, predict_pb2.PredictResponse())
        return {alias: decode_tensor(proto) for alias, proto in response.outputs.items()}


def _from_json(tensor: dict) -> np.ndarray:
    dims = tensor.get("tensor_shape", {}).get("dim", [])
    shape = [int(dim["size"]) for dim in dims]
    if "string_val" in tensor:
        texts = [base64.b64decode(text) for text in tensor["string_val"]]
        return np.array(texts, object).reshape(shape)
    (values,) = (tensor[key] for key in ("float_val", "int_val", "int64_val") if key in tensor)
    return np.array(values, np.float64).reshape(shape)


def _difference(answer: dict, expected: dict) -> float:
    assert set(answer) == set(expected), f"outputs {set(answer)} instead of {set(expected)}"
    return max(_distance(alias, answer[alias], value) for alias, value in expected.items())


def _distance(alias: str, a: np.ndarray, b: np.ndarray) -> float:
    if alias == WAV_BYTES:
        # One step of 16 bits is rounding, not a difference.
        steps = np.abs(_samples(a) - _samples(b)).max()
        return 0.0 if steps <= 1 else float(steps) / 32768
    if np.asarray(b).dtype.kind in "OS":
        same = np.array_equal(np.asarray(a, object), np.asarray(b, object))
        return 0.0 if same else np.inf
    return float(np.abs(np.asarray(a, np.float64) - b).max())


def _samples(files: np.ndarray) -> np.ndarray:
    sounds = []
    for content in files.ravel():
        with wave.open(io.BytesIO(content)) as file:
            sounds.append(np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(int))
    return np.stack(sounds)


def _checked(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
