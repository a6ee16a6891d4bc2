"""Which sounds go on a kit's pads: drawn, judged, and picked by how they fade."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ...common.errors import UserError
from ...common.sounds.faults import any_fault
from ...common.sounds.recipe import Recipe
from ..rendering import SoundSource, render_raw
from .pads import Pad

CANDIDATES = 16
"""Sounds of a label among which its pads pick."""

FADED_DB = -30.0


def choose_seeds(source: SoundSource, pads: Sequence[Pad], seed: int) -> tuple[Pad, ...]:
    """Return the pads with a seed each; those that have one keep it.

    No two pads of a label share a sound unless one is `like` the other.

    Raises:
        UserError: pads are like each other in a circle.

    """
    chosen: dict[str, int] = {pad.name: pad.seed for pad in pads if pad.seed is not None}
    for label in dict.fromkeys(pad.label for pad in pads):
        mine = [pad for pad in pads if pad.label == label and not _shares(pad, pads)]
        open_pads = [pad for pad in mine if pad.name not in chosen]
        if open_pads:
            chosen |= _pick(_ranked(source, label, seed), open_pads)
    return tuple(replace(pad, seed=_seed(pad, pads, chosen), like="") for pad in pads)


def decay_seconds(audio: np.ndarray, sample_rate: int) -> float:
    """Return the time from a sound's peak until it stays 30 dB below.

    Sounds that end alike differ by a thousandth of their centre of time.

    Args:
        audio: float (length,).
        sample_rate: in Hz.

    """
    size = np.abs(np.asarray(audio, np.float64))
    loud = np.flatnonzero(size > size.max() * 10 ** (FADED_DB / 20))
    if not len(loud):
        return 0.0
    power = size**2
    centre = float(np.sum(power * np.arange(len(power))) / np.sum(power))
    return (loud[-1] - int(size.argmax()) + 1e-3 * centre) / sample_rate


def _shares(pad: Pad, pads: Sequence[Pad]) -> bool:
    """Tell whether a pad takes its sound from another of the same label."""
    return any(other.name == pad.like and other.label == pad.label for other in pads)


def _ranked(source: SoundSource, label: str, seed: int) -> list[int]:
    """Return the seeds of good sounds of a label, the shortest first."""
    seeds = list(range(seed, seed + CANDIDATES))
    audio = render_raw(source, [Recipe(source.model_id, label, seed=s) for s in seeds])
    faulty = any_fault(np.stack(audio), source.sample_rate)
    good = [(s, a) for s, a, bad in zip(seeds, audio, faulty, strict=True) if not bad]
    # A model that is far from trained makes a kit, too.
    pairs = good if len(good) >= 4 else list(zip(seeds, audio, strict=True))
    return [s for s, _ in sorted(pairs, key=lambda p: decay_seconds(p[1], source.sample_rate))]


def _pick(seeds: list[int], pads: Sequence[Pad]) -> Mapping[str, int]:
    picked = {}
    left = list(seeds)
    for pad in pads:
        # More pads than sounds: they begin again.
        left = left or list(seeds)
        place = {"short": 0, "typical": len(left) // 2, "long": len(left) - 1}[pad.pick]
        picked[pad.name] = left.pop(place)
    return picked


def _seed(pad: Pad, pads: Sequence[Pad], chosen: Mapping[str, int]) -> int:
    names = {other.name: other for other in pads}
    seen: set[str] = set()
    while pad.name not in chosen:
        if pad.name in seen:
            raise UserError(f"pads are like each other in a circle: {', '.join(sorted(seen))}")
        seen.add(pad.name)
        pad = names[pad.like]
    return chosen[pad.name]
