"""Every metric: its name, what it means, where it comes from, how it is taken, what is good.

A metric compares one class of candidate sounds with the same class of a reference. The candidates
are the sounds under judgement; for the floor, real sounds take their place, taken in chunks of the
same size:

```
reference   judged                          floor
train       candidates <-> training         validation <-> training
valid       candidates <-> validation       training   <-> validation     ("held out")
```
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from scipy.spatial import cKDTree

from ..sounds.sound_features import CLASSIFIER, EXTRA, LOGMEL, View
from . import artefacts, descriptors, mmd
from .diversity import mean_distance, vendi_score
from .frechet import fit_gaussian, gaussian_distance
from .pca import leading_share
from .prdc import prdc
from .sampling import Estimate, estimate, mean_estimate

Measure = Callable[[View, View, int, int], Estimate]
"""Takes one class of candidates and of the reference, the chunk size and a seed."""

SHARE = (0.0, 1.0)
AT_LEAST_ZERO = (0.0, np.inf)

REFERENCE_CHUNKS = 4
"""Subsets of the reference, each as large as a chunk, that neighbours are looked for in."""


@dataclass(frozen=True)
class Bar:
    """What a finished model is expected to reach.

    Attributes:
        limit: the number.
        of: "value": the figure itself; "ratio": over the floor; "excess": minus the floor.

    """

    limit: float
    of: Literal["value", "ratio", "excess"] = "value"


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes:
        name: for machines.
        title: for people.
        unit: of the value; empty for plain numbers.
        group: heading under which it stands.
        better: "lower", "higher", or "real" where neither side of the floor is better.
        definition: what is computed.
        source: where the definition comes from.
        measure: how it is taken.
        reference: "train" or "valid".
        bar: what a finished model should reach, if there is one.
        applies: tells from a class's name whether the figure means something for it.
        digits: shown after the point.

    """

    name: str
    title: str
    unit: str
    group: str
    better: Literal["lower", "higher", "real"]
    definition: str
    source: str
    measure: Measure
    reference: Literal["train", "valid"] = "train"
    bar: Bar | None = None
    applies: Callable[[str], bool] = lambda label: True
    digits: int = 2


