"""Synthetic drums as the evaluation sees them, and faults to plant in them."""

import dataclasses

import numpy as np

from drumsmith.evaluation.sounds.real_sounds import RealSounds, Sounds
from drumsmith.tfrecords.collection.synthesis import SAMPLE_RATE, synthesise

LABELS = ("cymbal", "kick", "snare")
LENGTH = 16_384
FADE = 441


def make_sounds(count, seed, first=0):
    """Return ``count`` sounds of each class, numbered from ``first``."""
    audio = np.stack(
        [_prepared(synthesise(name, first + i, seed=seed)) for name in LABELS for i in range(count)]
    )
    label = np.repeat(np.arange(len(LABELS), dtype=np.int32), count)
    names = tuple(f"{name}/{first + i}.wav" for name in LABELS for i in range(count))
    return Sounds(audio, label, names)


def make_real(train=48, valid=24, seed=0, digest=""):
    """Return real sounds of which no two are the same."""
    return RealSounds(
        LABELS,
        SAMPLE_RATE,
        make_sounds(train, seed),
        make_sounds(valid, seed, first=train),
        digest,
        "synthetic drums",
    )


def with_family(real, name, kinds):
    """Return the same with a further label, for which the labels ``kinds`` stand, too."""
    family, numbers = len(real.labels), tuple(real.labels.index(kind) for kind in kinds)

    def twice(sounds):
        again = np.isin(sounds.label, numbers)
        return Sounds(
            np.concatenate([sounds.audio, sounds.audio[again]]),
            np.concatenate([sounds.label, np.full(again.sum(), family, np.int32)]),
            own=len(sounds.label),
        )

    return dataclasses.replace(
        real,
        labels=(*real.labels, name),
        train=twice(real.train),
        held_out=twice(real.held_out),
        families={family: numbers},
    )


def with_audio(sounds, audio):
    """Return the same sounds with other audio."""
    return Sounds(np.asarray(audio, np.float32), sounds.label, sounds.sources)


def with_tone(sounds, hz, level=0.003):
    """Add a steady tone."""
    tone = level * np.sin(2 * np.pi * hz / SAMPLE_RATE * np.arange(LENGTH) + 0.3)
    return with_audio(sounds, sounds.audio + tone)


def with_tail_noise(sounds, seconds=0.020, level=0.05):
    """Put noise into the last ``seconds``."""
    audio = sounds.audio.copy()
    samples = round(seconds * SAMPLE_RATE)
    noise = np.random.default_rng(1).standard_normal((len(audio), samples))
    audio[:, -samples:] += level * noise
    return with_audio(sounds, audio)


def with_half_shifted(sounds, factor=1.5):
    """Raise the pitch of every other sound."""
    audio = sounds.audio.copy()
    time = np.arange(LENGTH)
    for i in range(0, len(audio), 2):
        audio[i] = np.interp(time * factor, time, audio[i], right=0.0)
    return with_audio(sounds, audio)


def with_collapsed(sounds, label):
    """Make all sounds of one class the same one, up to a little gain."""
    audio = sounds.audio.copy()
    members = np.flatnonzero(sounds.label == label)
    gains = np.linspace(0.9, 1.0, len(members))[:, None]
    audio[members] = gains * audio[members[0]]
    return with_audio(sounds, audio)


def with_swapped_labels(sounds):
    """Ask for one class and answer with the next."""
    return Sounds(sounds.audio, (sounds.label + 1) % len(LABELS), sounds.sources)


class MixingSource:
    """A generator made of real sounds: z says how much of each is heard."""

    labels = ("snare", "cymbal", "kick")
    sample_rate = SAMPLE_RATE
    length = LENGTH
    latent_prior = "normal"

    def __init__(self, sounds, latent_dim=4, seed=0):
        self.latent_dim = latent_dim
        self._banks = [sounds.of(LABELS.index(name)) for name in self.labels]
        rng = np.random.default_rng(seed)
        self._keys = [rng.standard_normal((len(bank), latent_dim)) for bank in self._banks]

    def from_z(self, z, label):
        return np.stack(
            [self._one(vector, number) for vector, number in zip(z, label, strict=True)]
        )

    def _one(self, vector, number):
        closeness = -np.sum((self._keys[number] - vector) ** 2, axis=1)
        weights = np.exp(closeness - closeness.max())
        mixed = weights / weights.sum() @ self._banks[number]
        return (mixed / np.abs(mixed).max()).astype(np.float32)


def _prepared(sound):
    sound = np.pad(sound[:LENGTH], (0, max(0, LENGTH - len(sound)))).astype(np.float32)
    sound /= max(np.abs(sound).max(), 1e-9)
    sound[:16] *= np.linspace(0.0, 1.0, 16, dtype=np.float32)
    sound[-FADE:] *= np.linspace(1.0, 0.0, FADE, dtype=np.float32)
    return sound
