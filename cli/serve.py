"""``drumsmith serve``: an exported model over gRPC."""

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

HELP = "serve exported models over gRPC, as TF Serving does"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "models", metavar="MODELS", type=Path, nargs="?", help="folder of exported versions"
    )
    source.add_argument(
        "--model-config-file",
        type=Path,
        help="TF Serving's model_server_config, for several models, versions and version labels",
    )
    parser.add_argument(
        "--port", type=int, default=8500, help="0 takes a free one and prints it (default: 8500)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address (default: 127.0.0.1)")
    parser.add_argument("--name", default="drums", help="name of the model (default: drums)")
    parser.add_argument(
        "--grace",
        type=float,
        default=10.0,
        help="seconds that calls in flight may take after SIGTERM or Ctrl-C (default: 10)",
    )
    parser.add_argument(
        "--threads", type=int, default=0, help="for computing; 0 takes all cores (default: 0)"
    )
    parser.add_argument(
        "--workers", type=int, default=32, help="calls handled at the same time (default: 32)"
    )
    parser.add_argument("--verbose", action="store_true", help="log every call")


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    # The C core writes lines of its own for what we report in ours.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    _log_to_stderr(args.verbose)
    from ..serving.server import Server, ServerOptions

    options = ServerOptions(
        host=args.host, port=args.port, workers=args.workers, threads=args.threads
    )
    server = Server(_configs(args), options)
    stop = _stop_event()
    _announce(server, args)
    stop.wait()
    print(f"stopping: calls in flight have {args.grace:g} s", flush=True)
    server.stop(args.grace)
    print("stopped", flush=True)
    return None


def _configs(args: argparse.Namespace) -> list:
    if args.model_config_file:
        from ..serving.model_config import read_config_file

        return read_config_file(args.model_config_file)
    from ..serving.served_model import ModelConfig

    return [ModelConfig(args.name, args.models)]


def _announce(server, args: argparse.Namespace) -> None:
    for name, model in server.registry.models.items():
        versions = ", ".join(map(str, model.available))
        print(f"serving {name} version {versions} on {args.host}:{server.port}", flush=True)


def _stop_event() -> threading.Event:
    """Return an event that SIGTERM or Ctrl-C sets; a second signal ends the process at once."""
    stop = threading.Event()

    def on_signal(number, frame):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop


def _log_to_stderr(verbose: bool) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("drumsmith.serving")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.DEBUG if verbose else logging.INFO)
    logger.propagate = False
