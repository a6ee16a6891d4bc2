"""``drumsmith serve``: an exported model over gRPC."""

import argparse
import gc
import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

from ...common.errors import UserError
from ...serving.server.options import SAFETY, ServerOptions
from .server_flags import add_server_flags, server_options

log = logging.getLogger("drumsmith.serving")

SIGNAL_WITHIN_S = 0.2
"""Seconds after which a signal is noticed at the latest."""

HELP = "serve exported models over gRPC, as TF Serving does"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "models",
        metavar="MODELS",
        type=Path,
        nargs="?",
        help="folder of exported versions (default: the pretrained model)",
    )
    source.add_argument(
        "--model-config-file",
        type=Path,
        help="TF Serving's model_server_config, for several models, versions and version labels",
    )
    add_server_flags(parser)
    parser.add_argument("--name", default="drums", help="name of the model")
    parser.add_argument(
        "--grace",
        type=float,
        default=10.0,
        help="seconds that calls in flight may take after SIGTERM or Ctrl-C",
    )
    parser.add_argument(
        "--engine",
        choices=("embedded", "tensorflow-serving"),
        default="embedded",
        help="our server, or the real TF Serving where it is installed",
    )
    safety = parser.add_argument_group(SAFETY)
    safety.add_argument("--tls-cert", type=Path, help="the server's certificate (PEM)")
    safety.add_argument("--tls-key", type=Path, help="the server's key (PEM)")
    safety.add_argument(
        "--client-ca", type=Path, help="who signs callers' certificates: demands one (mutual TLS)"
    )
    add_server_flags(safety, SAFETY)
    parser.add_argument("--verbose", action="store_true", help="log every call")
    parser.add_argument(
        "--log-format", choices=("text", "json"), default="text", help="of the log's lines"
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    # The C core writes lines of its own for what we report in ours.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    _log_to_stderr(args.verbose, args.log_format)
    if not (args.models or args.model_config_file):
        from ...serving.pretrained import pretrained_models

        args.models = pretrained_models()
    if args.engine == "tensorflow-serving":
        _become_tensorflow_serving(args)
    # Before anything is loaded: an exception, as Ctrl-C raises one, may be lost in a callback.
    stop = _stop_event()
    # First: the others then load a fifth of TensorFlow, where they would load all of it.
    from ...serving.saved_model import quick_tensorflow  # noqa: F401
    from ...serving.server.models.model_registry import StartCancelled
    from ...serving.server.server import Server

    try:
        server = Server(_configs(args), _options(args), cancelled=stop.cancelled)
    except StartCancelled:
        log.info("stopped before the start was complete")
        return None
    # TensorFlow's modules stay; without them the collector is done in a few milliseconds.
    gc.collect()
    gc.freeze()
    if not stop.is_set():
        _announce(server, args)
    # In turns: the system may hand a signal to any thread, and then nothing wakes the main thread,
    # in which Python runs its handler.
    while not stop.wait(SIGNAL_WITHIN_S):
        pass
    log.info("stopping; calls in flight have %g s", args.grace)
    ended = server.stop(args.grace)
    log.info("stopped")
    if not ended:
        # Threads deep in TensorFlow: the interpreter's own end would wait for them or die of them.
        sys.stdout.flush()
        os._exit(0)
    return None


def _become_tensorflow_serving(args: argparse.Namespace) -> NoReturn:
    from ...serving.server import tensorflow_serving

    if args.tls_cert or args.client_ca or args.token_file:
        raise UserError(
            "with TF Serving, TLS comes from its --ssl_config_file "
            "(serving/deploy/tensorflow-serving/tls.config.example), and there is no token"
        )
    tensorflow_serving.run(
        tensorflow_serving.command(
            args.models,
            name=args.name,
            port=args.port,
            rest_port=args.rest_port,
            config_file=args.model_config_file,
            allow_plaintext=args.allow_plaintext,
        )
    )


def _configs(args: argparse.Namespace) -> list:
    if args.model_config_file:
        from ...serving.server.models.model_config import read_config_file

        return read_config_file(args.model_config_file)
    from ...serving.server.models.served_model import ModelConfig

    return [ModelConfig(args.name, args.models)]


def _announce(server, args: argparse.Namespace) -> None:
    for name, model in server.registry.models.items():
        versions = ", ".join(map(str, model.available))
        print(f"serving {name} version {versions} on {args.host}:{server.port}", flush=True)
    if server.rest_port is not None:
        print(f"REST and metrics on {args.host}:{server.rest_port}", flush=True)
    if server.metrics_port is not None:
        print(f"metrics and health on {args.host}:{server.metrics_port}", flush=True)


class _Stop(threading.Event):
    """Set by SIGTERM or Ctrl-C.

    Attributes:
        loaded: a model is loaded, so that callers may come soon.

    """

    loaded = False

    def cancelled(self) -> bool:
        """Tell whether the start is not wanted any more; asked when a model is loaded."""
        self.loaded = True
        return self.is_set()


def _stop_event() -> _Stop:
    """Return an event that SIGTERM or Ctrl-C sets; a second signal ends the process at once."""
    stop = _Stop()

    def on_signal(number, frame):
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        stop.set()
        if not stop.loaded:
            # Nobody was served and nothing is written: there is nothing to wait for, and loading
            # may take long on a busy machine. Not by an exception, which may be lost.
            os.write(sys.stderr.fileno(), b"stopped before the start was complete\n")
            os._exit(0)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    return stop


def _options(args: argparse.Namespace) -> ServerOptions:
    from ...serving.server.tls import Tls

    if bool(args.tls_cert) != bool(args.tls_key) or (args.client_ca and not args.tls_cert):
        raise UserError("--tls-cert and --tls-key go together, and --client-ca only with them")
    tls = Tls(args.tls_cert, args.tls_key, args.client_ca) if args.tls_cert else None
    return server_options(args, tls=tls)


def _log_to_stderr(verbose: bool, form: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    if form == "json":
        from ...serving.server.calls.call_log import JsonLines

        handler.setFormatter(JsonLines())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.handlers[:] = [handler]
    log.setLevel(logging.DEBUG if verbose else logging.INFO)
    log.propagate = False
