"""Sounds as WAV files that never replace a different file unasked."""

import io
import re
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import UserError
from .publish import publish_file

FULL_SCALE = 32768


@dataclass(frozen=True)
class Written:
    """What `write_sounds` did: paths now there, and how many of them were there before."""

    paths: tuple[Path, ...]
    unchanged: int


def wav_bytes(audio: np.ndarray, sample_rate: int) -> bytes:
    """Return one sound, float (length,) in [-1, 1], as a 16-bit mono WAV file.

    The samples are those of the `wav` signature.
    """
    samples = np.clip(np.round(audio * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()


def sound_name(label: str, seed: int) -> str:
    """Return a file's name, which says what makes the sound again: `kick-40.wav`."""
    safe_label = re.sub(r"[^\w-]+", "_", label)
    return f"{safe_label}-{seed}.wav"


def write_sounds(
    folder: Path,
    audio: np.ndarray,
    names: Sequence[str],
    sample_rate: int,
    *,
    overwrite: bool = False,
) -> Written:
    """Write sounds into a folder, each file whole or not at all.

    A file of the same content stays as it is.

    Args:
        folder: made if it does not exist.
        audio: float (n, length).
        names: of the files, n.
        sample_rate: in Hz.
        overwrite: replace files of the same name and another content.

    Raises:
        UserError: such a file is there and ``overwrite`` was not asked for; nothing was written.
            Or the folder cannot be written.

    """
    contents = {
        folder / n: wav_bytes(sound, sample_rate) for n, sound in zip(names, audio, strict=True)
    }
    try:
        same = [path for path, content in contents.items() if _holds(path, content)]
        different = [path for path in contents if path.exists() and path not in same]
        if different and not overwrite:
            raise UserError(
                f"{different[0]} holds another sound; choose another --out, "
                "or replace it with --overwrite"
            )
        for path in contents.keys() - set(same):
            with publish_file(path) as partial:
                partial.write_bytes(contents[path])
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {error.strerror or error}") from error
    return Written(tuple(contents), len(same))


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content
