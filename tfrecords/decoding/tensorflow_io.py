"""The kinds of audio that tensorflow-io decodes rightly; ``--decoder tensorflow-io`` uses it.

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
gives the rate, and says how many frames and channels must come out. A result of another size, or a
FLAC whose MD5 differs, is an error, and what fails goes to libsndfile.
"""

import hashlib
import os

import numpy as np
import soundfile
import tensorflow as tf
import tensorflow_io

from .decoding import LONGEST_S, Decoded, DecodingError, decode

_MD5_AT = slice(26, 42)  # in a FLAC file: "fLaC", block header, STREAMINFO with the MD5 last
# tensorflow-io decodes from one string in memory. A longer file is libsndfile's, which reads the
# part that can matter.
_LARGEST_BYTES = 32 << 20


def decode_with_tensorflow_io(path: str) -> Decoded:
    """Decode a file with tensorflow-io where it decodes its kind rightly, else with libsndfile.

    Raises:
        DecodingError: neither can.
    """
    try:
        info = soundfile.info(path)
    except (soundfile.SoundFileError, OSError, ValueError):
        return decode(path)  # says what is wrong
    # "WAVEX" is a WAV with an extensible header, the usual one of 24 bits and more.
    kind = ("WAV" if info.format == "WAVEX" else info.format, info.subtype)
    long = os.stat(path).st_size > _LARGEST_BYTES or info.frames > LONGEST_S * info.samplerate
    decoder = None if long else _DECODERS.get(kind)
    if decoder is None or not info.frames:
        return decode(path)
    try:
        audio = decoder(tf.io.read_file(path)).numpy()
        if audio.shape != (info.frames, info.channels):
            raise DecodingError("decoded to another size")
    except (tf.errors.OpError, DecodingError):
        return decode(path)
    lossless = info.format not in ("OGG", "MPEG", "MP3")
    bits = {"PCM_U8": 8, "PCM_24": 24, "FLOAT": 32}.get(info.subtype, 16)
    seconds = info.frames / info.samplerate
    return Decoded(audio, info.samplerate, seconds, lossless=lossless, bits=bits)


def _scaled(samples: tf.Tensor, full_scale: float, middle: float = 0.0) -> tf.Tensor:
    return (tf.cast(samples, tf.float32) - middle) / full_scale


def _flac(data: tf.Tensor, dtype: tf.DType, full_scale: float) -> tf.Tensor:
    samples = tensorflow_io.audio.decode_flac(data, dtype=dtype)
    if not _md5_fits(data.numpy()[: _MD5_AT.stop], samples.numpy()):
        raise DecodingError("the MD5 of the FLAC differs")
    return _scaled(samples, full_scale)


def _md5_fits(head: bytes, samples: np.ndarray) -> bool:
    """Compare decoded FLAC samples with the MD5 in the file; tensorflow-io does not."""
    expected = head[_MD5_AT]
    if not head.startswith(b"fLaC"):
        return False
    raw = samples.tobytes()
    if samples.dtype == np.int32:  # 24 bits, in the upper three bytes
        raw = samples.reshape(-1, 1).view(np.uint8)[:, 1:].tobytes()
    return expected == bytes(16) or hashlib.md5(raw).digest() == expected


_WAV = tensorflow_io.audio.decode_wav
# Format and subtype, as libsndfile names them. Anything else is libsndfile's.
_DECODERS = {
    ("WAV", "PCM_U8"): lambda data: _scaled(_WAV(data, dtype=tf.uint8), 2.0**7, 2.0**7),
    ("WAV", "PCM_16"): lambda data: _scaled(_WAV(data, dtype=tf.int16), 2.0**15),
    # 24 bits come out in the upper three bytes of 32.
    ("WAV", "PCM_24"): lambda data: _scaled(_WAV(data, dtype=tf.int32), 2.0**31),
    ("WAV", "FLOAT"): lambda data: _WAV(data, dtype=tf.float32),
    ("FLAC", "PCM_16"): lambda data: _flac(data, tf.int16, 2.0**15),
    ("FLAC", "PCM_24"): lambda data: _flac(data, tf.int32, 2.0**31),
    ("OGG", "VORBIS"): tensorflow_io.audio.decode_vorbis,
    ("MPEG", "MPEG_LAYER_III"): tensorflow_io.audio.decode_mp3,
    ("MP3", "MPEG_LAYER_III"): tensorflow_io.audio.decode_mp3,
}
