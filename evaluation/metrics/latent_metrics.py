"""The latent space's figures, class by class, taken from a generator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...common.latent_prior import draw_z
from ..measurement import OVERALL, Figures, figure_of, overall_of
from ..sounds.features import log_mel
from ..sounds.sources import SoundSource, class_numbers, generate_in_batches
from .latent import INTERPOLATIONS, PATH_POINTS, active_directions, largest_jumps, path_lengths
from .registry import LATENT, Metric, register
from .sampling import Estimate, estimate, mean_estimate

PAIRS = 32
"""Paths whose length is taken at one place each."""

PATHS = 12
"""Paths that are walked from end to end."""

PLACES = 4
"""Places where the generator's derivatives are taken."""

DIRECTIONS = 3
"""Rank of the latent space in the paper's claim."""


@dataclass(frozen=True)
class _Draw:
    starts: np.ndarray
    ends: np.ndarray
    t: np.ndarray
    places: np.ndarray


def sounds_needed(latent_dim: int) -> int:
    """Return how many sounds of one class are generated."""
    return len(INTERPOLATIONS) * (2 * PAIRS + PATHS * PATH_POINTS) + PLACES * (1 + latent_dim)


def take_latent(
    source: SoundSource,
    labels: Sequence[str],
    figures: Figures,
    seed: int = 0,
    advance: Callable[[int], None] = lambda count: None,
) -> None:
    """Add the latent space's figures to ``figures``; the same paths for every class."""
    draw = _draw(source, seed)
    taken: dict[str, list[Estimate]] = {metric.name: [] for metric in METRICS}
    for name, number in zip(labels, class_numbers(source, labels), strict=True):
        for metric, value in zip(METRICS, _of_class(source, number, draw, advance), strict=True):
            figures[name][metric.name] = figure_of(metric, value)
            taken[metric.name].append(value)
    for metric in METRICS:
        figures[OVERALL][metric.name] = overall_of(metric, taken[metric.name])


def in_decibels(
    source: SoundSource, number: int, advance: Callable[[int], None] = lambda count: None
) -> Callable[[np.ndarray], np.ndarray]:
    """Return latent -> log-mel cells, scaled so that distances are root mean squares in dB."""

    def generate(z: np.ndarray) -> np.ndarray:
        cells = log_mel(generate_in_batches(source, z, number, advance), source.sample_rate)
        return cells.reshape(len(z), -1) / np.sqrt(cells[0].size)

    return generate


def _of_class(
    source: SoundSource, number: int, draw: _Draw, advance: Callable[[int], None]
) -> list[Estimate]:
    generate = in_decibels(source, number, advance)
    a, b = draw.starts, draw.ends
    lengths = [path_lengths(generate, a, b, draw.t, way) for way in INTERPOLATIONS.values()]
    jumps = [largest_jumps(generate, a[:PATHS], b[:PATHS], way) for way in INTERPOLATIONS.values()]
    shares = np.array([_leading(generate, place) for place in draw.places])
    return [
        *[_mean_without_extremes(one) for one in lengths],
        *[mean_estimate(one, bounds=(1.0, np.inf)) for one in jumps],
        mean_estimate(shares, bounds=(0.0, 1.0)),
    ]


def _leading(generate: Callable[[np.ndarray], np.ndarray], place: np.ndarray) -> float:
    return float(active_directions(generate, place[None]).shares[:DIRECTIONS].sum())


def _mean_without_extremes(values: np.ndarray) -> Estimate:
    # As in the reference code of Karras et al.: the mean between the 1st and 99th percentile.
    def trimmed(indices: np.ndarray) -> float:
        chosen = values[indices]
        low, high = np.percentile(chosen, [1, 99], method="lower")
        return float(chosen[(chosen >= low) & (chosen <= high)].mean())

    return estimate(trimmed, len(values), bounds=(0.0, np.inf))


def _draw(source: SoundSource, seed: int) -> _Draw:
    # Another stream than the sounds' own, so that both can use the same seed.
    rng = np.random.default_rng([seed, 1])
    draw = partial(draw_z, source.latent_prior, rng)
    return _Draw(
        draw(PAIRS, source.latent_dim),
        draw(PAIRS, source.latent_dim),
        rng.uniform(size=PAIRS),
        draw(PLACES, source.latent_dim),
    )


def _metric(name: str, title: str, unit: str, definition: str, source: str, digits: int) -> Metric:
    return Metric(name, title, unit, LATENT, "lower", definition, source, None, digits=digits)


_WAYS = {"lerp": "linear", "slerp": "spherical"}

METRICS: tuple[Metric, ...] = (
    *[
        _metric(
            f"path_length_{way}",
            f"Perceptual path length, {words}",
            "dB²",
            f"Mean of |change of the sound|² / e² for steps e = 0.01 of a {words} path between two "
            "random z; change in root mean square dB over log-mel cells.",
            "Karras et al. 2019, section 4.1, without the filtering by a sampled crop",
            0,
        )
        for way, words in _WAYS.items()
    ],
    *[
        _metric(
            f"jump_{way}",
            f"Largest jump, {words}",
            "",
            f"Largest over mean change from one of {PATH_POINTS} even places of a {words} path to "
            "the next; 1 is perfectly even.",
            "own",
            2,
        )
        for way, words in _WAYS.items()
    ],
    Metric(
        "leading_three_latent",
        "Change in three latent directions",
        "",
        LATENT,
        "real",
        "Share of the mean squared change of the sound, for small steps of z around random places, "
        "that the three strongest directions there hold (1 for a latent space of three).",
        "Constantine 2015, chapter 3 (active subspaces)",
        None,
    ),
)
for _one in METRICS:
    register(_one)
