"""WAV files: every one that drumsmith writes, in one scale, and those that it reads back.

```
RIFF WAVE  bext  fmt  (fact)  data  LIST/INFO  iXML
```

Sources: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991
(RIFF, fmt, fact, LIST/INFO); EBU Tech 3285, 2011 (bext); iXML 1.61, Gallery UK.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from ..errors import UserError

FULL_SCALE = 32768
"""16-bit steps of an amplitude of 1: the scale of `tf.audio.encode_wav`, hence of `wav`."""

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE

ENCODINGS = {"16": (PCM, 2), "24": (PCM, 3), "float": (FLOAT, 4)}
"""Format code and bytes a sample, by name."""

ORIGINATOR = "drumsmith"


class WavError(UserError):
    """A file is not a WAV file that can be read."""


@dataclass(frozen=True)
class Tags:
    """Words that a file carries.

    Attributes:
        title: a few words that a browser of sounds shows.
        software: what made the file.
        note: anything, in ASCII; kept in three chunks, and twice in LIST/INFO, since
            programs drop or replace now one, now another.

    """

    title: str
    software: str
    note: str


@dataclass(frozen=True, eq=False)
class Wav:
    """A file that was read.

    Attributes:
        audio: float32 (samples, channels); 1 is full scale.
        sample_rate: in Hz.
        encoding: of `ENCODINGS`, or "8" or "32".
        data: the samples as the file holds them.
        info: LIST/INFO's values by their four letters, such as INAM.

    """

    audio: np.ndarray
    sample_rate: int
    encoding: str
    data: bytes
    info: dict[str, str] = field(default_factory=dict)


def quantise(audio: np.ndarray, encoding: str = "16") -> np.ndarray:
    """Return float (...) in [-1, 1] as a file holds it, still float; beyond full scale it clips.

    Halves round away from 0, as `tf.audio.encode_wav` rounds them.
    """
    if encoding == "float":
        return audio.astype(np.float32)
    full_scale = 1 << (8 * ENCODINGS[encoding][1] - 1)
    scaled = np.asarray(audio, np.float64) * full_scale
    rounded = np.copysign(np.floor(np.abs(scaled) + 0.5), scaled)
    return np.clip(rounded, -full_scale, full_scale - 1) / full_scale


def encode_samples(audio: np.ndarray, encoding: str = "16") -> bytes:
    """Return float (length,) or (length, channels) as the bytes of a `data` chunk."""
    if encoding == "float":
        return np.ascontiguousarray(audio, "<f4").tobytes()
    width = ENCODINGS[encoding][1]
    full_scale = 1 << (8 * width - 1)
    integers = (quantise(audio, encoding) * full_scale).astype("<i4")
    # The low bytes of little-endian integers.
    return integers.reshape(-1, 1).view(np.uint8)[:, :width].tobytes()


def wav_bytes(
    audio: np.ndarray, sample_rate: int, *, encoding: str = "16", tags: Tags | None = None
) -> bytes:
    """Return a sound as a WAV file.

    Args:
        audio: float (length,), or (length, channels); what is over full scale clips, but for
            "float".
        sample_rate: in Hz.
        encoding: one of `ENCODINGS`.
        tags: words to carry.

    """
    code, width = ENCODINGS[encoding]
    channels = 1 if audio.ndim == 1 else audio.shape[1]
    frame = channels * width
    chunks = [] if tags is None else [(b"bext", _bext(tags))]
    form = struct.pack(
        "<HHIIHH", code, channels, sample_rate, sample_rate * frame, frame, 8 * width
    )
    # A format that is not PCM says that it has no extension, and how long it is.
    chunks.append((b"fmt ", form if code == PCM else form + struct.pack("<H", 0)))
    if code != PCM:
        chunks.append((b"fact", struct.pack("<I", len(audio))))
    chunks.append((b"data", encode_samples(audio, encoding)))
    if tags is not None:
        chunks += [(b"LIST", _info(tags)), (b"iXML", _ixml(tags))]
    body = b"WAVE" + b"".join(_chunk(name, content) for name, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def read_wav(source: Path | bytes) -> Wav:
    """Read a WAV file of PCM or 32-bit float.

    Raises:
        WavError: it is not one.

    """
    name = "the sound" if isinstance(source, bytes) else str(source)
    content = source if isinstance(source, bytes) else _content(source)
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise WavError(f"{name} is not a WAV file")
    form, data, info = b"", None, {}
    for chunk, value in _chunks(content[12:]):
        if chunk == b"fmt ":
            form = value
        elif chunk == b"data":
            data = value
        elif chunk == b"LIST" and value[:4] == b"INFO":
            info = {key.decode("latin-1"): _text(text) for key, text in _chunks(value[4:])}
    if len(form) < 16 or data is None:
        raise WavError(f"{name} is a WAV file without sound")
    code, channels, rate, _, _, bits = struct.unpack("<HHIIHH", form[:16])
    if code == EXTENSIBLE and len(form) >= 26:
        code = struct.unpack("<H", form[24:26])[0]
    if channels < 1 or rate < 1 or (code, bits) not in _READABLE:
        raise WavError(f"{name} is a WAV file of a kind that drumsmith does not read")
    frame = channels * bits // 8
    data = data[: len(data) // frame * frame]
    audio = _decode(data, code, bits).reshape(-1, channels)
    return Wav(audio, rate, "float" if code == FLOAT else str(bits), data, info)


_READABLE = {(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32)}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WavError(f"cannot read {path}: {error.strerror}") from error


def _decode(data: bytes, code: int, bits: int) -> np.ndarray:
    if code == FLOAT:
        return np.frombuffer(data, "<f4").astype(np.float32)
    if bits == 8:
        # The only PCM without a sign.
        return (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
    width = bits // 8
    padded = np.zeros((len(data) // width, 4), np.uint8)
    padded[:, 4 - width :] = np.frombuffer(data, np.uint8).reshape(-1, width)
    return (padded.view("<i4")[:, 0] / 2.0**31).astype(np.float32)


def _chunk(name: bytes, content: bytes) -> bytes:
    # Chunks begin at even places; the padding is not counted.
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        size = struct.unpack("<I", content[at + 4 : at + 8])[0]
        yield content[at : at + 4], content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _text(value: bytes) -> str:
    return value.split(b"\0")[0].decode("utf-8", "replace")


def _info(tags: Tags) -> bytes:
    values = {b"INAM": tags.title, b"ISFT": tags.software, b"ICMT": tags.note}
    # Whoever writes a comment of their own leaves the subject as it is.
    values[b"ISBJ"] = tags.note
    return b"INFO" + b"".join(
        _chunk(name, value.encode() + b"\0") for name, value in values.items()
    )


def _bext(tags: Tags) -> bytes:
    # Without date, so that the same sound is the same file.
    fields = struct.pack(
        "<256s32s32s10s8sQH64s10s180x",
        tags.title.encode()[:255],
        ORIGINATOR.encode(),
        b"",
        b"",
        b"",
        0,
        1,
        b"",
        b"",
    )
    return fields + tags.note.encode() + b"\r\n\0"


def _ixml(tags: Tags) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML><IXML_VERSION>1.61</IXML_VERSION>'
        f"<PROJECT>{ORIGINATOR}</PROJECT><NOTE>{escape(tags.title)}</NOTE>"
        f"<USER>{escape(tags.note)}</USER></BWFXML>\n"
    ).encode()
