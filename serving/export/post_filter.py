"""A filter behind a generator that takes its steady tones out.

Generators that upsample leave tones at their image frequencies, the same in every sound (see
`evaluation.metrics.artefacts`). WaveGAN learns a filter against them together with the generator;
this one is measured, at export, on the generator as it is: where the median spectrum of a class's
sounds stands above what is left and right of an image frequency, it is lowered to that level. What
differs from sound to sound, drums' own partials, does not show in the median and stays.

The filter has no phase, so attacks stay where they are, and only ever attenuates. What it rings at
the ends is faded as prepared sounds are, so that each starts and ends at 0.

Reference:
    Donahue et al. 2019, "Adversarial Audio Synthesis", section 3.4 and appendix C, for the idea.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from ...common.latent_prior import draw_z
from ...evaluation.metrics.artefacts import IMAGE_FRACTIONS, spectra
from ...model.generator import FrozenGenerator
from ...tfrecords.preparing.preparation import Preparation, fade_ends
from ..saved_model.description import Description

SOUNDS = 256
"""Sounds of each class that the median is taken over."""

ROUNDS = 3
"""Measuring and lowering is repeated: the median of filtered sounds is not the filtered median."""

REACH = 12
"""Bins of `artefacts.FRAME` around an image frequency that may be lowered: 129 Hz at 44.1 kHz."""

REFERENCE = 24
"""Bins beyond those, on both sides, that say what level is right."""

SEED = 20
_BATCH = 32


def with_post_filter(frozen: FrozenGenerator, description: Description) -> FrozenGenerator:
    """Measure a generator's tones and put a filter against them behind it.

    Args:
        frozen: (z (B, latent_dim), class_weights (B, classes)) -> audio (B, length), of standard
            operations over constants.
        description: of the generator; its z are drawn as it says, and what the filter rings at the
            ends is faded as the sounds that it was trained on were.

    Returns:
        A function like ``frozen``.

    """
    gain_db: np.ndarray | None = None
    filtered = frozen
    ends = _ends(description)
    for _ in range(ROUNDS):
        heights = np.stack([_excess_db(sounds) for sounds in _sounds(filtered, description)])
        gain_db = -heights if gain_db is None else gain_db - heights
        filtered = _filtered(frozen, gain_db, ends)
    return filtered


def _sounds(frozen: FrozenGenerator, description: Description) -> Iterator[np.ndarray]:
    generate = tf.function(frozen)
    rng = np.random.default_rng(SEED)
    z = draw_z(description.latent_prior, rng, SOUNDS, description.latent_dim)
    classes = len(description.labels)
    for number in range(classes):
        weights = np.eye(classes, dtype=np.float32)[np.full(_BATCH, number)]
        yield np.concatenate(
            [generate(z[at : at + _BATCH], weights).numpy() for at in range(0, SOUNDS, _BATCH)]
        )


def _excess_db(audio: np.ndarray) -> np.ndarray:
    """How far each bin of the median spectrum stands above its reference, near images; else 0."""
    level = 10.0 * np.log10(np.median(spectra(audio), axis=0))
    excess = np.zeros_like(level)
    for fraction in IMAGE_FRACTIONS.values():
        centre = round(fraction * 2 * (len(level) - 1))
        if centre - REACH - REFERENCE < 1:
            continue
        below = np.median(level[centre - REACH - REFERENCE : centre - REACH])
        above = np.median(level[centre + REACH + 1 : centre + REACH + 1 + REFERENCE])
        near = slice(centre - REACH, centre + REACH + 1)
        right = np.linspace(below, above, 2 * REACH + 1)
        excess[near] = np.maximum(level[near] - right, 0.0)
    return excess


def _filtered(frozen: FrozenGenerator, gain_db: np.ndarray, ends: np.ndarray) -> FrozenGenerator:
    def generate(z: tf.Tensor, class_weights: tf.Tensor) -> tf.Tensor:
        audio = frozen(z, class_weights)
        # Twice the length: what the filter rings beyond the end must not come back at the start.
        length = 2 * audio.shape[1]
        decibels = tf.constant(_at_bins(gain_db, length // 2 + 1), tf.float32)
        between = tf.matmul(tf.clip_by_value(class_weights, 0.0, 1.0), decibels)
        gain = tf.exp(between * (np.log(10.0) / 20.0))
        # `tf.complex` and not a cast, which OpenVINO does not know for complex numbers.
        spectrum = tf.signal.rfft(audio, [length]) * tf.complex(gain, tf.zeros_like(gain))
        audio = tf.signal.irfft(spectrum, [length])[:, : length // 2]
        return tf.clip_by_value(audio, -1.0, 1.0) * tf.constant(ends)

    return generate


def _ends(description: Description) -> np.ndarray:
    """Return the envelope of fades that sounds were prepared with, float32 (length,)."""
    known = {field.name for field in dataclasses.fields(Preparation)}
    prepared = {name: value for name, value in description.preparation.items() if name in known}
    # At the model's own rate: an early stage's is lower than that of the records.
    preparation = Preparation(**prepared | {"sample_rate": description.sample_rate})
    ends = fade_ends(
        np.ones(description.length), preparation.fade_in_samples, preparation.fade_out_samples
    )
    return ends.astype(np.float32)


def _at_bins(gain_db: np.ndarray, bins: int) -> np.ndarray:
    here, there = np.linspace(0, 1, gain_db.shape[1]), np.linspace(0, 1, bins)
    return np.stack([np.interp(there, here, gain) for gain in gain_db])
