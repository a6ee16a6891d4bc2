"""Sounds as WAV files that say what makes them again, and never replace another sound unasked."""

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import UserError
from ..publish import publish_file
from .recipe import Recipe
from .wav import Tags, WavError, encode_samples, read_wav, wav_bytes


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound with what makes it again.

    Attributes:
        audio: float32 (length,).
        sample_rate: in Hz.
        recipe: its origin.

    """

    audio: np.ndarray
    sample_rate: int
    recipe: Recipe

    @property
    def data(self) -> bytes:
        """The samples as the file holds them."""
        return encode_samples(self.audio, self.recipe.processing.encoding)

    def to_bytes(self) -> bytes:
        """Return the WAV file, recipe included."""
        recipe = replace(self.recipe, digest=data_digest(self.data))
        words = recipe.name if recipe.seed is None else f"{recipe.name} {recipe.seed}"
        tags = Tags(words, f"drumsmith {recipe.made_by}", recipe.to_text())
        encoding = recipe.processing.encoding
        return wav_bytes(self.audio, self.sample_rate, encoding=encoding, tags=tags)


def data_digest(data: bytes) -> str:
    """Return a short digest of a file's samples."""
    return hashlib.sha256(data).hexdigest()[:16]


def sound_name(label: str, seed: int) -> str:
    """Return a file's name, which says what makes the sound again: `kick-40.wav`."""
    return f"{safe_name(label)}-{seed}.wav"


def safe_name(words: str) -> str:
    """Return words as every file system takes them."""
    return re.sub(r"[^\w+.-]+", "_", words)


def write_sound(path: Path, sound: Sound, *, overwrite: bool = False) -> bool:
    """Write a sound, whole or not at all.

    A file that holds the same samples stays as it is, whatever its tags say by now.

    Args:
        path: its folder is made if it does not exist.
        sound: what to write.
        overwrite: replace a file that holds something else.

    Returns:
        Whether it was written; False where the sound was there.

    Raises:
        UserError: another sound is there and ``overwrite`` was not asked for, or the folder cannot
            be written.

    """
    try:
        if path.exists():
            if _holds(path, sound):
                return False
            if not overwrite:
                raise UserError(
                    f"{path} holds another sound; choose another --out, "
                    "or replace it with --overwrite"
                )
        with publish_file(path) as partial:
            partial.write_bytes(sound.to_bytes())
    except OSError as error:
        raise UserError(f"cannot write to {path.parent}: {error.strerror or error}") from error
    return True


def check_folder(folder: Path) -> None:
    """Complain of a folder to write to that is a file.

    Raises:
        UserError: it is.

    """
    for place in (folder, *folder.parents):
        if place.exists():
            if not place.is_dir():
                raise UserError(f"{place} is a file: --out takes a folder")
            return


def _holds(path: Path, sound: Sound) -> bool:
    try:
        found = read_wav(path)
    except WavError:
        return False
    return (found.data, found.sample_rate, found.encoding) == (
        sound.data,
        sound.sample_rate,
        sound.recipe.processing.encoding,
    )
