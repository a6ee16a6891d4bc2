"""``drumsmith generate``: sounds of a label, as WAV files."""

import argparse
import atexit
import gc
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ..common.errors import UserError

HELP = "make sounds of a label: with the pretrained model, one of yours, or a server"
EXTRA = "serve"
ELSEWHERE = "or ask a server that has it: --server HOST:PORT"

LARGEST_SEED = 2**63 - 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""
    parser.add_argument("label", metavar="LABEL", help="what to make, such as kick")
    parser.add_argument("-n", "--count", type=int, default=1, help="how many (default: 1)")
    parser.add_argument(
        "--seed",
        type=int,
        help="of the first sound; the next has SEED + 1 and so on (default: drawn at random). "
        "A file's name holds its seed, which makes the same sound again",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("sounds"), help="folder to write to (default: sounds)"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files that hold another sound"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--models",
        type=Path,
        help="folder of exported models (default: the pretrained model)",
    )
    source.add_argument("--server", metavar="HOST:PORT", help="a running server")
    parser.add_argument("--name", default="drums", help="model on the server (default: drums)")
    parser.add_argument(
        "--version", type=int, dest="model_version", help="of the model (default: the newest)"
    )
    parser.add_argument("--ca", type=Path, help="who signs the server's certificate: speaks TLS")
    parser.add_argument("--cert", type=Path, help="our certificate, for mutual TLS")
    parser.add_argument("--key", type=Path, help="its key")
    parser.add_argument("--token-file", type=Path, help="holds the token to show to the server")
    parser.add_argument(
        "--timeout", type=float, default=30.0, help="seconds for a server's answer (default: 30)"
    )


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    seeds = _seeds(args)
    with _source(args) as source:
        audio = _generate(source, args, seeds)
        sample_rate = source.sample_rate
    from ..common.sound_files import sound_name, write_sounds

    names = [sound_name(args.label, seed) for seed in seeds]
    written = write_sounds(args.out, audio, names, sample_rate, overwrite=args.overwrite)
    # At its end the interpreter would search TensorFlow's modules for garbage: 0.9 s for nothing.
    atexit.register(gc.freeze)
    for path in written.paths:
        print(path)
    if written.unchanged:
        print(f"{written.unchanged} of them held this sound already")
    return None


def _seeds(args: argparse.Namespace) -> list[int]:
    if args.count < 1:
        raise UserError(f"-n must be at least 1, but is {args.count}")
    first = secrets.randbits(31) if args.seed is None else args.seed
    if not -LARGEST_SEED <= first <= LARGEST_SEED - args.count:
        raise UserError(f"--seed must fit into 64 bits, but is {first}")
    return list(range(first, first + args.count))


def _source(args: argparse.Namespace) -> AbstractContextManager[Any]:
    # Each branch imports its own: asking a server must not load TensorFlow.
    if args.server:
        from ..serving.client.client import Client

        return Client(
            args.server,
            model=args.name,
            version=args.model_version,
            timeout_s=args.timeout,
            credentials=_credentials(args),
            token=_content(args.token_file).decode().strip() if args.token_file else None,
        )
    from ..serving.pretrained import pretrained_models
    from ..serving.saved_model.local_model import LocalModel

    return LocalModel(args.models or pretrained_models(), args.model_version)


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


def _generate(source: Any, args: argparse.Namespace, seeds: Sequence[int]) -> Any:
    if not args.server:
        return source.seeded(seeds, [_number(source.labels, args.label)] * len(seeds))
    from ..serving.client.errors import ClientError, TryAgainError

    try:
        number = _number(source.labels, args.label)
        return source.seeded(seeds, [number] * len(seeds))
    except TryAgainError as error:
        raise UserError(
            f"no answer from {args.server} ({_reason(error)}); is it up? "
            "Start one with: drumsmith serve MODELS"
        ) from error
    except ClientError as error:
        raise UserError(str(error)) from error


def _number(labels: Sequence[str], label: str) -> int:
    if label not in labels:
        raise UserError(f"no label {label!r}; the model knows {', '.join(labels)}")
    return labels.index(label)


def _reason(error: Any) -> str:
    return f"{error.code.name}: {error.details.splitlines()[0]}"