def accuracy(candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the share of sounds that the classifier gives the label asked for."""
    right = candidate.probabilities.argmax(axis=1) == candidate.label
    return mean_estimate(right, seed=seed, bounds=SHARE)


def frechet(embedding: str, candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the Frechet distance on one embedding."""
    points, real = candidate.points[embedding], fit_gaussian(reference.points[embedding])
    return estimate(
        lambda i: gaussian_distance(fit_gaussian(points[i]), real),
        len(points),
        chunk=chunk,
        seed=seed,
        bounds=AT_LEAST_ZERO,
    )


def kernel(embedding: str, candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the kernel distance on one embedding, scaled to the reference's unit variance."""
    scale = mmd.standardise(reference.points[embedding])
    points, real = scale(candidate.points[embedding]), scale(reference.points[embedding])
    within = mmd.kernel(points, points)
    between = mmd.kernel(points, real).mean(axis=1)
    within_real = mmd.mean_within(mmd.kernel(real, real))
    return estimate(
        lambda i: mmd.discrepancy(within[np.ix_(i, i)], within_real, between[i]),
        len(points),
        chunk=chunk,
        seed=seed,
    )


def neighbours(which: str, candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure precision, recall, density or coverage, on log-mel."""
    points, real = candidate.points[LOGMEL], reference.points[LOGMEL]
    subsets = _subsets(len(real), min(chunk, len(real)), seed)
    return estimate(
        lambda i: float(np.mean([getattr(prdc(real[s], points[i]), which) for s in subsets])),
        len(points),
        chunk=chunk,
        seed=seed,
        bounds=AT_LEAST_ZERO if which == "density" else SHARE,
    )


def diversity(candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the mean distance of two sounds, on log-mel, in dB."""
    points = candidate.points[LOGMEL]
    return estimate(
        lambda i: mean_distance(points[i]), len(points), seed=seed, bounds=AT_LEAST_ZERO
    )


def effective_number(candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the share of sounds that are different from the others, by the Vendi score."""
    points, bandwidth = candidate.points[LOGMEL], _nearest_neighbour(reference.points[LOGMEL])
    return estimate(
        lambda i: vendi_score(points[i], bandwidth) / len(i),
        len(points),
        chunk=chunk,
        seed=seed,
        bounds=SHARE,
    )


def character(name: str, candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure how far a descriptor's distribution lies from the real one."""
    descriptor = next(one for one in descriptors.DESCRIPTORS if one.name == name)
    values = descriptor.scaled(candidate.descriptors[name])
    real = descriptor.scaled(reference.descriptors[name])
    return estimate(
        lambda i: descriptors.distance(values[i], real),
        len(values),
        chunk=chunk,
        seed=seed,
        bounds=AT_LEAST_ZERO,
    )


def image(name: str, candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the median spectrum's height at one image frequency in dB."""
    return estimate(
        lambda i: artefacts.image_height_db(candidate.power[i], name) or 0.0,
        len(candidate),
        seed=seed,
    )


def tail(candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the median level of the tail in dB."""
    return estimate(lambda i: float(np.median(candidate.tail[i])), len(candidate), seed=seed)


def mean_of_field(
    field: str, bounds: tuple[float, float], candidate: View, reference: View, chunk: int, seed: int
) -> Estimate:
    """Measure the mean of one number for each sound."""
    return mean_estimate(getattr(candidate, field), seed=seed, bounds=bounds)


def nearest_distance(candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the median distance to the nearest training sound, in dB."""
    distances = candidate.nearest["distance"]
    return estimate(
        lambda i: float(np.median(distances[i])), len(distances), seed=seed, bounds=AT_LEAST_ZERO
    )


def copies(candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the share of sounds that are copies of training sounds."""
    return mean_estimate(candidate.nearest["copied"], seed=seed, bounds=SHARE)


def leading_three(candidate: View, reference: View, chunk: int, seed: int) -> Estimate:
    """Measure the share of the sounds' variation in its first three principal directions."""
    points = candidate.wide_points
    return estimate(
        lambda i: leading_share(points[i]), len(points), chunk=chunk, seed=seed, bounds=SHARE
    )


def _subsets(count: int, size: int, seed: int) -> list[np.ndarray]:
    if size >= count:
        return [np.arange(count)]
    rng = np.random.default_rng(seed)
    return [rng.permutation(count)[:size] for _ in range(REFERENCE_CHUNKS)]


def _nearest_neighbour(points: np.ndarray) -> float:
    """Return the median distance of sounds to their nearest neighbour: the Vendi bandwidth."""
    distances, _ = cKDTree(points).query(points, k=2)
    return max(float(np.median(distances[:, 1])), 1e-6)


# Groups, in the order in which the report shows them.
LABELS = "Does it sound like what was asked for?"
DISTANCES = "How far from real sounds?"
COVER = "Are all kinds there?"
CHARACTER = "Character"
ARTEFACTS = "Artefacts"
ORIGINALITY = "Originality"
LATENT = "Latent space"

_HEUSEL = "Heusel et al. 2017; Kilgour et al. 2019; Dowson and Landau 1982"
_BINKOWSKI = "Gretton et al. 2012, lemma 6; Binkowski et al. 2018, section 4"
_EMBEDDING_TITLES = {
    LOGMEL: "log-mel",
    CLASSIFIER: "classifier",
    EXTRA: "third embedding",
}
_EMBEDDING_WORDS = {
    LOGMEL: (
        "log-mel spectrograms (64 bands, 23 ms frames every 5.8 ms, in dB down to -80) on the 16 "
        "leading principal directions of real training sounds"
    ),
    CLASSIFIER: "the label classifier's last layer before the classes (32 numbers)",
    EXTRA: "the embedding given as a SavedModel, sounds resampled and zero-padded behind for it",
}
_EMBEDDING_UNITS = {LOGMEL: "dB²", CLASSIFIER: "", EXTRA: ""}


def _distance_metrics(embedding: str, reference: Literal["train", "valid"]) -> list[Metric]:
    held_out = reference == "valid"
    suffix, words = ("_held_out", ", held out") if held_out else ("", "")
    against = "real validation sounds" if held_out else "real training sounds"
    title, words_of = _EMBEDDING_TITLES[embedding], _EMBEDDING_WORDS[embedding]
    return [
        Metric(
            f"frechet_{embedding}{suffix}",
            f"Frechet distance, {title}{words}",
            _EMBEDDING_UNITS[embedding],
            DISTANCES,
            "lower",
            f"Squared Frechet distance of two Gaussians, fitted to the sounds and to {against} of "
            f"the same class, on {words_of}.",
            _HEUSEL,
            partial(frechet, embedding),
            reference,
            Bar(3.0, "ratio") if embedding != EXTRA else None,
        ),
        Metric(
            f"kernel_{embedding}{suffix}",
            f"Kernel distance, {title}{words}",
            "",
            DISTANCES,
            "lower",
            f"Unbiased squared maximum mean discrepancy, cubic kernel, to {against} of the same "
            f"class, on {words_of}, scaled to unit variance of the real ones.",
            _BINKOWSKI,
            partial(kernel, embedding),
            reference,
            digits=3,
        ),
    ]


def _neighbour_metric(
    which: str, reference: Literal["train", "valid"], definition: str, source: str
) -> Metric:
    held_out = reference == "valid"
    return Metric(
        f"{which}_held_out" if held_out else which,
        which.capitalize() + (", held out" if held_out else ""),
        "",
        COVER,
        "higher",
        definition + " On log-mel; 5 neighbours, equal numbers of sounds on both sides.",
        source,
        partial(neighbours, which),
        reference,
        Bar(0.5) if which == "coverage" else None,
    )


_COVERAGE = "Share of real sounds whose ball of 5 real neighbours holds a judged sound."
_KYNKAANNIEMI, _NAEEM = "Kynkaanniemi et al. 2019", "Naeem et al. 2020"


def _character_metric(one: descriptors.Descriptor) -> Metric:
    scale = "of their logarithms to base 2" if one.logarithmic else "of the values"
    return Metric(
        f"{one.name}_distance",
        one.title,
        one.distance_unit,
        CHARACTER,
        "lower",
        f"{one.definition} Wasserstein-1 distance to real training sounds {scale}.",
        f"{one.source}; scipy.stats.wasserstein_distance",
        partial(character, one.name),
        applies=one.applies_to,
    )


def _image_metric(name: str) -> Metric:
    return Metric(
        "image_" + name.replace("/", "_"),
        f"Peak at {name}",
        "dB",
        ARTEFACTS,
        "lower",
        f"Height of the median power spectrum (Hann, 4096 samples) at {name} over the median of "
        "the bins 3 to 12 away on both sides.",
        "Odena et al. 2016; Donahue et al. 2019, section 3.1; Pons et al. 2021",
        partial(image, name),
        bar=Bar(1.5),
        digits=1,
    )


def metrics(embeddings: tuple[str, ...]) -> tuple[Metric, ...]:
    """Return every metric that needs sounds alone, in the report's order."""
    return (
        Metric(
            "accuracy",
            "Label accuracy",
            "",
            LABELS,
            "higher",
            "Share of sounds that a small network, trained on real training sounds alone, gives "
            "the label that was asked for. The floor is its accuracy on real validation sounds.",
            "Ravuri and Vinyals 2019 (classification accuracy score); recipe in classifier.py",
            accuracy,
            bar=Bar(0.95),
        ),
        *[
            metric
            for reference in ("train", "valid")
            for embedding in embeddings
            for metric in _distance_metrics(embedding, reference)  # type: ignore[arg-type]
        ],
        _neighbour_metric(
            "precision",
            "train",
            "Share of judged sounds that lie in a real sound's ball.",
            _KYNKAANNIEMI,
        ),
        _neighbour_metric(
            "recall",
            "train",
            "Share of real sounds that lie in a judged sound's ball.",
            _KYNKAANNIEMI,
        ),
        _neighbour_metric(
            "density",
            "train",
            "Mean number of real balls that a judged sound lies in, over 5; 1 is even.",
            _NAEEM,
        ),
        _neighbour_metric("coverage", "train", _COVERAGE, _NAEEM),
        _neighbour_metric("coverage", "valid", _COVERAGE, _NAEEM),
        Metric(
            "diversity",
            "Diversity within the class",
            "dB",
            COVER,
            "real",
            "Mean distance of two different sounds of the class, on log-mel.",
            "Zhu et al. 2017, pairwise perceptual distance",
            diversity,
        ),
        Metric(
            "effective_number",
            "Different sounds, share",
            "",
            COVER,
            "real",
            "Vendi score over the number of sounds: the effective share of sounds that differ, "
            "by a Gaussian kernel as wide as a real sound's median distance to its neighbour.",
            "Friedman and Dieng 2023",
            effective_number,
        ),
        *[_character_metric(one) for one in descriptors.DESCRIPTORS],
        *[_image_metric(name) for name in artefacts.IMAGE_FRACTIONS],
        Metric(
            "tail",
            "Tail, median",
            "dB",
            ARTEFACTS,
            "lower",
            "Median level of the last 20 ms under the sound's peak; what is 60 dB down is silence.",
            "own; 60 dB as in reverberation times",
            tail,
            bar=Bar(6.0, "excess"),
            digits=1,
        ),
        Metric(
            "dc",
            "DC offset",
            "",
            ARTEFACTS,
            "lower",
            "Mean of the absolute mean of each sound, full scale being 1.",
            "own",
            partial(mean_of_field, "dc", AT_LEAST_ZERO),
            digits=4,
        ),
        Metric(
            "clicks",
            "Starts or ends off zero",
            "",
            ARTEFACTS,
            "lower",
            "Share of sounds whose first or last sample is over 0.001 of full scale.",
            "own; the paper's fades start and end at 0",
            partial(mean_of_field, "clicks", SHARE),
        ),
        Metric(
            "nearest_distance",
            "Distance to the nearest training sound",
            "dB",
            ORIGINALITY,
            "real",
            "Median distance to the nearest training sound of any class, on log-mel at full "
            "level; the floor is the same for real validation sounds. Well under the floor means "
            "memorised.",
            "own; after Meehan et al. 2020, a test for data copying",
            nearest_distance,
        ),
        Metric(
            "copies",
            "Copies",
            "",
            ORIGINALITY,
            "lower",
            "Share of sounds whose waveform correlates 0.97 or more with a training sound, plain "
            "and pre-emphasised, at any level, polarity and shift within 6 ms.",
            "own",
            copies,
            bar=Bar(0.0),
            digits=3,
        ),
        Metric(
            "leading_three",
            "Variation in three directions",
            "",
            LATENT,
            "real",
            "Share of the variance of a class's log-mel spectrograms that its first three "
            "principal directions hold.",
            "principal components; the claim is Drysdale et al. 2020's",
            leading_three,
        ),
    )
