# PYTHON_ARGCOMPLETE_OK
"""The ``drumsmith`` command: parses, calls one subcommand, turns errors into one line."""

import argparse
import errno
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

from .. import __version__
from ..common.errors import UserError
from ..common.likely import no_such

SUBCOMMANDS = {
    "prepare": "training.prepare",
    "inspect": "training.inspect",
    "train": "training.train",
    "tune": "training.tune",
    "export": "training.export",
    "serve": "serving.serve",
    "generate": "sounds.generate",
    "like": "sounds.like",
    "recall": "sounds.recall",
    "info": "sounds.info",
    "vary": "sounds.vary",
    "path": "sounds.path",
    "kit": "sounds.kit",
    "beat": "sounds.beat",
    "models": "serving.models",
    "evaluate": "evaluation.evaluate",
    "plot": "evaluation.plot",
    "examples": "evaluation.examples",
    "doctor": "training.doctor",
    "demo": "demo",
}
"""Each subcommand in the order of the help, and the module in this folder that is it."""

USERS_MISTAKE = 2
OUR_MISTAKE = 1
INTERRUPTED = 130
READER_GONE = 141

KITS_PACKAGES = ("matplotlib", "mido", "rich", "scipy", "soundfile", "soxr", "yaml")
"""What the extra `kits` brings to the commands about sounds, and a plain installation lacks."""

DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: the arguments without the program's name; ``sys.argv`` by default.

    Returns:
        The exit code: 0, 2 for the user's mistakes, 1 for ours, 130 after Ctrl-C, 141
        if nobody reads the output to its end.

    """
    # TensorFlow reads these when it is first imported, which only subcommands do.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    parser = _parser()
    if "_ARGCOMPLETE" in os.environ:
        _complete(parser)
    words = sys.argv[1:] if argv is None else list(argv)
    if words and words[0].isalpha() and words[0] not in SUBCOMMANDS:
        # argparse would list all of them.
        print(f"drumsmith: {no_such('command', words[0], SUBCOMMANDS)}", file=sys.stderr)
        return USERS_MISTAKE
    args = parser.parse_args(words)
    try:
        with _sigterm_unwinds():
            code = args.module.run(args) or 0
            sys.stdout.flush()
            return code
    except UserError as error:
        return _complain(error, args, USERS_MISTAKE)
    except KeyboardInterrupt:
        print("drumsmith: interrupted", file=sys.stderr)
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if (error.name or "").startswith(__package__.partition(".")[0]):
            return _complain(error, args, OUR_MISTAKE)
        return _complain(_light_installation(error, args.module), args, USERS_MISTAKE)
    except BrokenPipeError:
        # Who reads our words has seen enough, as `head` does; what is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except OSError as error:
        if error.errno in DISK_FULL:
            return _complain(_disk_full(error), args, USERS_MISTAKE)
        return _complain(error, args, OUR_MISTAKE)
    except Exception as error:
        return _complain(error, args, OUR_MISTAKE)


@contextmanager
def _sigterm_unwinds() -> Iterator[None]:
    """Let SIGTERM unwind as Ctrl-C does, so that nothing half-written stays behind."""

    def interrupt(number, frame):
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="drumsmith", description="Make drum sounds from your own samples."
    )
    parser.add_argument("--version", action="version", version=f"drumsmith {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in SUBCOMMANDS:
        module = _module(name)
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        _say_defaults(command)
        command.add_argument("--debug", action="store_true", help="show the traceback of an error")
        command.set_defaults(module=module)
    return parser


def _say_defaults(command: argparse.ArgumentParser) -> None:
    """Let every option end with its default, in one form, whoever wrote its help."""
    for action in command._actions:
        if (
            action.default is None
            or action.default is False
            or action.default in ([], argparse.SUPPRESS)
        ):
            continue
        if "(default: " not in (action.help or ""):
            action.help = f"{action.help or ''} (default: %(default)s)".strip()


def _complete(parser: argparse.ArgumentParser) -> None:
    # The shell asks: eval "$(register-python-argcomplete drumsmith)" lets it.
    import argcomplete

    argcomplete.autocomplete(parser)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__package__}.{SUBCOMMANDS[name]}")


def _light_installation(error: ModuleNotFoundError, module: ModuleType) -> UserError:
    # A plain installation is the client alone.
    package = (error.name or "").partition(".")[0]
    kits = package in KITS_PACKAGES and module.__name__.startswith(f"{__package__}.sounds.")
    extra = "kits" if kits else getattr(module, "EXTRA", "all")
    extra = "beam" if package == "apache_beam" else extra
    words = [
        f"this needs {package}, which is not installed: pip install 'drumsmith[{extra}]' brings it"
    ]
    if hasattr(module, "ELSEWHERE") and not kits:
        words.append(module.ELSEWHERE)
    return UserError(", ".join(words))


def _disk_full(error: OSError) -> UserError:
    # Everything is written aside and renamed, so that this is true of every command.
    return UserError(
        f"{error.strerror}; free some space and call again, nothing that was saved before is lost"
    )


def _complain(error: Exception, args: argparse.Namespace, code: int) -> int:
    if args.debug:
        raise error
    kind = "" if code == USERS_MISTAKE else f"{type(error).__name__}: "
    # One line, whatever the error: an exception's further lines are for --debug.
    first_line = (str(error).splitlines() or [""])[0]
    print(f"drumsmith: {kind}{first_line}", file=sys.stderr)
    if code == OUR_MISTAKE:
        print("drumsmith: this is our mistake; --debug shows where", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
