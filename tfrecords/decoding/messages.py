"""What the supervisor and the decoding process say to each other, pickled."""

from dataclasses import dataclass
from typing import NamedTuple

from ..preparing.preparation import Preparation
from .decoding import Header


@dataclass(frozen=True)
class Job:
    """What is to be decoded: paths by number, and what is known of them from an earlier worker.

    Attributes:
        paths: number -> path.
        headers: number -> header, of those whose header was read before.
        doubtful: numbers that tensorflow-io must not touch.
        options: how to prepare.
        parallel: files decoded at once.
    """

    paths: dict[int, str]
    headers: dict[int, Header]
    doubtful: frozenset[int]
    options: Preparation
    parallel: int


class Begun(NamedTuple):
    """The worker turns to this file and no other."""

    number: int


class HeaderRead(NamedTuple):
    """A file's header is known."""

    number: int
    header: Header


class InParallel(NamedTuple):
    """These files follow, in this order, several at once."""

    numbers: list[int]


class Done(NamedTuple):
    """A file is finished: int16 samples as bytes, or the reason why there are none."""

    number: int
    pcm: bytes
    reason: str = ""


class Finished(NamedTuple):
    """Nothing is left to do."""

    tensorflow_io: bool
