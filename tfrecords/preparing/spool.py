"""Prepared sounds between decoding and writing: on disk, so that memory stays bounded.

What becomes of a sound, training or validation, kept or a copy, is known when the last is decoded.
"""

import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np


class Place(NamedTuple):
    """Where a prepared sound lies: the file's name in the spool's folder, and its number there."""

    file: str
    number: int


class Spool:
    """A folder of prepared sounds; several writers may share it, each with a file of its own.

    Args:
        folder: an existing folder.
        length: samples per sound.
        name: of the file that ``append`` writes to.
    """

    def __init__(self, folder: Path, length: int, name: str = "sounds"):
        self.folder, self.length = Path(folder), length
        self._name = name
        self._size = 2 * length
        self._count = 0
        self._stream: BinaryIO | None = None

    def append(self, pcm: bytes) -> Place:
        """Keep one sound, int16 samples as bytes; others see it after ``flush``."""
        if self._stream is None:
            self._stream = (self.folder / self._name).open("wb")
        self._stream.write(pcm)
        self._count += 1
        return Place(self._name, self._count - 1)

    def flush(self) -> None:
        """Let readers see what was appended."""
        if self._stream is not None:
            self._stream.flush()

    def read(self, place: Place) -> np.ndarray:
        """Return the samples of a sound, int16 (length,)."""
        file = os.open(self.folder / place.file, os.O_RDONLY)
        try:
            pcm = os.pread(file, self._size, place.number * self._size)
        finally:
            os.close(file)
        return np.frombuffer(pcm, np.int16)

    def close(self) -> None:
        """End writing."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
