"""Sounds written as they come: names, messages, a progress bar where there are many."""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ...common.sounds.sound_files import Sound, check_folder, write_sound

MANY = 64
"""Sounds from which on a bar takes the place of a list."""


def write_all(sounds: Iterable[Sound], count: int, args: argparse.Namespace) -> None:
    """Write sounds into the folder of ``--out`` as they come.

    Args:
        sounds: in any number; each is written before the next is asked for.
        count: how many are expected.
        args: with ``out``, ``names`` and ``overwrite``.

    Raises:
        UserError: a name is taken by another sound, or the folder cannot be written.

    """
    from ...instruments.naming import Names

    check_folder(args.out)
    names, written, there = Names(args.names), 0, 0
    with _bar(count) as meter:
        for sound in sounds:
            path = args.out / names.of(sound)
            if write_sound(path, sound, overwrite=args.overwrite):
                written += 1
            else:
                there += 1
            if meter is None:
                print(path)
            else:
                meter.advance()
    if count >= MANY:
        print(f"{written + there} sounds in {args.out}")
    if there:
        print(f"{there} of them held this sound already")


@contextmanager
def _bar(count: int) -> Iterator[Any]:
    if count < MANY:
        yield None
        return
    try:
        from ...common.progress import progress
    except ModuleNotFoundError:
        yield None  # the light client has no bar
        return
    with progress("sounds", count) as meter:
        yield meter
