"""Audio files of every kind for the tests: right ones, odd ones, and damaged ones."""

import io
import struct

import numpy as np
import soundfile

RATE = 44100


def drum(channels=1, samples=4410):
    """A decaying tone; with two channels, a different one on each."""
    time = np.arange(samples) / RATE
    tones = [0.8 * np.sin(2 * np.pi * f * time + 0.3) for f in (440, 620)[:channels]]
    return np.stack(tones, 1) * np.exp(-time * 20)[:, None]


def encoded(kind, subtype, channels=1, audio=None, rate=RATE):
    """A file's bytes, by libsndfile."""
    buffer = io.BytesIO()
    audio = drum(channels) if audio is None else audio
    soundfile.write(buffer, audio, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def chunk(name, data):
    """A RIFF chunk, padded to an even size."""
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def riff(*chunks):
    """A WAV out of chunks."""
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def format_chunk(tag=1, channels=1, rate=RATE, bits=16):
    """A WAV's format chunk, consistent or not."""
    align = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * align, align, bits))


def pcm16():
    """The drum's samples as 16-bit PCM."""
    return (drum()[:, 0] * 32767).astype("<i2").tobytes()


def damaged(data, seed):
    """The same with one byte in a hundred replaced."""
    rng = np.random.default_rng(seed)
    result = np.frombuffer(data, np.uint8).copy()
    places = rng.integers(0, len(result), max(3, len(result) // 100))
    result[places] = rng.integers(0, 256, len(places))
    return result.tobytes()


# Kinds that tensorflow-io decodes right: name -> format, subtype.
FAST = {
    "u8.wav": ("WAV", "PCM_U8"),
    "16.wav": ("WAV", "PCM_16"),
    "24.wav": ("WAV", "PCM_24"),
    "float.wav": ("WAV", "FLOAT"),
    "extensible16.wav": ("WAVEX", "PCM_16"),
    "extensible24.wav": ("WAVEX", "PCM_24"),
    "extensible-float.wav": ("WAVEX", "FLOAT"),
    "16.flac": ("FLAC", "PCM_16"),
    "24.flac": ("FLAC", "PCM_24"),
    "vorbis.ogg": ("OGG", "VORBIS"),
    "layer3.mp3": ("MP3", "MPEG_LAYER_III"),
}
# Kinds that it decodes wrongly, refuses, or does not know.
SLOW = {
    "32.wav": ("WAV", "PCM_32"),
    "extensible32.wav": ("WAVEX", "PCM_32"),
    "double.wav": ("WAV", "DOUBLE"),
    "a-law.wav": ("WAV", "ALAW"),
    "extensible-a-law.wav": ("WAVEX", "ALAW"),
    "extensible-mu-law.wav": ("WAVEX", "ULAW"),
    "adpcm.wav": ("WAV", "IMA_ADPCM"),
    "rf64.wav": ("RF64", "PCM_16"),
    "8.flac": ("FLAC", "PCM_S8"),
    "16.aiff": ("AIFF", "PCM_16"),
    "24.aiff": ("AIFF", "PCM_24"),
    "float.aiff": ("AIFF", "FLOAT"),
    "opus.ogg": ("OGG", "OPUS"),
}


def odd_files():
    """Files that hold a whole drum, in a layout that tensorflow-io may not follow."""
    fmt, data = format_chunk(), chunk(b"data", pcm16())
    return {
        "list-before-fmt.wav": riff(chunk(b"LIST", b"INFO" + bytes(20)), fmt, data),
        "odd-chunk-before-data.wav": riff(fmt, chunk(b"junk", b"abc"), data),
        "odd-chunk-at-the-end.wav": riff(fmt, data, chunk(b"LIST", b"INFO" + bytes(21))),
        "bext.wav": riff(chunk(b"bext", bytes(602)), fmt, data),
        "a-wav-named.mp3": riff(fmt, data),
        "a-flac-named.wav": encoded("FLAC", "PCM_16"),
    }


def useless_files():
    """Files without a usable sound: name -> bytes."""
    wav, flac = encoded("WAV", "PCM_16"), encoded("FLAC", "PCM_16")
    nan = drum()
    nan[99] = np.nan
    return {
        **{f"empty.{suffix}": b"" for suffix in ("wav", "flac", "ogg", "mp3", "aiff")},
        **{f"text.{suffix}": b"hello drums\n" * 40 for suffix in ("wav", "flac", "ogg", "mp3")},
        "header-only.wav": wav[:44],
        "half-a-header.wav": wav[:30],
        "no-channels.wav": riff(format_chunk(channels=0), chunk(b"data", pcm16())),
        # tensorflow-io divides by the bits per sample.
        "no-bits.wav": riff(format_chunk(bits=0), chunk(b"data", pcm16())),
        "no-rate.wav": riff(format_chunk(rate=0), chunk(b"data", pcm16())),
        "half.flac": flac[: len(flac) // 2],
        "half.ogg": encoded("OGG", "VORBIS")[:1500],
        "nan.wav": encoded("WAV", "FLOAT", audio=nan),
        "silent.wav": encoded("WAV", "PCM_24", audio=np.zeros((4410, 2))),
    }


def harmed(data, rng):
    """Cut, flipped or spliced, at random."""
    kind = rng.integers(3)
    place = int(rng.integers(1, len(data)))
    if kind == 0:
        return data[:place]
    if kind == 1:
        return damaged(data, int(rng.integers(1 << 30)))
    return data[:place] + data[int(rng.integers(len(data))) :]


def write_harmed_files(folder, count, rng):
    """Write so many harmed files of every kind in turn; number -> path."""
    whole = [encoded(*kind, rate=48000) for kind in {**FAST, **SLOW}.values()]
    paths = {}
    for number in range(count):
        path = folder / f"{number}.wav"
        path.write_bytes(harmed(whole[number % len(whole)], rng))
        paths[number] = str(path)
    return paths
