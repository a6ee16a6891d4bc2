"""From a decoded sound of any rate, level and length to what the networks learn from.

The steps of the paper (section 4.1), each one an op that works eagerly and inside ``Dataset.map``:

    decoded (frames, channels)
      -> to_mono -> resample -> cut_leading_silence -> cut -> fade_ends -> normalise_peak -> pad

                 onset
                   |
        ~~~~~~~~~~~|\\/\\/\\/\\/\\/\\/\\/\\..............     the sound as it was found
                 |<- kept from here, one fade-in before the onset
                 0 /\\/\\/\\/\\/\\/\\/\\/\\....... 0             faded at its own two ends,
                 0 /\\/\\/\\/\\/\\/\\/\\/\\....... 0 000000000   then padded to the length

The fade-in lies on what comes before the onset, so that an attack keeps its edge. The peak is
taken after cutting and fading: what is stored reaches exactly full scale.
"""

from dataclasses import asdict, dataclass
from typing import Any

import tensorflow as tf

from ..records import schema
from .resampling import resample

# A stereo sound whose channels cancel is better heard from one side. The average of unrelated
# channels is 3 dB lower than each, of a sound panned hard to one side 6 dB.
_CANCELLED = 0.25

REASONS = (
    "",
    "holds no samples",
    "holds NaN or infinite samples",
    "is silent",
    "is too short to be faded",
)
EMPTY, NOT_FINITE, SILENT, TOO_SHORT = 1, 2, 3, 4


@dataclass(frozen=True)
class Preparation:
    """How sounds are prepared; stored in dataset.json.

    Attributes:
        sample_rate: of the records, in Hz.
        length: samples per sound in the records.
        fade_in_ms: linear fade at the start, in ms: half a millisecond removes the click of a cut
            and leaves the attack.
        fade_out_ms: linear fade at the end, in ms; at most half of a shorter sound.
        onset_db: the sound starts where it first comes within so many dB of its peak.
        silent_db: a file is silent if its peak lies so many dB under full scale.

    Raises:
        ValueError: a number is out of range.
    """

    sample_rate: int = 44100
    length: int = 16384
    fade_in_ms: float = 0.5
    fade_out_ms: float = 20.0
    onset_db: float = 40.0
    silent_db: float = 60.0

    def __post_init__(self) -> None:
        for name, least in (("sample_rate", 1000), ("length", 256)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} {getattr(self, name)} is below {least}")
        for name in ("fade_in_ms", "fade_out_ms", "onset_db", "silent_db"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} {getattr(self, name)} is not a number from 0 upwards")
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
        return {**asdict(self), **samples}


def prepare_sound(
    audio: tf.Tensor, rate: tf.Tensor, options: Preparation
) -> tuple[tf.Tensor, tf.Tensor]:
    """Prepare one decoded sound.

    Args:
        audio: float32 (frames, channels), of any level and length.
        rate: its sample rate in Hz.
        options: how.

    Returns:
        int16 (length,), and an int32 that is 0, or the index in REASONS of why it cannot be used.
    """
    problem = find_problem(audio, options.silent_db)
    usable = tf.equal(problem, 0)
    # An unusable sound still runs through the ops; a click keeps them within their domain.
    audio = tf.cond(usable, lambda: audio, lambda: tf.ones([1, 1]))
    audio = to_mono(audio)
    audio = to_rate(audio, rate, options.sample_rate)
    audio = cut_leading_silence(audio, options.onset_db, options.fade_in_samples)
    audio = audio[: options.length]
    audio = fade_ends(audio, options.fade_in_samples, options.fade_out_samples)
    audio = normalise_peak(audio)
    faded_away = tf.logical_and(usable, tf.reduce_max(tf.abs(audio)) == 0)
    problem = tf.where(faded_away, TOO_SHORT, problem)
    return schema.to_pcm(pad(audio, options.length)), problem


def find_problem(audio: tf.Tensor, silent_db: float) -> tf.Tensor:
    """Say why a decoded sound cannot be used.

    Args:
        audio: float32 (frames, channels).
        silent_db: silent is a peak so many dB under full scale.

    Returns:
        int32 index into REASONS, 0 where nothing is wrong.
    """
    peak = tf.reduce_max(tf.abs(audio))
    return tf.case(
        [
            (tf.equal(tf.size(audio), 0), lambda: EMPTY),
            (tf.reduce_any(~tf.math.is_finite(audio)), lambda: NOT_FINITE),
            (peak <= 10 ** (-silent_db / 20), lambda: SILENT),
        ],
        default=lambda: 0,
    )


def to_mono(audio: tf.Tensor) -> tf.Tensor:
    """Average the channels, or take the loudest one where they cancel each other.

    Args:
        audio: float32 (frames, channels).

    Returns:
        float32 (frames,).
    """
    # Scaled first: the sum of loud float channels must stay finite.
    mean = tf.reduce_sum(audio / tf.cast(tf.shape(audio)[1], tf.float32), axis=1)
    peaks = tf.reduce_max(tf.abs(audio), axis=0)
    cancelled = tf.reduce_max(tf.abs(mean)) < _CANCELLED * tf.reduce_max(peaks)
    return tf.where(cancelled, tf.gather(audio, tf.argmax(peaks), axis=1), mean)


def to_rate(audio: tf.Tensor, rate: tf.Tensor, sample_rate: int) -> tf.Tensor:
    """Bring a sound (frames,) from ``rate`` to ``sample_rate``, band-limited."""
    return tf.cond(
        tf.equal(tf.cast(rate, tf.int32), sample_rate),
        lambda: audio,
        lambda: resample(audio, rate, sample_rate),
    )


def cut_leading_silence(audio: tf.Tensor, onset_db: float, lead: int) -> tf.Tensor:
    """Cut what lies before the onset.

    Args:
        audio: float32 (frames,).
        onset_db: the onset is the first sample within so many dB of the peak.
        lead: samples kept before the onset, for the fade-in; as many as there are.

    Returns:
        float32 (frames - what was cut,).
    """
    level = tf.abs(audio)
    loud = level >= tf.reduce_max(level) * 10 ** (-onset_db / 20)
    onset = tf.argmax(tf.cast(loud, tf.int32), output_type=tf.int32)
    return audio[tf.maximum(onset - lead, 0) :]


def fade_ends(audio: tf.Tensor, fade_in: int, fade_out: int) -> tf.Tensor:
    """Fade linearly, from exactly 0 at the first sample and to exactly 0 at the last.

    Args:
        audio: float32 (frames,).
        fade_in: samples before the gain reaches 1; at most half of the sound.
        fade_out: samples after the gain leaves 1; at most half of the sound.

    Returns:
        float32 (frames,).
    """
    frames = tf.shape(audio)[0]
    place = tf.cast(tf.range(frames), tf.float32)
    half = tf.maximum(tf.cast(frames, tf.float32) / 2, 1.0)
    rise = place / tf.minimum(float(fade_in), half)
    fall = tf.reverse(place, [0]) / tf.minimum(float(fade_out), half)
    return audio * tf.minimum(tf.minimum(rise, fall), 1.0)


def normalise_peak(audio: tf.Tensor) -> tf.Tensor:
    """Scale a sound so that its peak is 1; silence stays silence."""
    return tf.math.divide_no_nan(audio, tf.reduce_max(tf.abs(audio)))


def pad(audio: tf.Tensor, length: int) -> tf.Tensor:
    """Append zeros to a sound of at most ``length`` samples: (frames,) -> (length,)."""
    padded = tf.pad(audio, [[0, length - tf.shape(audio)[0]]])
    return tf.ensure_shape(padded, (length,))
