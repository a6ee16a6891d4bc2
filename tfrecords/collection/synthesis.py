"""A collection of drums out of nothing: kicks, snares and cymbals, each one different.

The demonstration and the tests need sounds that nobody has to download and nobody owns. Every
sound draws its own parameters from its own seed: what the n-th kick sounds like depends on the
seed, "kick" and n, and on nothing else.

    kick     sine swept down + its second partial + click + thump of noise -> drive
    snare    two detuned shell modes, bent + noise through a band, two decays + stick -> drive
    cymbal   inharmonic partials (a plate's, or square waves as in the TR-808) + bright noise,
             choked (hat) or ringing (crash, ride)
"""

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from ...common.sounds.wav import wav_bytes

SAMPLE_RATE = 44100  # Hz

Audio = np.ndarray  # float64 (samples,)
Rng = np.random.Generator


def synthesise_collection(folder: Path, *, counts: Mapping[str, int] | int, seed: int) -> None:
    """Write a collection of 16-bit mono WAVs, one sub-folder per label.

    Args:
        folder: where; made if it is not there.
        counts: sounds per label, or one number for "kick", "snare" and "cymbal" alike.
        seed: not negative; the same seed gives the same files.

    Raises:
        ValueError: a label cannot be synthesised, or a count is negative.

    Example:
        >>> synthesise_collection(Path("drums"), counts={"kick": 200, "snare": 200}, seed=1)
    """
    wanted = dict.fromkeys(VOICES, counts) if isinstance(counts, int) else dict(counts)
    for label, count in wanted.items():
        if label not in VOICES or count < 0:
            raise ValueError(f"cannot synthesise {count} of {label!r}: choose {', '.join(VOICES)}")
    for label, count in wanted.items():
        (Path(folder) / label).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            path = Path(folder) / label / f"{label}-{number:04d}.wav"
            path.write_bytes(wav_bytes(synthesise(label, number, seed=seed), SAMPLE_RATE))


def synthesise(label: str, number: int, *, seed: int) -> Audio:
    """Make one sound.

    Args:
        label: "kick", "snare" or "cymbal".
        number: which one.
        seed: of the collection.

    Returns:
        float64 (samples,) at 44.1 kHz, its peak between 0.5 and 1, of its own length.
    """
    rng = np.random.default_rng((seed, zlib.crc32(label.encode()), number))
    audio = VOICES[label](rng)
    return audio / np.abs(audio).max() * rng.uniform(0.5, 1.0)


def kick(rng: Rng) -> Audio:
    """Return a bass drum of 0.2 to 0.7 s: from a dry thud to a long boom."""
    t = _time(rng.uniform(0.2, 0.7))
    decay = rng.uniform(0.06, 0.22)
    low = _log_uniform(rng, 38, 70)  # Hz, where the sweep ends
    pitch = low + _log_uniform(rng, 60, 500) * np.exp(-t / _log_uniform(rng, 0.006, 0.05))
    body = np.sin(_phase(pitch, rng.uniform(0, np.pi / 2)))
    body += rng.uniform(0, 0.25) * np.sin(_phase(2 * pitch))
    audio = body * _hit(t, 0.0005, decay)
    audio += rng.uniform(0.02, 0.3) * _click(rng, t)
    thump = _band(rng.standard_normal(len(t)), 60, _log_uniform(rng, 300, 1500))
    audio += rng.uniform(0, 0.25) * thump * _hit(t, 0.001, decay * 0.3)
    return _drive(audio, rng.uniform(0, 3))


def snare(rng: Rng) -> Audio:
    """Return a snare drum of 0.15 to 0.5 s: shell, snares, stick, in every mixture."""
    t = _time(rng.uniform(0.15, 0.5))
    first = _log_uniform(rng, 140, 260)  # Hz, the shell's lower mode
    shell = np.zeros_like(t)
    for ratio, level in ((1.0, 1.0), (rng.uniform(1.45, 1.85), rng.uniform(0.3, 0.8))):
        bend = 1 + rng.uniform(0.1, 0.7) * np.exp(-t / 0.012)
        shell += level * np.sin(_phase(first * ratio * bend)) * _hit(t, 0.0005, _spread(rng, 0.06))
    noise = _band(
        rng.standard_normal(len(t)), _log_uniform(rng, 250, 1500), _log_uniform(rng, 2e3, 9e3)
    )
    snares = noise * (
        _hit(t, 0.0005, _spread(rng, 0.03)) + 0.4 * _hit(t, 0.004, _spread(rng, 0.11))
    )
    audio = shell * rng.uniform(0.15, 0.8) + snares * rng.uniform(0.5, 1.0)
    audio += rng.uniform(0.05, 0.4) * _click(rng, t)
    return _drive(audio, rng.uniform(0, 2))


