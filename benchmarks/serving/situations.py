"""What does each client do in each situation?

Starts `drumsmith serve` with TLS and a token, then puts `Client` and `AsyncClient` into the
situations that a caller meets: in this Python, and in each Python of `--light`, an interpreter that
has numpy and grpcio alone. Every one is a process and every situation a connection of its own.

    python benchmarks/serving/situations.py MODELS [--light PYTHON ...]

Prints a table in Markdown; fails where a client did not do what the guide says. Needs openssl.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MANY = 512
TIMEOUT_S = 60.0

EXPECTED = {
    "first sound": "1 sound",
    "unknown label": "UnknownLabelError",
    "bad token": "AccessError",
    "wrong certificate": "TlsError",
    "server down": "UnavailableError",
    "deadline": "DeadlineError",
    f"{MANY} sounds in one call": f"{MANY} sounds",
}


def main() -> int:
    """Print the table; 1 if a cell is not as expected."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", help="folder of exported versions")
    parser.add_argument("--light", type=Path, nargs="+", default=[], metavar="PYTHON")
    # What this file is called with by itself, in the interpreter to be tried.
    parser.add_argument("--as", dest="kind", choices=("Client", "AsyncClient"))
    args = parser.parse_args()
    if args.kind:
        print(json.dumps(_tried(args.kind, json.loads(args.models))))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        columns = _measure(Path(args.models), args.light, Path(scratch))
    print(f"|  | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for situation in ["import", *EXPECTED]:
        print(f"| {situation} | {' | '.join(c[situation] for c in columns.values())} |")
    wrong = [
        f"{name}: {situation}: {column[situation]}"
        for name, column in columns.items()
        for situation, words in EXPECTED.items()
        if not column[situation].startswith(words)
    ]
    print(f"situations {len(EXPECTED) * len(columns)}: {len(wrong)} not as expected", *wrong)
    return int(bool(wrong))


def _measure(models: Path, light: list[Path], scratch: Path) -> dict[str, dict[str, str]]:
    from server_process import Cores, Served

    token = scratch / "token"
    token.write_text("0123456789abcdef")
    for name in ("server", "strange"):
        _certify(scratch, name)
    options = ["--token-file", token, "--tls-cert", scratch / "server.pem"]
    options += ["--tls-key", scratch / "server.key"]
    columns = {}
    with Served(models, Cores.split(True), *map(str, options)) as server:
        place = {
            "target": f"localhost:{server.target.rpartition(':')[2]}",
            "token": token.read_text(),
            "certificate": (scratch / "server.pem").read_text(),
            "strange": (scratch / "strange.pem").read_text(),
        }
        for python in [Path(sys.executable), *light]:
            for kind in ("Client", "AsyncClient"):
                column = _column(python, kind, place)
                columns[f"{kind}, {column['versions']}"] = column
    return columns


def _certify(folder: Path, name: str) -> None:
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)


def _column(python: Path, kind: str, place: dict[str, str]) -> dict[str, str]:
    command = [python, __file__, json.dumps(place), "--as", kind]
    # The checkout's folder is the package.
    environment = os.environ | {"PYTHONPATH": str(ROOT.parent), "GRPC_VERBOSITY": "NONE"}
    text = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(text.stdout)


def _tried(kind: str, place: dict[str, str]) -> dict[str, str]:
    """Return what a client does in each situation, and how long it takes."""
    start = time.perf_counter()
    import drumsmith

    generate = _once if kind == "Client" else _once_later
    cls = getattr(drumsmith, kind)
    imported = f"{time.perf_counter() - start:.2f} s"
    assert "tensorflow" not in sys.modules

    import grpc
    import numpy as np

    def trusting(certificate: str) -> dict[str, Any]:
        credentials = grpc.ssl_channel_credentials(place[certificate].encode())
        return {"credentials": credentials, "token": place["token"], "timeout_s": TIMEOUT_S}

    good, target = trusting("certificate"), place["target"]

    def ask(options: dict[str, Any], label: str, at: str = target, **more: Any) -> str:
        return _words(lambda: generate(cls, at, options, label, **more))

    ways = [
        lambda: ask(good, "kick", seed=1),
        lambda: ask(good, "gong"),
        lambda: ask(good | {"token": "wrong"}, "kick"),
        lambda: ask(trusting("strange"), "kick"),
        # Nobody listens on port 1.
        lambda: ask(good, "kick", at="localhost:1"),
        # Shorter than a round trip, and than what so many sounds take.
        lambda: ask(good | {"timeout_s": 0.001}, "kick", n=MANY),
        lambda: ask(good, "kick", n=MANY, seed=1),
    ]
    column = {situation: way() for situation, way in zip(EXPECTED, ways, strict=True)}
    python = ".".join(map(str, sys.version_info[:2]))
    versions = f"Python {python}, numpy {np.__version__}, grpcio {grpc.__version__}"
    return {"versions": versions, "import": imported, **column}


def _once(cls: Any, target: str, options: dict[str, Any], label: str, **more: Any) -> Any:
    with cls(target, **options) as client:
        return client.generate(label, **more)


def _once_later(cls: Any, target: str, options: dict[str, Any], label: str, **more: Any) -> Any:
    async def ask() -> Any:
        async with cls(target, **options) as client:
            return await client.generate(label, **more)

    return asyncio.run(ask())


def _words(generate: Callable[[], Any]) -> str:
    start = time.perf_counter()
    try:
        count = len(generate())
        words = f"{count} sound{'s' if count > 1 else ''}"
    except Exception as error:
        words = type(error).__name__
    return f"{words}, {1e3 * (time.perf_counter() - start):.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
