"""The server's options: each says here what it is, and `drumsmith serve` makes a flag of it.

Loads nothing, so that `drumsmith serve --help` can show it at once.
"""
# ruff: noqa: RUF009 - what `_option` returns is a field.

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tls import Tls

SAFETY = "safety"


@dataclass(frozen=True)
class Flag:
    """How the command line takes an option.

    Attributes:
        words: its help.
        kind: makes the value from the flag's word; None for a flag without one.
        name: of the flag, where it is not the option's.
        metavar: what stands for the value.
        scale: the option's unit over the flag's.
        group: title of the group that the help shows it in.
        several: the flag may be repeated.

    """

    words: str
    kind: Callable[[str], Any] | None = int
    name: str = ""
    metavar: str | None = None
    scale: int | None = None
    group: str = ""
    several: bool = False


def _option(default: Any, words: str, *, grpc: tuple[str, ...] = (), **how: Any) -> Any:
    """Declare an option; ``grpc`` names the arguments of gRPC's server that it is the value of."""
    metadata = {"flag": Flag(words, **how), "grpc": grpc}
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class ServerOptions:
    """How the server listens and what it takes.

    What a field's words leave out:

    - ``concurrency``: an accepted call waits for so many others at most, so the longest answer
      takes about this number divided by the server's calls per second. Health checks are never
      refused.
    - ``poll_s``: seconds between looks at the models' folders.
    - ``reload_token_file``: whoever names a model to load runs code in this process.
    """

    host: str = _option("127.0.0.1", "address to listen on", kind=str)
    port: int = _option(8500, "0 takes a free one and prints it")
    rest_port: int | None = _option(
        None, "also answer TF Serving's REST interface and Prometheus here (default: off)"
    )
    metrics_port: int | None = _option(
        None, "metrics and health alone over plain HTTP, for Prometheus and probes (default: off)"
    )
    threads: int = _option(0, "for computing, of each model; 0 takes all cores")
    workers: int | None = _option(
        None, "calls handled at the same time (default: all accepted ones)"
    )
    concurrency: int = _option(
        64, "calls accepted at the same time; more are refused at once, with RESOURCE_EXHAUSTED"
    )
    sounds: int | None = _option(
        None,
        "sounds that accepted calls may ask for at the same time; calls beyond are refused at once "
        "(default: 16 times --concurrency)",
    )
    connections: int = _option(
        512,
        "connections open at the same time, on each port; more are closed at once",
        grpc=("grpc.max_allowed_incoming_connections",),
    )
    max_message_bytes: int = _option(
        64 * 2**20,
        "largest request and answer in MiB",
        grpc=("grpc.max_receive_message_length", "grpc.max_send_message_length"),
        name="--max-message-mb",
        metavar="MIB",
        scale=2**20,
    )
    request_s: float = _option(
        60.0,
        "for a whole REST request, from its first byte to the answer's last",
        kind=float,
        name="--request-timeout",
        metavar="SECONDS",
    )
    max_connection_age_s: float | None = _option(
        None,
        "close gRPC connections after about so long, once their calls are over, so that callers "
        "find new replicas (default: never)",
        grpc=("grpc.max_connection_age_ms",),
        kind=float,
        name="--max-connection-age",
        metavar="SECONDS",
    )
    token_file: Path | None = _option(
        None, "holds a token that callers must show; may be replaced", kind=Path, group=SAFETY
    )
    reload_token_file: Path | None = _option(
        None,
        "holds the token for HandleReloadConfigRequest, which is off without: a model is code",
        kind=Path,
        group=SAFETY,
    )
    cors_origins: tuple[str, ...] = _option(
        (),
        "let scripts of this web page, such as https://drums.example, call the REST interface; may "
        "be repeated, * lets all (default: none)",
        kind=str,
        name="--cors-origin",
        metavar="ORIGIN",
        group=SAFETY,
        several=True,
    )
    allow_plaintext: bool = _option(
        False, "listen beyond this machine without TLS", kind=None, group=SAFETY
    )
    tls: "Tls | None" = None
    poll_s: float = 1.0

    def grpc_arguments(self) -> list[tuple[str, Any]]:
        """Return what the options say to gRPC's server; a time of 0 or None is no limit."""
        arguments = []
        for option in dataclasses.fields(self):
            value = getattr(self, option.name)
            for name in option.metadata.get("grpc", ()):
                if not name.endswith("_ms"):
                    arguments.append((name, value))
                elif value:
                    arguments.append((name, int(1000 * value)))
        return arguments
