"""Audio files to samples, by libsndfile (soundfile).

tensorflow-io decodes too (``tensorflow_io`` beside this file says what and how well); libsndfile
is the default because it reads every kind below rightly, starts in a tenth of the time, and fails
with an error where tensorflow-io kills the process.

    WAV 8, 16, 24, 32 bit, float, double, A-law, mu-law, ADPCM, extensible; RF64, W64, RIFX
    AIFF, AIFC; FLAC; OGG Vorbis and Opus; MP3; CAF; AU
"""

import os
from dataclasses import dataclass

import numpy as np
import soundfile

from .file_formats import is_cut_off

# Of a longer file the part is read that begins where the sound does.
LONGEST_S = 60.0
# Samples over all channels that are held at once: 128 MB. A file of 64 channels gets less time.
_MOST_SAMPLES = 1 << 25
# A longer file's sound begins in the first second that comes within 40 dB of its peak.
_STARTS_WITHIN = 0.01


class DecodingError(Exception):
    """A file that cannot be decoded; the message is the reason, without the path."""


@dataclass(frozen=True)
class Decoded:
    """What came out of a file.

    Attributes:
        audio: float32 (frames, channels).
        rate: in Hz.
        seconds: of the whole file, of which ``audio`` may be a part.
        begins_s: where in the file ``audio`` begins.
        whole: False where the file ends, or is damaged, before the last promised sample.
        lossless: whether its kind keeps every sample.
        bits: per sample as stored; 16 for lossy kinds.
    """

    audio: np.ndarray
    rate: int
    seconds: float
    begins_s: float = 0.0
    whole: bool = True
    lossless: bool = True
    bits: int = 16


def decode(path: str) -> Decoded:
    """Decode a file.

    Raises:
        DecodingError: it cannot be read, is no audio that libsndfile knows, or not one sample of
            it is whole.
    """
    try:
        if os.stat(path).st_size == 0:
            raise DecodingError("is an empty file")
        # As bytes: names that are no UTF-8 are opened, too.
        with soundfile.SoundFile(os.fsencode(path)) as file:
            return _read(file, path)
    except OSError as error:
        raise DecodingError(f"cannot be read ({error.strerror})") from None
    except (soundfile.SoundFileError, ValueError, MemoryError) as error:
        raise DecodingError(_reason(error, "is not readable as audio")) from None


def _read(file: soundfile.SoundFile, path: str) -> Decoded:
    if file.frames == 0:
        raise DecodingError("holds no samples")
    most = max(1, min(int(LONGEST_S * file.samplerate), _MOST_SAMPLES // file.channels))
    begin = _begin(file) if file.frames > most else 0
    if begin:
        file.seek(begin)
    wanted = min(most, file.frames - begin)
    audio, error = _read_as_far_as_whole(file, begin, wanted)
    if not len(audio):
        raise DecodingError(_reason(error, "is damaged") if error else "holds no samples")
    return Decoded(
        audio,
        file.samplerate,
        file.frames / file.samplerate,
        begin / file.samplerate,
        whole=error is None and len(audio) == wanted and not is_cut_off(path),
        lossless=file.format not in ("OGG", "MPEG", "MP3") and "LAW" not in file.subtype,
        bits=_bits(file.subtype),
    )


def _read_as_far_as_whole(
    file: soundfile.SoundFile, begin: int, wanted: int
) -> tuple[np.ndarray, Exception | None]:
    try:
        return file.read(wanted, dtype="float32", always_2d=True), None
    except (soundfile.SoundFileError, ValueError) as error:
        failed = error
    # What lies before the damage, in pieces small enough to lose little.
    pieces = []
    try:
        file.seek(begin)
        for _ in range(-(-wanted // 1024)):
            piece = file.read(1024, dtype="float32", always_2d=True)
            if not len(piece):
                break
            pieces.append(piece)
    except (soundfile.SoundFileError, ValueError):
        pass
    return (np.concatenate(pieces) if pieces else np.zeros((0, 1), np.float32)), failed


def _begin(file: soundfile.SoundFile) -> int:
    """Return the frame at which a long file's sound begins: bounded memory, one pass."""
    second = max(1, min(file.samplerate, _MOST_SAMPLES // file.channels))
    peaks = []
    while len(block := file.read(second, dtype="float32", always_2d=True)):
        peaks.append(float(np.nanmax(np.abs(block), initial=0.0)))
    loud = np.asarray(peaks) > _STARTS_WITHIN * max(peaks)
    # One second of what comes before it is needed to tell the sound from the noise.
    return max(int(np.argmax(loud)) - 1, 0) * second


def _bits(subtype: str) -> int:
    for ending, bits in (("_U8", 8), ("_S8", 8), ("_24", 24), ("_32", 32), ("FLOAT", 32)):
        if subtype.endswith(ending):
            return bits
    return 64 if subtype == "DOUBLE" else 8 if "LAW" in subtype else 16


def _reason(error: Exception, words: str) -> str:
    """Return what libsndfile says, without the path, and without those it falls back to for MP3."""
    detail = str(error).rsplit("': ", 1)[-1].strip().rstrip(".").splitlines()[:1]
    misleading = "regular file"
    return words if not detail or misleading in detail[0] else f"{words} ({detail[0]})"
