"""From a decoded sound of any rate, level and length to what the networks learn from.

The steps of the paper (section 4.1), and those that collections need before them:

    decoded (frames, channels)
      -> remove_dc -> to_mono -> remove_rumble -> onset -> resample -> cut -> fade_ends
      -> normalise_peak -> pad -> 16 bit

                 onset
                   |
        ~~~~~~~~~~~|\\/\\/\\/\\/\\/\\/\\/\\..............     the sound as it was found
                 |<- kept from here, one fade-in before the onset
                 0 /\\/\\/\\/\\/\\/\\/\\/\\....... 0             faded at its own two ends,
                 0 /\\/\\/\\/\\/\\/\\/\\/\\....... 0 000000000   then padded to the length

The fade-in lies on what comes before the onset, so that an attack keeps its edge, and every sound
begins with its onset at the same sample. The peak is taken after cutting and fading: what is stored
reaches exactly full scale.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.linalg.blas import dtbsv

from ..records.pcm import to_pcm
from .onset import Onsets, find_onsets
from .resampling import PADDING_TAPS, resample

# Changes whenever the same file and options would give other samples; decides what is kept.
METHOD = 2

# A stereo sound whose channels cancel is better heard from one side. The average of unrelated
# channels is 3 dB lower than each, of a sound panned hard to one side 6 dB.
_CANCELLED = 0.25
_DC_BLOCK_S = 0.05
# Of the peak; less is a drum's own lopsidedness. A short sound has more of that.
_LEAST_DC, _LEAST_DC_SHORT = 0.01, 0.05
_STEADY_DC = 0.25  # how far blocks may stray from the offset, as a share of it
_ENDED = 0.001  # a sound lasts until its level stays 60 dB under the peak
_DIED_AWAY = 0.01  # 40 dB under the peak: what a cut-off file lacks is not missed
_DIED_AWAY_S = 0.01
# So many runs of so many equal samples at the peak are no chance.
_CLIPPED_RUN, _CLIPPED_RUNS = 3, 3

SEVERAL_HITS = ("skip", "first", "keep")
"""What to do with a file of several hits: leave it out, cut before the second, take it as it is."""


@dataclass(frozen=True)
class Preparation:
    """How sounds are prepared; stored in dataset.json.

    Attributes:
        sample_rate: of the records, in Hz.
        length: samples per sound in the records.
        fade_in_ms: linear fade at the start, in ms: half a millisecond removes the click of a cut
            and leaves the attack.
        fade_out_ms: linear fade at the end, in ms; at most half of a shorter sound.
        onset_db: out of silence, the sound starts where it first comes within so many dB of its
            peak.
        silent_db: a file is silent if its peak lies so many dB under full scale.
        rumble_hz: what lies below is removed: second-order Butterworth high-pass; 0 leaves it.
        shortest_ms: a sound that lasts less is no drum.
        several_hits: one of SEVERAL_HITS.

    Raises:
        ValueError: a number is out of range.
    """

    sample_rate: int = 44100
    length: int = 16384
    fade_in_ms: float = 0.5
    fade_out_ms: float = 20.0
    onset_db: float = 40.0
    silent_db: float = 60.0
    rumble_hz: float = 10.0
    shortest_ms: float = 5.0
    several_hits: str = "skip"

    def __post_init__(self) -> None:
        for name, least in (("sample_rate", 1000), ("length", 256)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} {getattr(self, name)} is below {least}")
        for name in _NUMBERS:
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} {getattr(self, name)} is not a number from 0 upwards")
        if self.rumble_hz >= 400:
            raise ValueError(f"rumble_hz {self.rumble_hz} is not below 400")
        if self.several_hits not in SEVERAL_HITS:
            raise ValueError(
                f"several_hits {self.several_hits!r} is not one of {', '.join(SEVERAL_HITS)}"
            )
        if self.fade_in_samples + self.fade_out_samples > self.length:
            raise ValueError(f"the fades are longer than the length of {self.length} samples")

    @property
    def fade_in_samples(self) -> int:
        """The fade-in, in samples; at least the one that is 0."""
        return max(1, round(self.fade_in_ms * self.sample_rate / 1000))

    @property
    def fade_out_samples(self) -> int:
        """The fade-out, in samples; at least the one that is 0."""
        return max(1, round(self.fade_out_ms * self.sample_rate / 1000))

    def to_dict(self) -> dict[str, Any]:
        """Give the options for dataset.json."""
        samples = {
            "fade_in_samples": self.fade_in_samples,
            "fade_out_samples": self.fade_out_samples,
        }
        return {**asdict(self), **samples, "method": METHOD}


_NUMBERS = ("fade_in_ms", "fade_out_ms", "onset_db", "silent_db", "rumble_hz", "shortest_ms")


class UnusableSound(Exception):
    """A decoded sound that cannot be used; the message is the reason."""


@dataclass(frozen=True)
class PreparedSound:
    """A sound for the records, and what was noticed on the way.

    Attributes:
        pcm: int16 (length,).
        peak_db: of the file as decoded, in dB of full scale.
        onset_s: where in the decoded audio the sound begins.
        lasts_s: from there until it stays 60 dB under its peak.
        hits: how many were found.
        notes: what a person should know, in a few words each; empty for most sounds.
    """

    pcm: np.ndarray
    peak_db: float
    onset_s: float
    lasts_s: float
    hits: int
    notes: tuple[str, ...] = ()


def prepare_sound(
    audio: np.ndarray,
    rate: int,
    options: Preparation,
    *,
    whole: bool = True,
    bits: int = 16,
) -> PreparedSound:
    """Prepare one decoded sound.

    Args:
        audio: float32 (frames, channels), of any level and length.
        rate: its sample rate in Hz.
        options: how.
        whole: whether the file holds all that it promised.
        bits: per sample of the file; few make every peak look clipped.

    Raises:
        UnusableSound: it cannot be used; the message says why.
    """
    peak = _check(audio, options.silent_db)
    notes = ["is clipped"] if bits > 8 and is_clipped(audio) else []
    centred, offset = remove_dc(audio, rate)
    if offset:
        notes.append(f"had a DC offset ({offset:+.2f})")
    mono, cancelled = to_mono(centred)
    if cancelled:
        notes.append("has channels that cancel each other; the loudest was taken")
    mono = remove_rumble(mono, rate, options.rumble_hz)
    level = float(np.abs(mono).max())
    if level <= 10 ** (-options.silent_db / 20):
        raise UnusableSound("is silent but for DC and rumble")
    onsets = find_onsets(mono, rate, options.onset_db)
    lasts = _lasting(mono, onsets.first, level) / rate
    _check_length(lasts, options)
    kept = _choose_hits(mono, onsets, rate, options, notes)
    if not whole:
        notes.append(_check_cut_off(kept, onsets, rate, level, options))
    before = mono[: onsets.first]
    if len(before) > rate // 20 and _db(before[: -rate // 100].std() / level) > -45:
        notes.append(f"had noise before the hit ({_db(before.std() / level):.0f} dB)")
    return PreparedSound(
        pcm=to_pcm(finish(kept, onsets.first, rate, options)),
        peak_db=round(_db(peak), 1),
        onset_s=round(onsets.first / rate, 6),
        lasts_s=round(lasts, 4),
        hits=1 + len(onsets.further),
        notes=tuple(notes),
    )


def _check(audio: np.ndarray, silent_db: float) -> float:
    if not audio.size:
        raise UnusableSound("holds no samples")
    # One pass: the extremes are NaN or infinite if any sample is.
    peak = max(float(audio.max()), -float(audio.min()))
    if not math.isfinite(peak):
        raise UnusableSound("holds NaN or infinite samples")
    if peak <= 10 ** (-silent_db / 20):
        raise UnusableSound("is silent")
    return peak


def _check_length(lasts: float, options: Preparation) -> None:
    if lasts * 1000 < options.shortest_ms:
        raise UnusableSound(
            f"lasts {lasts * 1000:.1f} ms, less than the {options.shortest_ms:g} ms of a drum"
        )


def _choose_hits(
    mono: np.ndarray, onsets: Onsets, rate: int, options: Preparation, notes: list[str]
) -> np.ndarray:
    if not onsets.further:
        return mono
    number = 1 + len(onsets.further)
    if options.several_hits == "skip":
        raise UnusableSound(
            f"holds {number} hits in {len(mono) / rate:.1f} s: a loop or several sounds"
        )
    notes.append(f"holds {number} hits")
    if options.several_hits == "keep":
        return mono
    # 5 ms before the next hit, so that nothing of its attack is left in the fade.
    return mono[: max(onsets.further[0] - rate // 200, onsets.first + 1)]


def _check_cut_off(
    mono: np.ndarray, onsets: Onsets, rate: int, level: float, options: Preparation
) -> str:
    left = (len(mono) - onsets.first) / rate
    end = np.abs(mono[-max(1, round(_DIED_AWAY_S * rate)) :]).max()
    enough = left >= options.length / options.sample_rate / 2 or end <= _DIED_AWAY * level
    if not enough:
        raise UnusableSound(f"is cut off or damaged {left * 1000:.0f} ms after it begins")
    return "is cut off or damaged; what is whole was taken"


def _lasting(mono: np.ndarray, first: int, level: float) -> int:
    heard = np.abs(mono[first:][::-1]) >= _ENDED * level
    return len(heard) - int(np.argmax(heard))


def is_clipped(audio: np.ndarray) -> bool:
    """Whether a sound (frames, channels) was cut at a level: flat tops, several of them."""
    for channel in audio.T:
        for limit in (channel.max(), channel.min()):
            at_limit = channel == limit
            if limit == 0 or np.count_nonzero(at_limit) < _CLIPPED_RUN * _CLIPPED_RUNS:
                continue
            edges = np.flatnonzero(np.diff(np.concatenate(([0], at_limit.view(np.int8), [0]))))
            if np.count_nonzero(edges[1::2] - edges[::2] >= _CLIPPED_RUN) >= _CLIPPED_RUNS:
                return True
    return False


def remove_dc(audio: np.ndarray, rate: int) -> tuple[np.ndarray, float]:
    """Remove a constant offset from each channel.

    The offset is the median of the means of blocks of 50 ms, if it is a hundredth of the peak and
    half of the blocks stray from it by less than a quarter; of a sound under four blocks, the mean,
    if it is a twentieth of the peak.

    Args:
        audio: (frames, channels).
        rate: in Hz.

    Returns:
        float64 (frames, channels), and the largest offset that was removed, 0 where none was.
    """
    audio = audio.astype(np.float64)
    block = max(1, round(_DC_BLOCK_S * rate))
    blocks = len(audio) // block
    if blocks >= 4:
        means = audio[: blocks * block].reshape(blocks, block, -1).mean(axis=1)
        offset = np.median(means, axis=0)
        strays = np.median(np.abs(means - offset), axis=0)
        steady, least = strays <= _STEADY_DC * np.abs(offset), _LEAST_DC
    else:
        offset = audio.mean(axis=0)
        steady, least = np.True_, _LEAST_DC_SHORT
    offset = np.where(steady & (np.abs(offset) >= least * np.abs(audio).max()), offset, 0.0)
    return audio - offset, float(offset[np.argmax(np.abs(offset))])


def to_mono(audio: np.ndarray) -> tuple[np.ndarray, bool]:
    """Average the channels, or take the loudest one where they cancel each other.

    Args:
        audio: (frames, channels).

    Returns:
        (frames,), and whether they cancel.
    """
    mean = audio.mean(axis=1)
    peaks = np.abs(audio).max(axis=0)
    if np.abs(mean).max() >= _CANCELLED * peaks.max():
        return mean, False
    return audio[:, int(np.argmax(peaks))], True


def remove_rumble(audio: np.ndarray, rate: int, rumble_hz: float) -> np.ndarray:
    """Remove what lies below ``rumble_hz`` from a sound (frames,); 0 leaves it as it is.

    By a second-order Butterworth high-pass: the bilinear transform of s^2 / (s^2 + sqrt(2) s + 1),
    its corner where it was.
    """
    if not rumble_hz:
        return audio
    # scipy.signal has it, and takes longer to import than TensorFlow. The recursion
    # sum of below[k] y[n - k] = x[n] - 2 x[n - 1] + x[n - 2] is a triangular system of three bands.
    corner = math.tan(math.pi * rumble_hz / rate)
    damping = math.sqrt(2) * corner
    below = (1 + damping + corner**2, 2 * (corner**2 - 1), 1 - damping + corner**2)
    driven = audio.astype(np.float64)
    driven[1:] -= 2 * audio[:-1]
    driven[2:] += audio[:-2]
    bands = np.asfortranarray(np.tile(np.array(below)[:, np.newaxis], len(audio)))
    return dtbsv(2, bands, driven, lower=1)


def finish(mono: np.ndarray, onset: int, rate: int, options: Preparation) -> np.ndarray:
    """Cut a sound at its onset, bring it to the rate, fade, normalise and pad it.

    Args:
        mono: (frames,) at ``rate``.
        onset: the sample that becomes the first after the fade-in.
        rate: in Hz.
        options: how.

    Returns:
        float64 (length,), its peak 1.
    """
    lead = options.fade_in_samples
    divisor = math.gcd(rate, options.sample_rate)
    step_in, step_out = rate // divisor, options.sample_rate // divisor
    # A whole number of periods before the onset, so that it stays on a sample at the other rate.
    margin = lead + (PADDING_TAPS if step_in != step_out else 0)
    periods = -(-margin // step_out)
    # A file that starts with its attack gets silence before it: every onset is at one place.
    begin = onset - periods * step_in
    end = onset + -(-(options.length + margin) * rate // options.sample_rate)
    piece = np.pad(mono[max(begin, 0) : end], (max(-begin, 0), 0))
    piece = resample(piece, rate, options.sample_rate)
    first = periods * step_out - lead
    kept = fade_ends(piece[first : first + options.length], lead, options.fade_out_samples)
    return pad(normalise_peak(kept), options.length)


def fade_ends(audio: np.ndarray, fade_in: int, fade_out: int) -> np.ndarray:
    """Fade linearly, from exactly 0 at the first sample and to exactly 0 at the last.

    Args:
        audio: (frames,).
        fade_in: samples before the gain reaches 1; at most half of the sound.
        fade_out: samples after the gain leaves 1; at most half of the sound.

    Returns:
        (frames,).
    """
    place = np.arange(len(audio))
    half = max(len(audio) / 2, 1.0)
    rise = place / min(fade_in, half)
    fall = place[::-1] / min(fade_out, half)
    return audio * np.minimum(np.minimum(rise, fall), 1.0)


def normalise_peak(audio: np.ndarray) -> np.ndarray:
    """Scale a sound so that its peak is 1; silence stays silence."""
    peak = np.abs(audio).max(initial=0.0)
    return audio / peak if peak else audio


def pad(audio: np.ndarray, length: int) -> np.ndarray:
    """Append zeros to a sound of at most ``length`` samples: (frames,) -> (length,)."""
    return np.pad(audio, (0, length - len(audio)))


def _db(level: float) -> float:
    return 20 * math.log10(max(level, 1e-9))
