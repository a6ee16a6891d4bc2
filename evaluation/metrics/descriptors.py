"""What a listener calls the character of a drum: brightness, decay, attack, loudness, pitch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft as scipy_fft
from scipy.ndimage import uniform_filter1d

from .registry import AT_LEAST_ZERO, CHARACTER, Metric, register
from .sampling import Estimate, estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features

ENVELOPE_S = 0.002
"""Length of the moving root mean square that makes the envelope, in seconds."""

DECAY_DB = 20.0
ATTACK_FROM, ATTACK_TO = 0.2, 0.9
QUIETEST_LUFS = -70.0
LOWEST_HZ = 20.0
FUNDAMENTAL_HZ = (30.0, 250.0)
FUNDAMENTAL_AFTER_S = 0.02

_TINY = 1e-12


@dataclass(frozen=True)
class Descriptor:
    """One number for each sound.

    Attributes:
        name: for machines.
        title: for people.
        unit: of the number.
        function: takes audio (n, length) and the sample rate in Hz, returns (n,).
        logarithmic: whether differences are heard as ratios; distances are then in octaves.
        definition: what the number is, in a sentence.
        source: where that comes from.
        kicks_only: whether the number means something for kicks alone.

    """

    name: str
    title: str
    unit: str
    function: Callable[[np.ndarray, int], np.ndarray]
    logarithmic: bool
    definition: str
    source: str
    kicks_only: bool = False

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Return values on the scale on which distances are taken."""
        return np.log2(values) if self.logarithmic else values

    @property
    def distance_unit(self) -> str:
        """Unit of a distance between two distributions."""
        return "octaves" if self.logarithmic else self.unit

    def applies_to(self, label: str) -> bool:
        """Tell whether the number means something for the class ``label``."""
        return not self.kicks_only or is_kick(label)


def is_kick(label: str) -> bool:
    """Tell whether a class of this name holds kicks."""
    word = label.lower().replace("_", " ").replace("-", " ")
    return "kick" in word or "bass drum" in word or word in ("bd", "bassdrum")


def distance(a: np.ndarray, b: np.ndarray) -> float:
    """Return the Wasserstein-1 distance of two sets of numbers, in their own unit.

    The mean distance that numbers must be moved to turn one distribution into the other:
    Kantorovich; scipy.stats.wasserstein_distance.
    """
    # Here, as scipy.stats takes a second to import: training and tuning do mostly without.
    from scipy.stats import wasserstein_distance

    return float(wasserstein_distance(a, b))


