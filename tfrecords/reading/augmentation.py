"""Small changes to training sounds that leave them the same drum; every one is off by default."""

from dataclasses import dataclass

import tensorflow as tf

from .resampling import resample

# Lengths that slight resampling chooses from, apart: quick transforms, and under 7 cents at 16384.
_GRAIN = 64

# Gain of a fade under which too little of the sound is left to take the fade back.
_LEAST_FADE = 0.1


@dataclass(frozen=True)
class Augmentation:
    """Which changes, and how large. Zero or False switches one off.

    Attributes:
        gain_db: level lowered by up to so many dB, uniform in dB.
        shift_samples: started later by up to so many samples.
        polarity: turned upside down half of the time.
        resample: played faster or slower by up to this share, pitch and length together.

    Raises:
        ValueError: a size is negative, or ``resample`` is 0.5 or more.

    Example:
        >>> Augmentation(gain_db=3.0, polarity=True)
    """

    gain_db: float = 0.0
    shift_samples: int = 0
    polarity: bool = False
    resample: float = 0.0

    def __post_init__(self) -> None:
        for name in ("gain_db", "shift_samples", "resample"):
            if getattr(self, name) < 0:
                raise ValueError(f"augmentation {name} {getattr(self, name)} is negative")
        if self.resample >= 0.5:
            raise ValueError(f"augmentation resample {self.resample} is not below 0.5")

    @property
    def active(self) -> bool:
        """Whether anything is changed at all."""
        return self != Augmentation()


def augment(audio: tf.Tensor, draws: tf.Tensor, options: Augmentation, fade: int) -> tf.Tensor:
    """Change a batch of sounds; each still starts and ends at exactly 0.

    Args:
        audio: float32 (batch, samples), each row starting and ending at 0.
        draws: uniform in [0, 1), float32 (batch, 4): what the change depends on, and nothing else.
        options: which changes.
        fade: samples of linear fade at the end of each sound.

    Returns:
        float32 (batch, samples).
    """
    moved = options.resample or options.shift_samples
    if moved:
        audio = _without_fade(audio, fade)
    if options.resample:
        audio = tf.map_fn(
            lambda row: _resample(row[0], row[1], options.resample, fade),
            (audio, draws[:, 3]),
            fn_output_signature=tf.TensorSpec(audio.shape[1:], tf.float32),
        )
    if options.shift_samples:
        audio = _shift(audio, draws[:, 1], options.shift_samples)
    if moved:
        audio = _mend_ends(audio, fade)
    if options.polarity:
        audio *= tf.where(draws[:, 2:3] < 0.5, -1.0, 1.0)
    if options.gain_db:
        audio *= 10.0 ** (-draws[:, 0:1] * options.gain_db / 20.0)
    return audio


def _without_fade(audio: tf.Tensor, fade: int) -> tf.Tensor:
    """Take the fade at the end back, which would lie elsewhere once the sound is moved."""
    return tf.clip_by_value(audio / tf.maximum(_fade_out(audio, fade), _LEAST_FADE), -1.0, 1.0)


def _resample(row: tf.Tensor, draw: tf.Tensor, share: float, fade: int) -> tf.Tensor:
    """Play one sound (samples,) at a speed in [1 - share, 1 + share].

    A sound that is played faster is over too soon. It goes on as its own end turned round: what
    rang on still does, what was silent still is.
    """
    samples = tf.shape(row)[-1]
    steps = tf.cast(samples, tf.float32) * share / _GRAIN
    longer = tf.cast(tf.round((2.0 * draw - 1.0) * steps), tf.int32) * _GRAIN
    # Overshoot of the band limit must not leave [-1, 1].
    changed = tf.clip_by_value(resample(row, samples, samples + longer), -1.0, 1.0)[:samples]
    # The very last samples, of which the fade left too little, are not worth going on with.
    kept = tf.minimum(samples, tf.shape(changed)[0] - int(_LEAST_FADE * fade) - 1)
    return tf.concat([changed[:kept], tf.reverse(changed[:kept], [0])[: samples - kept]], axis=0)


def _shift(audio: tf.Tensor, draw: tf.Tensor, most: int) -> tf.Tensor:
    """Delay each sound by 0 ... ``most`` samples, silence first. Never earlier: attacks survive."""
    samples = tf.shape(audio)[1]
    delay = tf.cast(tf.floor(draw * (most + 1)), tf.int32)
    places = tf.range(samples)[None, :] + most - delay[:, None]  # (batch, samples)
    return tf.gather(tf.pad(audio, [[0, 0], [most, 0]]), places, batch_dims=1)


def _mend_ends(audio: tf.Tensor, fade: int) -> tf.Tensor:
    """Fade out what was moved across the end; only the very first sample is forced to 0."""
    samples = tf.shape(audio)[1]
    end = _fade_out(audio, fade)
    start = tf.cast(tf.range(samples) > 0, tf.float32)
    return audio * end * start


def _fade_out(audio: tf.Tensor, fade: int) -> tf.Tensor:
    samples = tf.shape(audio)[1]
    left = tf.cast(samples - 1 - tf.range(samples), tf.float32)
    return tf.minimum(left / max(fade, 1), 1.0)
