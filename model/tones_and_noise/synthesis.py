"""A sound made from tones and noise."""

import tensorflow as tf

from . import layout
from .attack import with_attack
from .lines import Chance, with_lines, with_uneven_bands
from .noise import shaped_noise
from .tones import tones
from .tracks import NOISE_FLOOR, Tracks

PEAK = 0.999

_TINY = 1e-6


def synthesise(tracks: Tracks, noise: tf.Tensor, rough: tf.Tensor, chance: Chance) -> tf.Tensor:
    """Make sounds.

    Args:
        tracks: what to make.
        noise: white, variance 1, (batch, length).
        rough: see `tones.tones`.
        chance: which lines the noise has.

    Returns:
        Audio, float32 (batch, length), of peak `PEAK`, faded at both ends; silence stays silence.

    """
    length, levels = noise.shape[1], tracks.noise
    if tracks.contrast is not None:
        noise = with_lines(noise, tracks.contrast, chance.lines)
        levels = with_uneven_bands(levels, tracks.contrast, chance.bands, NOISE_FLOOR)
    shaped = shaped_noise(levels, noise)
    if tracks.attack is not None:
        shaped = with_attack(shaped, tracks.attack)
    audio = tones(tracks, rough, noise) + shaped
    audio *= layout.fades(length)
    peak = tf.reduce_max(tf.abs(audio), axis=1, keepdims=True)
    return audio * (PEAK / tf.maximum(peak, _TINY))
