"""A kit made: the sounds of every pad, by velocity and turn, with their levels matched."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...common.sounds.processing import Processing
from ...common.sounds.recipe import Recipe
from ...common.sounds.sound_files import Sound, safe_name
from ..effects import loudness
from ..moves import vary_recipes
from ..rendering import SoundSource, finish, render_raw
from .pads import Pad

PEAK_DB = -1.0
"""Of the loudest sound of the loudest pad."""

BRIGHTEST_HZ = 16_000.0
"""Low pass of the layer below the loudest, halved with every further one: soft hits are darker."""

GAINS_DB = (-120.0, 40.0)
"""What a recipe may hold."""

LOUDEST = 127
"""The highest MIDI velocity."""


@dataclass(frozen=True, eq=False)
class Layer:
    """The sounds of one range of velocities.

    Attributes:
        lowest: MIDI velocity.
        highest: MIDI velocity.
        level_db: of its sounds below those of the loudest layer; they are written that much softer.
        sounds: that take turns.

    """

    lowest: int
    highest: int
    level_db: float
    sounds: tuple[Sound, ...]


@dataclass(frozen=True, eq=False)
class PadSounds:
    """A pad with its layers, soft to loud."""

    pad: Pad
    layers: tuple[Layer, ...]

    def files(self) -> Iterator[tuple[str, Layer, Sound]]:
        """Yield each sound's path in the kit's folder, with its layer."""
        name = safe_name(self.pad.name)
        for velocity, layer in enumerate(self.layers, 1):
            for turn, sound in enumerate(layer.sounds, 1):
                yield f"samples/{name}/{name}_v{velocity}_rr{turn}.wav", layer, sound

    def paths(self, layer: Layer) -> list[str]:
        """Return the paths of one layer's sounds."""
        return [path for path, other, _ in self.files() if other is layer]


@dataclass(frozen=True, eq=False)
class Kit:
    """A kit: its name, its pads, and the model that made it."""

    name: str
    pads: tuple[PadSounds, ...]
    model_id: str
    sample_rate: int


def make_kit(
    source: SoundSource,
    name: str,
    pads: Sequence[Pad],
    processing: Processing,
    advance: Callable[[int], None] = lambda count: None,
) -> Kit:
    """Make the sounds of every pad.

    Args:
        source: the model.
        name: of the kit.
        pads: with a seed each, see `choose_seeds`.
        processing: of all sounds; levels and decay are the pads' own.
        advance: called with the number of sounds that came to be.

    """
    made = []
    for pad in pads:
        made.append(_make_pad(source, pad, processing))
        advance(pad.round_robins * pad.velocities)
    rate = processing.sample_rate or source.sample_rate
    return Kit(name, tuple(made), source.model_id, rate)


def layer_bounds(velocities: int) -> list[tuple[int, int]]:
    """Return the lowest and highest MIDI velocity of each layer, soft to loud."""
    tops = [round(LOUDEST * (i + 1) / velocities) for i in range(velocities)]
    return list(zip([1, *(top + 1 for top in tops[:-1])], tops, strict=True))


def velocity_db(velocity: int) -> float:
    """Return the level of a velocity: (v / 127)^2, as samplers have it by default."""
    return float(40 * np.log10(velocity / LOUDEST))


def _make_pad(source: SoundSource, pad: Pad, processing: Processing) -> PadSounds:
    base = Recipe(source.model_id, pad.label, seed=pad.seed, version=source.version)
    count = pad.round_robins * pad.velocities
    recipes = vary_recipes(source, base, count, pad.amount, seed=pad.seed or 0)
    below = np.repeat(np.arange(pad.velocities)[::-1], pad.round_robins)
    recipes = [
        replace(recipe, processing=_of_layer(processing, pad, int(steps)))
        for recipe, steps in zip(recipes, below, strict=True)
    ]
    raw = render_raw(source, recipes)
    bounds = layer_bounds(pad.velocities)
    levels = np.repeat([velocity_db(top) for _, top in bounds], pad.round_robins)
    gains = pad.level_db + _matching_gains(raw, source.sample_rate, recipes, levels)
    sounds = [
        finish(audio, source.sample_rate, _with_gain(recipe, float(gain)))
        for audio, recipe, gain in zip(raw, recipes, gains, strict=True)
    ]
    turns = pad.round_robins
    return PadSounds(
        pad,
        tuple(
            Layer(low, high, velocity_db(high), tuple(sounds[i * turns : (i + 1) * turns]))
            for i, (low, high) in enumerate(bounds)
        ),
    )


def _of_layer(processing: Processing, pad: Pad, below_loudest: int) -> Processing:
    darker = BRIGHTEST_HZ / 2**below_loudest if below_loudest else processing.low_pass_hz
    return replace(
        processing,
        low_pass_hz=None if darker is None else max(darker, 200.0),
        decay_ms=pad.decay_ms or processing.decay_ms,
        peak_db=None,
        loudness_db=None,
        gain_db=0.0,
    )


def _matching_gains(
    raw: Sequence[np.ndarray], sample_rate: int, recipes: Sequence[Recipe], levels: np.ndarray
) -> np.ndarray:
    """Return gains in dB that bring loudnesses to ``levels`` and the highest peak to `PEAK_DB`."""
    sounds = [finish(a, sample_rate, r) for a, r in zip(raw, recipes, strict=True)]
    loud = np.array([loudness(s.audio.astype(np.float64), s.sample_rate) for s in sounds])
    peaks = np.array([np.abs(s.audio).max(initial=0.0) for s in sounds])
    # Silence stays silence.
    gains = levels + np.where(np.isfinite(loud), -loud, 0.0)
    heard = peaks > 0
    if not heard.any():
        return gains
    return gains + PEAK_DB - np.max(20 * np.log10(peaks[heard]) + gains[heard])


def _with_gain(recipe: Recipe, gain_db: float) -> Recipe:
    # A hundredth of a dB keeps the recipe short.
    gain = float(np.clip(round(gain_db, 2), *GAINS_DB))
    return replace(recipe, processing=replace(recipe.processing, gain_db=gain))
