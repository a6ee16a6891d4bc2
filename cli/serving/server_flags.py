"""Flags of ``drumsmith serve`` out of `ServerOptions`, and the options out of what was given."""

import argparse
import dataclasses
from collections.abc import Iterator
from typing import Any

from ...serving.server.options import Flag, ServerOptions


def add_server_flags(parser: argparse._ActionsContainer, group: str = "") -> None:
    """Add a flag for each option of ``group`` that has one."""
    for option, flag in _flags():
        if flag.group != group:
            continue
        name = flag.name or f"--{option.name.replace('_', '-')}"
        how: dict[str, Any] = {"dest": option.name, "help": flag.words}
        if flag.kind is None:
            parser.add_argument(name, action="store_true", **how)
            continue
        how |= {"type": flag.kind, "default": _in_the_flags_unit(option.default, flag)}
        if flag.metavar:
            how["metavar"] = flag.metavar
        if flag.several:
            how |= {"action": "append", "default": []}
        parser.add_argument(name, **how)


def server_options(args: argparse.Namespace, **others: Any) -> ServerOptions:
    """Return the options that were given; ``others`` have no flag of their own."""
    given = {option.name: getattr(args, option.name) for option, _ in _flags()}
    for option, flag in _flags():
        if flag.scale:
            given[option.name] *= flag.scale
        if flag.several:
            given[option.name] = tuple(given[option.name])
    return ServerOptions(**given, **others)


def _flags() -> Iterator[tuple[dataclasses.Field, Flag]]:
    for option in dataclasses.fields(ServerOptions):
        if "flag" in option.metadata:
            yield option, option.metadata["flag"]


def _in_the_flags_unit(value: Any, flag: Flag) -> Any:
    return value // flag.scale if flag.scale else value
