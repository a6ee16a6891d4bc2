"""Audio files to samples: tensorflow-io where it is right, libsndfile (soundfile) where not.

What tensorflow-io 0.37.1 does with real files was tried, format by format (the tests repeat it):

    WAV 8, 16, 24 bit, float32; FLAC; OGG Vorbis; MP3   the samples that libsndfile gives
    WAV 32-bit integer                                  read as if it were float: noise and NaN
    WAV A-law, mu-law in an extensible header           read as if it were linear: noise
    WAV with a chunk of odd size before the samples     nothing, without an error
    WAV with LIST before fmt, a chunk of odd size at
    the end, truncated, float64, ADPCM, RF64, RIFX      an error
    OGG Opus, AIFF, MP3 named .wav                      an error, or no decoder
    FLAC with damaged frames                            samples, an error, or an endless loop
    an empty OGG, a WAV of 0 bits per sample            the process dies (SIGSEGV, SIGFPE)

It tells no sample rate either. So libsndfile reads each header first: it refuses what is no audio,
gives the rate, and says how many frames and channels must come out. tensorflow-io then decodes
the kinds that it decodes right; a result of another size, or a FLAC whose MD5 differs, is an
error, and what fails goes to libsndfile. A process of its own (``worker``) holds both, because
some damage kills it.
"""

import hashlib
import os
from dataclasses import dataclass

import numpy as np
import soundfile
import tensorflow as tf

from ..preparing.preparation import Preparation, prepare_sound

# Format and subtype, as libsndfile names them -> the decoder in `_decoders`.
# Anything else is libsndfile's.
_KINDS = {
    ("WAV", "PCM_U8"): 0,
    ("WAV", "PCM_16"): 1,
    ("WAV", "PCM_24"): 2,
    ("WAV", "FLOAT"): 3,
    ("FLAC", "PCM_16"): 4,
    ("FLAC", "PCM_24"): 5,
    ("OGG", "VORBIS"): 6,
    ("MPEG", "MPEG_LAYER_III"): 7,
    ("MP3", "MPEG_LAYER_III"): 7,
}
SOUNDFILE = -1

# tensorflow-io decodes from one string in memory. A longer file is libsndfile's, which reads the
# part that can matter.
_LARGEST_BYTES = 32 << 20
LONGEST_S = 60.0

_MD5_AT = slice(26, 42)  # in a FLAC file: "fLaC", block header, STREAMINFO with the MD5 last


class DecodingError(Exception):
    """A file that cannot be decoded; the message is the reason, without the path."""


@dataclass(frozen=True)
class Header:
    """What a file says of itself: how to decode it, its rate in Hz, its size."""

    kind: int
    rate: int
    frames: int
    channels: int


def read_header(path: str) -> Header:
    """Read a file's header.

    Raises:
        DecodingError: it cannot be read or is no audio that libsndfile knows.
    """
    try:
        size = os.stat(path).st_size
    except OSError as error:
        raise DecodingError(f"cannot be read ({error.strerror})") from None
    if size == 0:
        raise DecodingError("is an empty file")
    info = _open(path)
    if info.frames == 0:
        raise DecodingError("holds no samples")
    long = size > _LARGEST_BYTES or info.frames > LONGEST_S * info.samplerate
    # "WAVEX" is a WAV with an extensible header, the usual one of 24 bits and more.
    name = ("WAV" if info.format == "WAVEX" else info.format, info.subtype)
    kind = SOUNDFILE if long else _KINDS.get(name, SOUNDFILE)
    return Header(kind, info.samplerate, info.frames, info.channels)


def read_with_soundfile(path: str) -> tuple[np.ndarray, int]:
    """Decode a file, its first minute if it is longer, with libsndfile.

    Returns:
        float32 (frames, channels), and the sample rate in Hz.

    Raises:
        DecodingError: it cannot be decoded.
    """
    try:
        with soundfile.SoundFile(path) as file:
            audio = file.read(int(LONGEST_S * file.samplerate), dtype="float32", always_2d=True)
            return audio, file.samplerate
    except (soundfile.SoundFileError, OSError, ValueError, MemoryError) as error:
        raise DecodingError(_reason(error, "is damaged")) from None


def tensorflow_io_is_usable() -> bool:
    """Whether tensorflow-io loads with this TensorFlow; without it libsndfile decodes all."""
    try:
        import tensorflow_io

        # Its library loads at the first use, and that is what fails with another TensorFlow.
        tensorflow_io.audio.decode_wav(_shortest_wav(), dtype=tf.int16)
    except (ImportError, NotImplementedError, tf.errors.OpError):
        return False
    return True


