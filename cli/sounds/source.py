"""Options that say which model makes the sounds, and the model that they mean."""

import argparse
import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...common.errors import UserError

ELSEWHERE = "or ask a server that has it: --server HOST:PORT"


def add_source_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `open_source` reads."""
    group = parser.add_argument_group("model")
    source = group.add_mutually_exclusive_group()
    source.add_argument(
        "--models",
        type=Path,
        help="folder of exported models (default: the pretrained model)",
    )
    source.add_argument("--server", metavar="HOST:PORT", help="a running server")
    group.add_argument("--name", default="drums", help="model on the server (default: drums)")
    group.add_argument(
        "--version", type=int, dest="model_version", help="of the model (default: the newest)"
    )
    group.add_argument("--ca", type=Path, help="who signs the server's certificate: speaks TLS")
    group.add_argument("--cert", type=Path, help="our certificate, for mutual TLS")
    group.add_argument("--key", type=Path, help="its key")
    group.add_argument("--token-file", type=Path, help="holds the token to show to the server")
    group.add_argument(
        "--timeout", type=float, default=30.0, help="seconds for a server's answer (default: 30)"
    )


@contextmanager
def open_source(args: argparse.Namespace, model_id: str | None = None) -> Iterator[Any]:
    """Yield the model: a `Client` or a `LocalModel`; a server's refusals become `UserError`.

    Args:
        args: with what `add_source_options` added.
        model_id: take the version of this id, whichever number it has.

    Raises:
        UserError: there is no such model, or the server does not answer.

    """
    if not args.server:
        with _local(args, model_id) as model:
            yield model
        return
    # Each branch imports its own: asking a server must not load TensorFlow.
    from ...serving.client.errors import ClientError, TryAgainError

    try:
        with _client(args) as client:
            _require_id(client.model_id, model_id, f"the server at {args.server}")
            yield client
    except TryAgainError as error:
        reason = error.details.splitlines()[0]
        raise UserError(
            f"no answer from {args.server} ({error.code.name}: {reason}); is it up? "
            "Start one with: drumsmith serve MODELS"
        ) from error
    except ClientError as error:
        raise UserError(str(error)) from error


def _local(args: argparse.Namespace, model_id: str | None) -> Any:
    from ...serving.pretrained import pretrained_models
    from ...serving.saved_model.local_model import LocalModel

    models = args.models or pretrained_models()
    if args.models and not models.is_dir():
        raise UserError(f"no folder {models}: --models takes a folder of exported models")
    version = args.model_version
    if model_id is not None:
        version = _version_of(models, model_id, version)
    # At its end the interpreter would search TensorFlow's modules for garbage: 0.9 s for nothing.
    atexit.register(gc.freeze)
    return LocalModel(models, version)


def _version_of(models: Path, model_id: str, version: int | None) -> int:
    from ...serving.saved_model.description import Description
    from ...serving.saved_model.versions import find_version, list_versions

    if version is not None:
        number, folder = find_version(models, version)
        _require_id(Description.read(folder).model_id, model_id, f"version {number} of {models}")
        return number
    known = {}
    for number, folder in list_versions(models).items():
        try:
            known[Description.read(folder).model_id] = number
        except UserError:
            continue  # Another program's export; it cannot be the one.
    if model_id not in known:
        found = ", ".join(known) or "none"
        raise UserError(
            f"this sound needs model {model_id}, but {models} holds {found}; "
            "name the folder that has it with --models, or a server with --server"
        )
    return known[model_id]


def _require_id(found: str, wanted: str | None, where: str) -> None:
    if wanted is not None and found != wanted:
        raise UserError(f"this sound needs model {wanted}, but {where} has {found}")


def _client(args: argparse.Namespace) -> Any:
    from ...serving.client.client import Client

    return Client(
        args.server,
        model=args.name,
        version=args.model_version,
        timeout_s=args.timeout,
        credentials=_credentials(args),
        token=_content(args.token_file).decode().strip() if args.token_file else None,
    )


def _credentials(args: argparse.Namespace) -> Any:
    if not args.ca:
        return None
    import grpc

    pair = (_content(args.key), _content(args.cert)) if args.cert and args.key else (None, None)
    return grpc.ssl_channel_credentials(_content(args.ca), *pair)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