def spectral_centroid(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the power-weighted mean frequency of each whole sound in Hz, shape (n,).

    Peeters, "A large set of audio features for sound description", CUIDADO report, IRCAM 2004,
    section 6.1.1. Silence has `LOWEST_HZ`.
    """
    spectrum = scipy_fft.rfft(np.asarray(audio, np.float32), axis=-1)
    power = spectrum.real**2 + spectrum.imag**2
    frequencies = np.fft.rfftfreq(audio.shape[1], 1 / sample_rate)
    centroid = power @ frequencies / np.maximum(power.sum(axis=1), _TINY)
    return np.maximum(centroid, LOWEST_HZ)


def decay_time(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the time in seconds from the envelope's peak until 1 % of the energy is left.

    Backward integration: Schroeder, "New method of measuring reverberation time", JASA 37, 1965:
    the remaining energy after t, over all from the peak on, falls under -`DECAY_DB`. At least one
    millisecond.
    """
    audio = np.asarray(audio, np.float64)
    peaks = envelope(audio, sample_rate).argmax(axis=1)
    after = np.where(np.arange(audio.shape[1]) >= peaks[:, None], audio**2, 0.0)
    remaining = np.cumsum(after[:, ::-1], axis=1)[:, ::-1]
    loud = remaining > 10 ** (-DECAY_DB / 10) * remaining[:, :1]
    samples = loud.sum(axis=1) - peaks
    return np.maximum(samples / sample_rate, 1e-3)


def attack_time(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the time in seconds in which the envelope first rises from 20 to 90 % of its peak.

    Peeters 2004, section 4.2.1 (log-attack time, before the logarithm). At least one sample.
    """
    shape = envelope(np.asarray(audio, np.float64), sample_rate)
    shape = shape / np.maximum(shape.max(axis=1, keepdims=True), _TINY)
    rise = (shape >= ATTACK_TO).argmax(axis=1) - (shape >= ATTACK_FROM).argmax(axis=1)
    return np.maximum(rise, 1) / sample_rate


def loudness(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the K-weighted loudness of each whole sound in LUFS, not gated, shape (n,).

    ITU-R BS.1770-4, with filters for any sample rate after De Man, "Evaluation of implementations
    of the EBU R128 loudness measurement", AES 145, 2018. Silence has `QUIETEST_LUFS`.
    """
    # Takes a second to import, which training does without.
    from scipy.signal import lfilter

    weighted = np.asarray(audio, np.float64)
    for numerator, denominator in _k_weighting(sample_rate):
        weighted = lfilter(numerator, denominator, weighted, axis=-1)
    power = np.mean(weighted**2, axis=1)
    return np.maximum(-0.691 + 10.0 * np.log10(np.maximum(power, _TINY)), QUIETEST_LUFS)


def fundamental(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the frequency in Hz at which a kick's body is strongest, shape (n,).

    The highest point between 30 and 250 Hz of the zero-padded spectrum of what follows the peak by
    20 ms, when the beater's click is over and the pitch has fallen; a parabola through the three
    bins around it (Smith and Serra, "PARSHL", ICMC 1987). Silence has the lower limit.
    """
    audio = np.asarray(audio, np.float64)
    starts = envelope(audio, sample_rate).argmax(axis=1) + round(FUNDAMENTAL_AFTER_S * sample_rate)
    body = np.where(np.arange(audio.shape[1]) >= starts[:, None], audio, 0.0)
    size = 4 * 2 ** int(np.ceil(np.log2(audio.shape[1])))
    level = np.log(np.abs(scipy_fft.rfft(body, size, axis=-1)) ** 2 + _TINY)
    low, high = (max(1, round(hz * size / sample_rate)) for hz in FUNDAMENTAL_HZ)
    high = min(high, level.shape[1] - 2)
    peak = low + level[:, low : high + 1].argmax(axis=1)
    rows = np.arange(len(audio))
    left, middle, right = (level[rows, peak + offset] for offset in (-1, 0, 1))
    curve = left - 2 * middle + right
    shift = np.where(curve < 0, 0.5 * (left - right) / np.where(curve < 0, curve, 1.0), 0.0)
    return (peak + np.clip(shift, -0.5, 0.5)) * sample_rate / size


def envelope(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the moving root mean square over `ENVELOPE_S`, centred, shape (n, length)."""
    width = max(1, round(ENVELOPE_S * sample_rate))
    power = uniform_filter1d(audio**2, width, axis=1, mode="constant")
    # A moving sum leaves rounding errors under zero.
    return np.sqrt(np.maximum(power, 0.0))


def _k_weighting(sample_rate: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return numerator and denominator of the high pass and, where it fits, of the high shelf."""
    return [_high_pass(sample_rate)] + ([_shelf(sample_rate)] if sample_rate > 8_000 else [])


def _shelf(sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    k = np.tan(np.pi * 1681.974450955533 / sample_rate)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    shelf = np.array([high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k])
    scale = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    return shelf / scale[0], scale / scale[0]


def _high_pass(sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    k = np.tan(np.pi * 38.13547087602444 / sample_rate)
    q = 0.5003270373238773
    under = np.array([1.0, 2 * (k * k - 1) / (1 + k / q + k * k), 0.0])
    under[2] = (1 - k / q + k * k) / (1 + k / q + k * k)
    return np.array([1.0, -2.0, 1.0]), under


DESCRIPTORS: tuple[Descriptor, ...] = (
    Descriptor(
        "centroid",
        "Spectral centroid",
        "Hz",
        spectral_centroid,
        True,
        "Power-weighted mean frequency of the whole sound.",
        "Peeters 2004, section 6.1.1",
    ),
    Descriptor(
        "decay",
        "Decay time",
        "s",
        decay_time,
        True,
        "Time from the peak until 1 % of the energy is left (-20 dB by backward integration).",
        "Schroeder 1965",
    ),
    Descriptor(
        "attack",
        "Attack time",
        "s",
        attack_time,
        True,
        "Time in which the 2 ms envelope first rises from 20 to 90 % of its peak.",
        "Peeters 2004, section 4.2.1",
    ),
    Descriptor(
        "loudness",
        "Loudness",
        "dB",
        loudness,
        False,
        "K-weighted loudness of the whole sound in LUFS, not gated.",
        "ITU-R BS.1770-4; De Man 2018",
    ),
    Descriptor(
        "fundamental",
        "Fundamental of kicks",
        "Hz",
        fundamental,
        True,
        "Strongest frequency between 30 and 250 Hz of what follows the peak by 20 ms.",
        "own; interpolation after Smith and Serra 1987",
        kicks_only=True,
    ),
)


def character(
    one: Descriptor, candidate: "Features", reference: "Features", chunk: int, seed: int
) -> Estimate:
    """Measure how far a descriptor's distribution lies from the real one."""
    values = one.scaled(candidate.descriptors[one.name])
    real = one.scaled(reference.descriptors[one.name])
    return estimate(
        lambda i: distance(values[i], real),
        len(values),
        chunk=chunk,
        seed=seed,
        bounds=AT_LEAST_ZERO,
    )


for _one in DESCRIPTORS:
    _scale = "of their logarithms to base 2" if _one.logarithmic else "of the values"
    register(
        Metric(
            f"{_one.name}_distance",
            _one.title,
            _one.distance_unit,
            CHARACTER,
            "lower",
            f"{_one.definition} Wasserstein-1 distance to held-out real sounds {_scale}.",
            f"{_one.source}; scipy.stats.wasserstein_distance",
            partial(character, _one),
            "held out",
            applies=_one.applies_to,
        )
    )
