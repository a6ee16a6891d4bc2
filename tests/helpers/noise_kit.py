"""A kit whose sounds are bursts of noise: no two alike, so that a sampler's choice can be told."""

from itertools import count

import numpy as np

from drumsmith.common.sounds.processing import Processing
from drumsmith.common.sounds.recipe import Recipe
from drumsmith.common.sounds.sound_files import Sound
from drumsmith.instruments.kit.kit import Kit, Layer, PadSounds, layer_bounds, velocity_db
from drumsmith.instruments.kit.pads import Pad

RATE = 44100
LENGTH = 4096
LONG = 4 * LENGTH
TURNS, VELOCITIES = 3, 2

PADS = (
    Pad("kick", "kick", 36),
    Pad("open hat", "cymbal", 46, choked_by="hats"),
    Pad("closed hat", "cymbal", 42, chokes="hats"),
)


def noise_kit(name="noises"):
    seeds = count()
    pads = []
    for pad in PADS:
        length = LONG if pad.choked_by else LENGTH
        layers = []
        for low, high in layer_bounds(VELOCITIES):
            level = velocity_db(high)
            sounds = tuple(_noise(next(seeds), length, level, pad.label) for _ in range(TURNS))
            layers.append(Layer(low, high, level, sounds))
        pads.append(PadSounds(pad, tuple(layers)))
    return Kit(name, tuple(pads), "abc", RATE)


def closest(audio, sounds):
    """Return which of the sounds is in the audio, and its correlation with it."""
    scores = [_correlation(audio, sound.audio) for sound in sounds]
    best = int(np.argmax(scores))
    return best, scores[best]


def _correlation(audio, sound):
    size = min(len(audio), len(sound))
    a, b = audio[:size].astype(float), sound[:size].astype(float)
    return float(a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12))


def _noise(seed, length, level_db, label):
    rng = np.random.default_rng(seed)
    fall = np.exp(-3 * np.arange(length) / length)
    audio = (rng.uniform(-0.8, 0.8, length) * fall * 10 ** (level_db / 20)).astype(np.float32)
    return Sound(audio, RATE, Recipe("abc", label, seed=seed, processing=Processing(encoding="24")))
