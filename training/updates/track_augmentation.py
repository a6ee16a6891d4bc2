"""Real drums changed a little after they were taken apart, so that more kinds of drums are met.

Tones and noise can be changed apart from each other, which a waveform does not allow.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import tensorflow as tf

from ...model.tones_and_noise import layout
from ...model.tones_and_noise.tracks import Scaled, rough_share, shifted_levels, split
from ..config.config import TrainingConfig
from .noise import EXCHANGE, PARTNER, STRETCH, TILT, StepNoise

_WITHIN = layout.WINDOW // (2 * layout.HOP)
"""Frames at the end whose windows reach beyond it."""

_SURE = 0.15
"""Scaled level over the floor from which a change counts fully: silence stays silence."""


MOST_ROUGH = 0.4
"""Share of rough power from which what is below 560 Hz is no tone, but more of the same noise."""


@dataclass(frozen=True)
class TrackAugmentation:
    """How much of each change a run makes; 0 is none.

    Attributes:
        stretch: see `stretched`.
        tilt_db: see `tilted`.
        exchange: see `exchanged`.

    """

    stretch: float = 0.0
    tilt_db: float = 0.0
    exchange: float = 0.0

    @classmethod
    def of(cls, config: TrainingConfig) -> Self:
        """Return what a run's configuration asks for."""
        return cls(config.augment_stretch, config.augment_tilt_db, config.augment_exchange)

    def __call__(self, scaled: Scaled, label: tf.Tensor, noise: StepNoise) -> Scaled:
        """Change a batch of sounds."""
        if self.exchange:
            scaled = exchanged(scaled, label, noise, self.exchange)
        if self.stretch:
            scaled = stretched(scaled, noise, self.stretch)
        if self.tilt_db:
            scaled = tilted(scaled, noise, self.tilt_db)
        return scaled


NONE = TrackAugmentation()


def stretched(scaled: Scaled, noise: StepNoise, share: float) -> Scaled:
    """Make each sound die away slower or faster by up to ``share``, its pitch kept.

    The time of frame t becomes t (1 + share u), u uniform in [-1, 1]. Beyond the end the last frame
    stands whose window lies within the sound, so that what rings on does.
    """
    frames = scaled.frames
    count = frames.shape[1]
    speed = 1.0 + share * (2.0 * noise.uniform(STRETCH) - 1.0)
    place = tf.minimum(tf.range(count, dtype=tf.float32) * speed[:, None], count - 1.001 - _WITHIN)
    first = tf.floor(place)
    part = (place - first)[:, :, None]
    first = tf.cast(first, tf.int32)
    here = tf.gather(frames, first, batch_dims=1)
    there = tf.gather(frames, first + 1, batch_dims=1)
    return scaled._replace(frames=here + part * (there - here))


def tilted(scaled: Scaled, noise: StepNoise, deviation_db: float) -> Scaled:
    """Filter the noise of each sound by a smooth curve of ``deviation_db`` at its bends.

    The curve is a line and one arch over the bands, weights N(0, 1).
    """
    bands = np.linspace(-1.0, 1.0, layout.NOISE_BANDS, dtype=np.float32)
    curves = np.stack([bands, 1.0 - 2.0 * bands**2])
    offset = deviation_db * tf.matmul(noise.normal(TILT, 2), curves)[:, None]
    return shifted_levels(scaled, offset, _SURE)


def exchanged(scaled: Scaled, label: tf.Tensor, noise: StepNoise, share: float) -> Scaled:
    """Give ``share`` of the sounds the tones of another sound of their label.

    Both sounds have a peak of 1, so that the levels fit. The other sound is one of the same
    replica's rows. Where either has no tones, but noise there (`MOST_ROUGH`), both stay as they
    are: the low end of a long hat would go on behind a short one.
    """
    rows = label.shape[0]
    alike = tf.cast(label[:, None] == label[None, :], tf.float32)
    partner = tf.argmax(alike + noise.uniform(PARTNER, rows), axis=1)
    tonal = rough_share(scaled.frames) < MOST_ROUGH
    taken = (noise.uniform(EXCHANGE) < share) & tonal & tf.gather(tonal, partner)
    own, other = split(scaled.frames), split(tf.gather(scaled.frames, partner))
    frames = tf.concat([own[0], *other[1:]], axis=2)
    return scaled._replace(
        frames=tf.where(taken[:, None, None], frames, scaled.frames),
        start=tf.where(taken[:, None], tf.gather(scaled.start, partner), scaled.start),
    )
