"""What a server is compared with: its graph without a server, and a server without its graph.

Both run in processes of their own, on the server's cores, for as long as the measurements last, so
that each figure can be taken again beside the one that it is compared with.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from server_process import Cores, Listening

IN_PROCESS = """
import json, os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.sched_setaffinity(0, json.loads(sys.argv[3]))
from pathlib import Path
import numpy as np
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.session import SavedModelSession
from drumsmith.serving.export.warmup import sample_inputs
folder, signature = Path(sys.argv[1]), sys.argv[2]
description = Description.read(folder)
with SavedModelSession(folder) as session:
    for line in sys.stdin:
        batch, seconds = json.loads(line)
        inputs = sample_inputs(description, signature, batch)
        for _ in range(3):
            session.run(inputs, signature=signature)
        took, busy, end = [], time.process_time(), time.perf_counter() + seconds
        while (start := time.perf_counter()) < end or len(took) < 5:
            session.run(inputs, signature=signature)
            took.append(time.perf_counter() - start)
        busy = (time.process_time() - busy) / len(took) / batch
        print(json.dumps([float(np.median(took)), batch * len(took) / sum(took), busy]), flush=True)
"""

EMPTY = """
import json, os, sys
os.sched_setaffinity(0, json.loads(sys.argv[2]))
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import grpc
answer = Path(sys.argv[1]).read_bytes()
handler = grpc.unary_unary_rpc_method_handler(lambda request, context: answer)
class Everything(grpc.GenericRpcHandler):
    def service(self, details):
        return handler
server = grpc.server(ThreadPoolExecutor(72), options=[("grpc.max_send_message_length", -1)])
server.add_generic_rpc_handlers([Everything()])
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(f"nothing on 127.0.0.1:{port}", flush=True)
server.wait_for_termination()
"""


@dataclass(frozen=True)
class Alone:
    """What the graph gives in-process with one batch size.

    ``latency_s`` is the median of one run, ``rate`` sounds a second, ``cpu_s`` the processor time
    of a sound.
    """

    latency_s: float
    rate: float
    cpu_s: float


class InProcess:
    """A version in a session, without a server; a context manager.

    Args:
        version: folder of the version.
        signature: to run.
        cores: those of the server are taken.

    """

    def __init__(self, version: Path, signature: str, cores: Cores):
        command = [sys.executable, "-c", IN_PROCESS, str(version), signature]
        self._process = subprocess.Popen(
            [*command, json.dumps(cores.server)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def measure(self, batch: int, seconds: float) -> Alone:
        """Run a batch again and again."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([batch, seconds]), file=self._process.stdin, flush=True)
        return Alone(*json.loads(self._process.stdout.readline()))

    def __enter__(self) -> "InProcess":
        return self

    def __exit__(self, *exception) -> None:
        self._process.communicate(timeout=20)


class EmptyServer(Listening):
    """A gRPC server in Python that gives every call the same answer: nothing can cost less.

    Args:
        answer: the bytes.
        cores: as for the server that it is compared with.

    """

    def __init__(self, answer: bytes, cores: Cores):
        with tempfile.NamedTemporaryFile() as file:
            file.write(answer)
            file.flush()
            command = [sys.executable, "-c", EMPTY, file.name, json.dumps(cores.server)]
            super().__init__(command, cores)
