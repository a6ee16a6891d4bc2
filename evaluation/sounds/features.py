"""Log-mel spectrograms: what every perceptual figure of the evaluation is computed on.

The frame sizes are times, not samples, so that the short, low-rate audio of an early stage of
progressive growing is seen through the same glasses as the finished one.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft as scipy_fft

WINDOW_S = 1024 / 44_100
"""Length of the Hann window in seconds; frames overlap by three quarters of it."""

MEL_STEP = 60.35
"""Distance of neighbouring bands in mel: 64 bands up to 22,050 Hz."""

FLOOR_DB = -80.0
"""Band level taken as silence. White noise at -60 dBFS has -82 dB in each band."""

_CHUNK = 128


@dataclass(frozen=True)
class MelGrid:
    """Frame and band layout of a log-mel spectrogram.

    Attributes:
        window: window length in samples.
        hop: samples from one frame to the next.
        n_fft: length of the zero-padded transform, twice the window.
        centres_hz: centre frequency of each band in Hz, shape (bands,).

    """

    window: int
    hop: int
    n_fft: int
    centres_hz: tuple[float, ...]

    @property
    def bands(self) -> int:
        """Number of mel bands."""
        return len(self.centres_hz)

    def frames(self, length: int) -> int:
        """Return the number of frames of ``length`` samples."""
        return 1 + length // self.hop


@lru_cache(maxsize=16)
def mel_grid(sample_rate: int) -> MelGrid:
    """Return the layout for ``sample_rate`` in Hz."""
    window = max(8, 4 * round(sample_rate * WINDOW_S / 4))
    bands = max(3, round(hz_to_mel(sample_rate / 2) / MEL_STEP) - 1)
    edges = _band_edges(sample_rate, bands)
    return MelGrid(window, window // 4, 2 * window, tuple(edges[1:-1].tolist()))


def hz_to_mel(hz):
    """Convert Hz to mel (O'Shaughnessy, Speech Communication, 1987, p. 150)."""
    return 2595.0 * np.log10(1.0 + np.asarray(hz) / 700.0)


def mel_to_hz(mel):
    """Convert mel to Hz, the inverse of `hz_to_mel`."""
    return 700.0 * (10.0 ** (np.asarray(mel) / 2595.0) - 1.0)


@lru_cache(maxsize=16)
def mel_filters(sample_rate: int) -> np.ndarray:
    """Return the triangular filters, each summing to 1, shape (n_fft // 2 + 1, bands)."""
    grid = mel_grid(sample_rate)
    edges = _band_edges(sample_rate, grid.bands)
    bins = np.linspace(0.0, sample_rate / 2, grid.n_fft // 2 + 1)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0.0, np.minimum(rising, falling))
    return (filters / filters.sum(axis=0)).astype(np.float32)


def log_mel(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the log-mel spectrogram in dB; a full-scale sine has 0 dB at its bin.

    ```
    frame t is centred on sample t * hop; zeros stand before the start and after the end
    S[t, b] = 10 log10 max(sum_k F[k, b] (2 |X[t, k]| / sum(window))^2, 1e-8)
    ```

    Args:
        audio: float, shape (n, length).
        sample_rate: in Hz.

    Returns:
        float32, shape (n, frames, bands), not under `FLOOR_DB`.

    """
    audio = np.atleast_2d(np.asarray(audio, np.float32))
    chunks = [_log_mel(audio[i : i + _CHUNK], sample_rate) for i in range(0, len(audio), _CHUNK)]
    return np.concatenate(chunks) if chunks else _log_mel(audio, sample_rate)


def _log_mel(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    grid = mel_grid(sample_rate)
    padded = np.pad(audio, ((0, 0), (grid.window // 2, grid.window // 2)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, grid.window, axis=1)[:, :: grid.hop]
    window = np.hanning(grid.window + 1)[:-1].astype(np.float32)
    spectrum = scipy_fft.rfft(frames * (2.0 / window.sum() * window), grid.n_fft, axis=-1)
    power = spectrum.real**2 + spectrum.imag**2
    return 10.0 * np.log10(np.maximum(power @ mel_filters(sample_rate), 10.0 ** (FLOOR_DB / 10)))


def _band_edges(sample_rate: int, bands: int) -> np.ndarray:
    return mel_to_hz(np.linspace(0.0, hz_to_mel(sample_rate / 2), bands + 2))