def prepared_in_parallel(
    paths: list[str], headers: list[Header], options: Preparation, parallel: int
) -> tf.data.Dataset:
    """Decode and prepare files in one tf.data graph, ``parallel`` at a time.

    A file whose decoding fails is left out. The order is that of ``paths`` and at most
    ``parallel`` files after the last one that came out have been begun.

    Args:
        paths: of files whose headers name a decoder of tensorflow-io.
        headers: theirs.
        options: how to prepare.
        parallel: files decoded at once.

    Returns:
        A dataset of (number int64, int16 (length,), problem int32): the index into ``paths``, the
        prepared sound, and 0 or an index into ``preparation.REASONS``.
    """

    def decode(number, path, kind, rate, shape):
        audio = decode_file(path, kind, shape)
        return (number, *prepare_sound(audio, rate, options))

    columns = (
        np.arange(len(paths), dtype=np.int64),
        [os.fsencode(path) for path in paths],
        np.array([item.kind for item in headers], np.int32),
        np.array([item.rate for item in headers], np.int32),
        np.array([(item.frames, item.channels) for item in headers], np.int32).reshape(-1, 2),
    )
    dataset = tf.data.Dataset.from_tensor_slices(columns)
    # Reading, decoding and preparing in one map: a file's samples live only as long as its call.
    # A fixed number of calls, not AUTOTUNE, and in order: when a decoder kills the process, the
    # files under way are then known.
    dataset = dataset.map(decode, num_parallel_calls=parallel, deterministic=True)
    # After the map, whose errors it drops; they are found by the numbers that are missing. No
    # prefetch: the map already works ahead, and more under way means more doubt after a crash.
    return dataset.ignore_errors(log_warning=False)


def decode_file(path: tf.Tensor, kind: tf.Tensor, shape: tf.Tensor) -> tf.Tensor:
    """Decode one file with tensorflow-io.

    Args:
        path: string.
        kind: which decoder, ``Header.kind``.
        shape: (frames, channels) that must come out.

    Returns:
        float32 (frames, channels).

    Raises:
        tf.errors.InvalidArgumentError: it cannot be decoded, or something else came out.
    """
    data = tf.io.read_file(path)
    audio = tf.switch_case(kind, _decoders(data))
    fits = tf.debugging.assert_equal(tf.shape(audio), shape, "decoded to another size")
    with tf.control_dependencies([fits] if fits is not None else []):
        return tf.ensure_shape(tf.identity(audio), (None, None))


def _decoders(data: tf.Tensor):
    import tensorflow_io

    audio = tensorflow_io.audio

    def scaled(samples: tf.Tensor, full_scale: float, middle: float = 0.0) -> tf.Tensor:
        return (tf.cast(samples, tf.float32) - middle) / full_scale

    return {
        0: lambda: scaled(audio.decode_wav(data, dtype=tf.uint8), 2.0**7, 2.0**7),
        1: lambda: scaled(audio.decode_wav(data, dtype=tf.int16), 2.0**15),
        # 24 bits come out in the upper three bytes of 32.
        2: lambda: scaled(audio.decode_wav(data, dtype=tf.int32), 2.0**31),
        3: lambda: audio.decode_wav(data, dtype=tf.float32),
        4: lambda: scaled(_verified(data, audio.decode_flac(data, dtype=tf.int16)), 2.0**15),
        5: lambda: scaled(_verified(data, audio.decode_flac(data, dtype=tf.int32)), 2.0**31),
        6: lambda: audio.decode_vorbis(data),
        7: lambda: audio.decode_mp3(data),
    }


def _verified(data: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
    """Compare decoded FLAC samples with the MD5 in the file; tensorflow-io does not."""
    head = tf.strings.substr(data, 0, _MD5_AT.stop)
    sound = tf.numpy_function(_md5_fits, [head, samples], tf.bool, stateful=False)
    fits = tf.debugging.assert_equal(sound, True, "the MD5 of the FLAC differs")
    with tf.control_dependencies([fits] if fits is not None else []):
        return tf.identity(samples)


def _md5_fits(head: bytes | np.ndarray, samples: np.ndarray) -> np.bool_:
    # Eagerly a string comes as an array of one object.
    head = head if isinstance(head, bytes) else head.item()
    expected = head[_MD5_AT]
    if not head.startswith(b"fLaC"):
        return np.bool_(False)
    raw = samples.tobytes()
    if samples.dtype == np.int32:  # 24 bits, in the upper three bytes
        raw = samples.reshape(-1, 1).view(np.uint8)[:, 1:].tobytes()
    not_told = expected == bytes(16)
    return np.bool_(not_told or hashlib.md5(raw).digest() == expected)


def _open(path: str):
    try:
        return soundfile.info(path)
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        raise DecodingError(_reason(error, "is not readable as audio")) from None


def _reason(error: Exception, words: str) -> str:
    """Return what libsndfile says, without the path, and without those it falls back to for MP3."""
    detail = str(error).rsplit("': ", 1)[-1].strip().rstrip(".").splitlines()[:1]
    misleading = "regular file"
    return words if not detail or misleading in detail[0] else f"{words} ({detail[0]})"


def _shortest_wav() -> bytes:
    head = b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x44\xac\0\0\x88\x58\1\0\2\0\x10\0"
    return head + b"data\2\0\0\0\0\0"
