"""Copies and near misses of sounds, as collections have them."""

import io

import numpy as np
import scipy.signal
import soundfile

RATE = 44100


def _coded(audio, kind, subtype):
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(audio, -1, 1), RATE, format=kind, subtype=subtype)
    buffer.seek(0)
    return soundfile.read(buffer)[0], RATE


def _at_rate(audio, rate):
    return scipy.signal.resample_poly(audio, rate // 50, RATE // 50), rate


COPIES = {
    "quieter": lambda audio, rng: (audio * rng.uniform(0.05, 0.7), RATE),
    "upside down": lambda audio, rng: (-audio, RATE),
    "later": lambda audio, rng: (np.concatenate((np.zeros(rng.integers(1, 9000)), audio)), RATE),
    "at 48 kHz": lambda audio, rng: _at_rate(audio, 48000),
    "at 22.05 kHz": lambda audio, rng: _at_rate(audio, 22050),
    "MP3": lambda audio, rng: _coded(audio, "MP3", "MPEG_LAYER_III"),
    "Vorbis": lambda audio, rng: _coded(audio, "OGG", "VORBIS"),
    "8 bit": lambda audio, rng: _coded(audio, "WAV", "PCM_U8"),
    "cut short": lambda audio, rng: (audio[: len(audio) * 2 // 3], RATE),
    "clipped a little": lambda audio, rng: (
        np.clip(audio, -0.8 * np.abs(audio).max(), 0.8 * np.abs(audio).max()),
        RATE,
    ),
}
"""What makes a copy of audio float64 (samples,) at RATE: (audio, rng) -> audio, rate."""


def _filtered(audio, rng):
    """Take away what makes it: the bottom of a low sound, the top of a bright one."""
    power = np.abs(np.fft.rfft(audio)) ** 2
    centroid = np.average(np.fft.rfftfreq(len(audio), 1 / RATE), weights=power)
    kind, edge = ("highpass", 300) if centroid < 800 else ("lowpass", 1500)
    sections = scipy.signal.butter(2, edge, kind, fs=RATE, output="sos")
    return scipy.signal.sosfilt(sections, audio), RATE


def _layered(audio, rng):
    noise = rng.standard_normal(len(audio)) * np.exp(-np.arange(len(audio)) / 3000)
    return audio + 0.5 * np.abs(audio).max() * noise / np.abs(noise).max(), RATE


NEAR_MISSES = {
    "tuned up": lambda audio, rng: (scipy.signal.resample_poly(audio, 100, 103), RATE),
    "tuned down": lambda audio, rng: (scipy.signal.resample_poly(audio, 103, 100), RATE),
    "filtered": _filtered,
    "layered with noise": _layered,
}
"""What makes another sound of it, close by: the same signature."""
