import subprocess
import sys

SERVING = """
import json, sys, urllib.request
from pathlib import Path
from drumsmith.serving.saved_model import quick_tensorflow
from drumsmith.serving.client.client import Client
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

server = Server([ModelConfig("drums", Path(sys.argv[1]))], ServerOptions(port=0, rest_port=0))
with Client(f"localhost:{server.port}") as client:
    print(len(client.generate("kick", n=2, seed=1).audio))
    client.status()
body = json.dumps({"inputs": {"z": [[0.0] * 8], "label": [0]}}).encode()
predict = f"http://localhost:{server.rest_port}/v1/models/drums:predict"
print(len(json.load(urllib.request.urlopen(predict, body))["outputs"]))
urllib.request.urlopen(f"http://localhost:{server.rest_port}/v1/models/drums/metadata").read()
server.stop()
print(sorted({"keras", "matplotlib", "scipy", "tensorflow._api"} & set(sys.modules)))
"""


def test_a_server_answers_with_what_runs_a_model_alone(models):
    done = subprocess.run(
        [sys.executable, "-c", SERVING, str(models)], capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["2", "1", "[]"], done.stderr
