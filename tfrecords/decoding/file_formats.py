"""Which files may hold a sound, told by their first bytes; and what their headers promise."""

import struct
from pathlib import Path
from typing import BinaryIO

from .mp3 import mp3_is_cut_off

AUDIO_ENDINGS = frozenset(
    (
        *(".wav", ".wave", ".bwf", ".rf64", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
        *(".aif", ".aiff", ".aifc", ".caf", ".w64", ".au", ".snd"),
    )
)
"""Endings of the files that are read, in lower case; the one list of the package."""

# Sounds that libsndfile does not read, by ending or by content; a user wants to be told.
_NOT_READ = {
    ".m4a": "AAC",
    ".aac": "AAC",
    ".mp4": "AAC",
    ".wma": "Windows Media",
    ".rx2": "REX",
    ".rex": "REX",
}
_PROMISES_NOTHING = (0, 0xFFFFFFFF, 0x7FFFFFFF)  # sizes that streaming writers leave behind


def audio_problem(file: Path) -> str | None:
    """Say whether a file is worth decoding, by its content first and its name second.

    Args:
        file: that exists.

    Returns:
        "" if it should be decoded, None if it is no sound at all, or why a sound cannot be read.
    """
    ending = file.suffix.lower()
    try:
        with file.open("rb") as stream:
            head = stream.read(12)
    except OSError as error:
        return f"cannot be read ({error.strerror})" if ending in AUDIO_ENDINGS else None
    if looks_like_audio(head) or ending in AUDIO_ENDINGS:
        # A file named as a sound is decoded whatever it holds, so that damage is named.
        return ""
    if head[4:8] == b"ftyp" or ending in _NOT_READ:
        kind = _NOT_READ.get(ending, "AAC")
        return f"holds {kind} audio, which is not read: convert it to WAV or FLAC"
    return None


def looks_like_audio(head: bytes) -> bool:
    """Whether a file's first 12 bytes are those of a kind that libsndfile reads."""
    if head[:4] in (b"fLaC", b"OggS", b"caff", b".snd", b"riff"):
        return True
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE":
        return True
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return True
    return looks_like_mp3(head)


def looks_like_mp3(head: bytes) -> bool:
    """Whether a file begins with a tag, or a frame of MPEG-1/2 layer III with a valid bit rate."""
    return head[:3] == b"ID3" or (
        len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] >> 4 not in (0, 15)
    )


def is_cut_off(path: str) -> bool:
    """Whether a file ends before the samples that its header promises; False where none does."""
    with open(path, "rb") as stream:
        head = stream.read(12)
        if head[:4] == b"RIFF":
            return _ends_early(stream, "<", b"data")
        if head[:4] == b"FORM":
            return _ends_early(stream, ">", b"SSND")
        if head[:4] == b"OggS":
            return not _last_page_is_last(stream)
        return looks_like_mp3(head) and mp3_is_cut_off(stream)


def _ends_early(stream: BinaryIO, order: str, wanted: bytes) -> bool:
    end = stream.seek(0, 2)
    place = 12
    while place + 8 <= end:
        stream.seek(place)
        name, size = struct.unpack(f"{order}4sI", stream.read(8))
        if name == wanted:
            return size not in _PROMISES_NOTHING and place + 8 + size > end
        place += 8 + size + size % 2
    return False


def _last_page_is_last(stream: BinaryIO) -> bool:
    """Whether the last Ogg page says that it ends the stream."""
    end = stream.seek(0, 2)
    stream.seek(max(0, end - (1 << 16)))
    tail = stream.read()
    place = tail.rfind(b"OggS")
    return place < 0 or place + 5 >= len(tail) or bool(tail[place + 5] & 4)
