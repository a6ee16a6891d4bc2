"""What the supervisor and its workers say to each other, pickled; and what is known of a file."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from ..preparing.preparation import Preparation

DECODERS = ("soundfile", "tensorflow-io")


@dataclass(frozen=True)
class Facts:
    """What preparing one file found out; kept in the index of the records.

    Attributes:
        sha256: of the file, hexadecimal.
        rate: in Hz, of the file.
        channels: of the file.
        bits: per sample of the file; 16 for lossy kinds.
        lossless: whether its kind keeps every sample.
        seconds: the file's length.
        peak_db: in dB of full scale.
        onset_s: where in the file the sound begins.
        lasts_s: from there until it stays 60 dB under its peak.
        hits: how many were found.
        notes: what a person should know of it, in a few words each.
        fingerprint: hexadecimal, of ``preparing.fingerprint``.
    """

    sha256: str = ""
    rate: int = 0
    channels: int = 0
    bits: int = 0
    lossless: bool = True
    seconds: float = 0.0
    peak_db: float = 0.0
    onset_s: float = 0.0
    lasts_s: float = 0.0
    hits: int = 0
    notes: tuple[str, ...] = ()
    fingerprint: str = ""

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Rebuild from what ``dataclasses.asdict`` gave, also by way of JSON."""
        return cls(**values | {"notes": tuple(values["notes"])})


class Setup(NamedTuple):
    """What a worker must know before its first file."""

    options: Preparation
    decoder: str


class Job(NamedTuple):
    """One file to decode; ``careful`` after a worker died of it: by libsndfile, whatever is set."""

    number: int
    path: str
    careful: bool = False


class Done(NamedTuple):
    """A file is finished: int16 samples as bytes, or the reason why there are none."""

    number: int
    pcm: bytes
    reason: str
    facts: Facts
