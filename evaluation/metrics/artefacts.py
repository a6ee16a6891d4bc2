"""Faults that generators of raw audio are known for: tones at image frequencies, noise, offsets.

A layer that upsamples by 4 repeats the spectrum of its low-rate input around the multiples of the
low rate, and any offset of that input becomes a steady tone there: with nearest-neighbour layers
feeding rates sr/64, sr/16 and sr/4, at those and their multiples (Odena et al., "Deconvolution and
checkerboard artifacts", Distill, 2016; Donahue et al., ICLR 2019, section 3.1; Pons et al., ICASSP
2021).
"""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft as scipy_fft

from .registry import ARTEFACTS, AT_LEAST_ZERO, SHARE, Metric, Target, register
from .sampling import Estimate, estimate, mean_estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features

IMAGE_FRACTIONS: dict[str, float] = {
    "sr/4": 1 / 4,
    "sr/8": 1 / 8,
    "sr/16": 1 / 16,
    "3sr/8": 3 / 8,
    "sr/64": 1 / 64,
}
"""Where tones are looked for, as fractions of the sample rate. Each is a whole bin of the frame."""

FRAME = 4096
"""Transform length; shorter sounds use the largest power of two that they fill."""

NEIGHBOURHOOD = (3, 12)
"""Nearest and farthest bin, on both sides, that the height is measured over. The Hann window leaks
a tone into one neighbour on each side; the median of both sides cancels a slope."""

QUANTISATION_POWER = 2.0**-30 / 12
"""Power of the rounding noise of 16-bit audio, added so that digital silence has a level."""

TAIL_S = 0.020
"""Length of the tail at the end of the sound, in seconds."""

SILENCE_DB = -60.0
"""A tail this far under the sound's peak counts as silent, as decay times end there (RT60)."""

END_LIMIT = 1e-3
"""A first or last sample over this share of full scale is heard as a click (-60 dB)."""

_TINY = 1e-12