def cymbal(rng: Rng) -> Audio:
    """Return a closed or open hat, a ride or a crash of 0.1 to 1.2 s."""
    seconds, decay, wash = _CYMBALS[rng.integers(len(_CYMBALS))]
    t = _time(_spread(rng, seconds))
    decay = _spread(rng, decay)
    metal = _square_cluster(rng, t) if rng.random() < 0.4 else _plate(rng, t, decay)
    metal = _band(metal, _log_uniform(rng, 1500, 6000), _log_uniform(rng, 8e3, 19e3))
    noise = _band(
        rng.standard_normal(len(t)), _log_uniform(rng, 3000, 8000), _log_uniform(rng, 9e3, 20e3)
    )
    swell = _hit(t, _log_uniform(rng, 0.0005, 0.01), decay)
    audio = metal * _hit(t, 0.0005, decay * rng.uniform(0.7, 1.2)) + wash * noise * swell
    audio += rng.uniform(0.1, 0.6) * _click(rng, t, low=3000)
    return _drive(audio, rng.uniform(0, 0.7))


VOICES: dict[str, Callable[[Rng], Audio]] = {"kick": kick, "snare": snare, "cymbal": cymbal}

# Seconds, decay in seconds, share of noise: closed hat, open hat, ride, crash.
_CYMBALS = ((0.15, 0.025, 0.8), (0.4, 0.13, 0.8), (0.7, 0.3, 0.25), (0.8, 0.28, 1.0))

# Ratios of the six oscillators of the TR-808's cymbal and hats.
_CLUSTER = np.array([1.0, 1.4826, 1.8003, 2.5467, 2.6303, 3.8966])


def _plate(rng: Rng, t: Audio, decay: float) -> Audio:
    """Return partials as dense as a struck plate's, the higher ones fading sooner."""
    count = int(rng.integers(30, 70))
    pitch = np.sort(_log_uniform(rng, 500, 15e3, count))[:, None]  # (partials, 1)
    fading = decay * rng.uniform(0.5, 1.5, (count, 1)) * (3000 / pitch) ** 0.3
    level = rng.uniform(0.2, 1.0, (count, 1))
    start = rng.uniform(0, 2 * np.pi, (count, 1))
    return _unit((level * np.sin(2 * np.pi * pitch * t + start) * np.exp(-t / fading)).sum(0))


def _square_cluster(rng: Rng, t: Audio) -> Audio:
    """Six square waves that no common tone binds together, built from sines below Nyquist."""
    base = _log_uniform(rng, 180, 420)
    audio = np.zeros_like(t)
    for pitch in base * _CLUSTER * rng.uniform(0.97, 1.03, len(_CLUSTER)):
        odd = np.arange(1, SAMPLE_RATE / 2 / pitch, 2)[:, None]
        audio += (np.sin(2 * np.pi * odd * pitch * t) / odd).sum(0)
    return _unit(audio)


def _click(rng: Rng, t: Audio, low: float = 1000) -> Audio:
    """Return a few layered bursts within the first milliseconds: beater, stick, tip."""
    audio = np.zeros_like(t)
    for _ in range(rng.integers(1, 4)):
        late = t - rng.uniform(0, 0.004)
        burst = np.where(late >= 0, np.exp(-np.maximum(late, 0) / _log_uniform(rng, 3e-4, 3e-3)), 0)
        audio += burst * _band(rng.standard_normal(len(t)), low, _log_uniform(rng, 6e3, 18e3))
    return _unit(audio)


def _time(seconds: float) -> Audio:
    return np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _hit(t: Audio, attack: float, decay: float) -> Audio:
    """Return a rise of ``attack`` seconds, then e-folds of ``decay`` seconds; 0 at the end."""
    tail = np.minimum((t[-1] - t) / 0.01, 1.0)
    return np.minimum(t / attack, 1.0) * np.exp(-t / decay) * tail


def _phase(pitch: Audio, start: float = 0.0) -> Audio:
    return start + 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE


def _band(audio: Audio, low: float, high: float) -> Audio:
    """Keep a band, with slopes of 12 dB per octave and no phase shift; unit peak."""
    frequency = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE)
    ratio = np.maximum(frequency, 1e-3)
    gain = 1 / np.sqrt((1 + (low / ratio) ** 4) * (1 + (ratio / high) ** 4))
    return _unit(np.fft.irfft(np.fft.rfft(audio) * gain, len(audio)))


def _drive(audio: Audio, amount: float) -> Audio:
    """Saturate as an overdriven stage does; 0 leaves the sound as it is."""
    return np.tanh(amount * _unit(audio)) if amount > 0.01 else audio


def _unit(audio: Audio) -> Audio:
    return audio / max(float(np.abs(audio).max()), 1e-9)


def _spread(rng: Rng, middle: float) -> float:
    """Return a number around ``middle``, from two thirds of it to half as much again."""
    return float(_log_uniform(rng, middle / 1.5, middle * 1.5))


def _log_uniform(rng: Rng, low: float, high: float, size: int | None = None):
    return np.exp(rng.uniform(np.log(low), np.log(high), size))
