"""Sounds and pictures as data URIs, so that a page needs no other file."""

import base64
import io

import numpy as np
import soundfile
from matplotlib import colormaps
from matplotlib.image import imsave

from ...common.sounds.wav import wav_bytes
from ..sounds.features import FLOOR_DB, log_mel


def wav_uri(sound: np.ndarray, sample_rate: int) -> str:
    """Return one sound, (length,), as a 16-bit WAV data URI; what is over full scale is clipped."""
    return _uri("audio/wav", wav_bytes(sound, sample_rate))


def flac_uri(sound: np.ndarray, sample_rate: int) -> str:
    """Return the same as FLAC: half as large, and as exact."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(sound, -1.0, 1.0), sample_rate, format="FLAC", subtype="PCM_16")
    return _uri("audio/flac", buffer.getvalue())


def mel_uri(sound: np.ndarray, sample_rate: int, colours: str = "magma") -> str:
    """Return the mel spectrogram of one sound as a small PNG data URI, low bands at the bottom."""
    spectrogram = log_mel(sound[None], sample_rate)[0]
    shades = (spectrogram.T[::-1] - FLOOR_DB) / -FLOOR_DB
    buffer = io.BytesIO()
    imsave(buffer, colormaps[colours](np.clip(shades, 0.0, 1.0), bytes=True), format="png")
    return _uri("image/png", buffer.getvalue())


def _uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