def spectra(audio: np.ndarray) -> np.ndarray:
    """Return the mean power spectrum of each sound, (n, bins), by Welch's method.

    Hann windows that overlap by half; scaled so that white noise has its variance in each bin.
    """
    audio = np.asarray(audio, np.float32)
    frame = min(FRAME, 2 ** int(np.log2(max(audio.shape[1], 2))))
    window = np.hanning(frame + 1)[:-1].astype(np.float32)
    window /= np.sqrt(np.sum(window**2))
    frames = np.lib.stride_tricks.sliding_window_view(audio, frame, axis=1)[:, :: frame // 2]
    spectrum = scipy_fft.rfft(frames * window, axis=-1)
    return (spectrum.real**2 + spectrum.imag**2).mean(axis=1) + QUANTISATION_POWER


def image_heights_db(power: np.ndarray) -> dict[str, float]:
    """Return the height of the median spectrum at each image frequency over its neighbourhood.

    Args:
        power: `spectra` of several sounds, shape (n, bins).

    Returns:
        Decibels by name of the frequency; near 0 where there is no tone. Frequencies too low for
        the frame to resolve are left out.

    """
    heights = {name: image_height_db(power, name) for name in IMAGE_FRACTIONS}
    return {name: height for name, height in heights.items() if height is not None}


def image_height_db(power: np.ndarray, name: str) -> float | None:
    """Return the height at one frequency, or none where the frame cannot resolve it."""
    centre = round(IMAGE_FRACTIONS[name] * 2 * (power.shape[1] - 1))
    nearest, farthest = NEIGHBOURHOOD
    if centre - farthest < 1:
        return None
    # Only the bins in use: medians over many sounds are slow.
    median = 10.0 * np.log10(np.median(power[:, centre - farthest : centre + farthest + 1], axis=0))
    around = np.concatenate([median[: farthest + 1 - nearest], median[farthest + nearest :]])
    return float(median[farthest] - np.median(around))


def tail_db(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the level of each sound's last `TAIL_S` in dB under its peak, shape (n,).

    ```
    10 log10(mean(tail^2) / peak^2 + 10^(SILENCE_DB / 10))
    ```
    """
    audio = np.asarray(audio, np.float64)
    samples = max(1, round(TAIL_S * sample_rate))
    peak = np.maximum(np.abs(audio).max(axis=1), _TINY)
    power = np.mean(audio[:, -samples:] ** 2, axis=1) / peak**2
    return 10.0 * np.log10(power + 10.0 ** (SILENCE_DB / 10))


def dc_offset(audio: np.ndarray) -> np.ndarray:
    """Return the absolute mean of each sound, shape (n,), full scale being 1."""
    return np.abs(np.mean(np.asarray(audio, np.float64), axis=1))


def end_level(audio: np.ndarray) -> np.ndarray:
    """Return the larger of the absolute first and last sample of each sound, shape (n,)."""
    audio = np.asarray(audio, np.float64)
    return np.maximum(np.abs(audio[:, 0]), np.abs(audio[:, -1]))


def clicking_ends(audio: np.ndarray) -> np.ndarray:
    """Return for each sound whether it starts or ends over `END_LIMIT`, as 0.0 or 1.0."""
    return (end_level(audio) > END_LIMIT).astype(np.float64)


def tail_spectra(audio: np.ndarray) -> np.ndarray:
    """Return `spectra` of each sound's last `FRAME` samples, (n, bins)."""
    return spectra(np.asarray(audio)[:, -FRAME:])


def image(
    name: str, candidate: "Features", reference: "Features", chunk: int, seed: int
) -> Estimate:
    """Measure the median spectrum's height at one image frequency in dB."""
    return estimate(
        lambda i: image_height_db(candidate.power[i], name) or 0.0, len(candidate), seed=seed
    )


def image_in_tails(candidate: "Features", reference: "Features", chunk: int, seed: int) -> Estimate:
    """Measure the highest peak at an image frequency of the tails' median spectrum in dB."""
    return estimate(
        lambda i: max(image_heights_db(candidate.tail_power[i]).values(), default=0.0),
        len(candidate),
        seed=seed,
    )


def tail(candidate: "Features", reference: "Features", chunk: int, seed: int) -> Estimate:
    """Measure the median level of the tail in dB."""
    return estimate(lambda i: float(np.median(candidate.tail[i])), len(candidate), seed=seed)


def mean_of_field(
    field: str,
    bounds: tuple[float, float],
    candidate: "Features",
    reference: "Features",
    chunk: int,
    seed: int,
) -> Estimate:
    """Measure the mean of one number for each sound."""
    return mean_estimate(getattr(candidate, field), seed=seed, bounds=bounds)


NO_TONES = Target(
    1.0,
    "value",
    "no steady tones at image frequencies",
    "steady tones at image frequencies can be heard",
)
_TONES = "Odena et al. 2016; Donahue et al. 2019, section 3.1; Pons et al. 2021"


def image_metric_name(name: str) -> str:
    """Return the name of the metric of one image frequency."""
    return "image_" + name.replace("/", "_")


for _name in IMAGE_FRACTIONS:
    register(
        Metric(
            image_metric_name(_name),
            f"Peak at {_name}",
            "dB",
            ARTEFACTS,
            "lower",
            f"Height of the median power spectrum (Hann, 4096 samples) at {_name} over the median "
            "of the bins 3 to 12 away on both sides.",
            _TONES,
            partial(image, _name),
            target=NO_TONES,
            digits=1,
        )
    )
register(
    Metric(
        "image_tail",
        "Peak in the tails",
        "dB",
        ARTEFACTS,
        "lower",
        "The same for the last 4096 samples: the highest at any image frequency.",
        _TONES,
        image_in_tails,
        target=NO_TONES,
        digits=1,
    )
)
register(
    Metric(
        "tail",
        "Tail, median",
        "dB",
        ARTEFACTS,
        "lower",
        "Median level of the last 20 ms under the sound's peak; what is 60 dB down is silence.",
        "own; 60 dB as in reverberation times",
        tail,
        target=Target(
            3.0, "excess", "dies away as real sounds do", "noise where it should have died away"
        ),
        digits=1,
    )
)
register(
    Metric(
        "dc",
        "DC offset",
        "",
        ARTEFACTS,
        "lower",
        "Mean of the absolute mean of each sound, full scale being 1.",
        "own",
        partial(mean_of_field, "dc", AT_LEAST_ZERO),
        digits=4,
    )
)
register(
    Metric(
        "clicks",
        "Starts or ends off zero",
        "",
        ARTEFACTS,
        "lower",
        "Share of sounds whose first or last sample is over 0.001 of full scale.",
        "own; the paper's fades start and end at 0",
        partial(mean_of_field, "clicks", SHARE),
    )
)
