"""What the report for people shows: one page that needs no other file, every sound playable.

Here is what stands on it; templates/report.html says how.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..evaluate import Evaluation
from ..measurement import BETTER, OTHER, OVERALL, WORSE
from ..metrics.artefacts import QUANTISATION_POWER
from ..metrics.descriptors import DESCRIPTORS, Descriptor
from ..sounds.real_sounds import RealSounds
from ..sounds.sound_features import Features
from . import drawings
from .media import mel_uri, wav_uri
from .rendering import render

SHOWN = 8
"""Sounds of each class and kind on the page: the first ones, not chosen."""

ODD = 8
"""Sounds of each class shown for being the least like any real one."""

CLOSEST = 12
"""Sounds listed for being the most like a training sound."""

DIRECTIONS = {
    "lower": "lower is better",
    "higher": "higher is better",
    "real": "like real is best",
}
STYLES = {WORSE: "worse", OTHER: "unlike", BETTER: "better"}

Sound = dict[str, Any]


def page(evaluation: Evaluation) -> str:
    """Return the page's markup."""
    nearest = evaluation.candidate.nearest
    return render(
        "report.html",
        evaluation=evaluation,
        scopes=(OVERALL, *evaluation.real.labels),
        directions=DIRECTIONS,
        styles=STYLES,
        listen=[
            (label, _rows(evaluation, index)) for index, label in enumerate(evaluation.real.labels)
        ],
        histograms=_histograms(evaluation),
        spectra=_spectra(evaluation),
        confusion=[
            (words, _confusion(features, evaluation.real.labels))
            for words, features in (
                (evaluation.word, evaluation.candidate),
                ("real", evaluation.held_out),
            )
        ],
        copies=copies(evaluation),
        copied_real=float(np.mean(evaluation.held_out.nearest["copied"])),
        closest=_closest(evaluation, np.argsort(-nearest["correlation"])[:CLOSEST]),
        made=_made(evaluation),
    )


def playable(sound: np.ndarray, sample_rate: int, caption: str, *, real: bool = False) -> Sound:
    """Return one sound, (length,), with its mel spectrogram and waveform."""
    return {
        "caption": caption,
        "real": real,
        "mel": mel_uri(sound, sample_rate),
        "waveform": drawings.waveform(sound),
        "wav": wav_uri(sound, sample_rate),
    }


def sound_row(who: str, title: str, sounds: Iterable[Sound], *, real: bool = False) -> Sound:
    """Return a titled row of sounds; ``who`` is set off from the rest of the title."""
    return {"who": who, "title": title, "sounds": list(sounds), "real": real}


def real_row(real: RealSounds, index: int) -> Sound:
    """Return a row of held-out sounds of one class."""
    held_out = real.held_out
    members = np.flatnonzero(held_out.label == index)
    # Spread over the set: neighbours in it are often takes of one drum.
    chosen = members[np.linspace(0, len(members) - 1, min(SHOWN, len(members))).astype(int)]
    names = held_out.sources or tuple(f"{real.part} {i}" for i in range(len(held_out.label)))
    sounds = [playable(held_out.audio[i], real.sample_rate, names[i], real=True) for i in chosen]
    return sound_row("real", ", held out", sounds, real=True)


def copies(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return every copy of a training sound, with that sound's name."""
    nearest, names = evaluation.candidate.nearest, _training_names(evaluation.real)
    return [
        {
            "sound": evaluation.sounds.sources[i],
            "training_sound": names[nearest["match"][i]],
            "correlation": float(nearest["correlation"][i]),
        }
        for i in np.flatnonzero(nearest["copied"])
    ]


def _rows(evaluation: Evaluation, index: int) -> list[Sound]:
    members = np.flatnonzero(evaluation.sounds.label == index)
    distances = evaluation.candidate.nearest["distance"][members]
    odd = members[np.argsort(-distances)[:ODD]]
    faulty = members[np.any(list(evaluation.candidate.of(index).faults.values()), axis=0)]
    rows = [
        sound_row(evaluation.word, ", the first ones", _sounds(evaluation, members[:SHOWN])),
        real_row(evaluation.real, index),
        sound_row(evaluation.word, ", the least like any training sound", _sounds(evaluation, odd)),
    ]
    if len(faulty):
        shown = [_faulty(evaluation, i) for i in faulty[:ODD]]
        title = f", {len(faulty)} of {len(members)} have a fault"
        rows.append(sound_row(evaluation.word, title, shown))
    return rows


def _sounds(evaluation: Evaluation, chosen: Sequence[int] | np.ndarray) -> list[Sound]:
    sounds, rate = evaluation.sounds, evaluation.real.sample_rate
    return [playable(sounds.audio[i], rate, sounds.sources[i]) for i in chosen]


def _faulty(evaluation: Evaluation, index: int) -> Sound:
    kinds = [name for name, found in evaluation.candidate.faults.items() if found[index]]
    caption = f"{evaluation.sounds.sources[index]}: {', '.join(kinds).replace('_', ' ')}"
    return playable(evaluation.sounds.audio[index], evaluation.real.sample_rate, caption)


def _histograms(evaluation: Evaluation) -> list[tuple[str, list[drawings.Drawing]]]:
    return [
        (label, [_histogram(evaluation, i, one) for one in DESCRIPTORS if one.applies_to(label)])
        for i, label in enumerate(evaluation.real.labels)
    ]


def _histogram(evaluation: Evaluation, index: int, one: Descriptor) -> drawings.Drawing:
    judged = evaluation.candidate.of(index).descriptors[one.name]
    parts = (evaluation.train, evaluation.held_out)
    real = np.concatenate([part.of(index).descriptors[one.name] for part in parts])
    unit = "LUFS" if one.name == "loudness" else one.unit
    medians = f"median {_three(np.median(judged))} {unit}, real {_three(np.median(real))} {unit}"
    return drawings.histogram(judged, real, unit, logarithmic=one.logarithmic) | {
        "name": one.title,
        "title": f"{one.title}: {medians}",
        "medians": medians,
    }


def _three(value: float) -> str:
    """Return three significant digits, without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _spectra(evaluation: Evaluation) -> list[tuple[str, drawings.Drawing]]:
    plots = []
    for index, label in enumerate(evaluation.real.labels):
        judged = evaluation.candidate.of(index).power
        parts = (evaluation.train, evaluation.held_out)
        real = np.concatenate([part.of(index).power for part in parts])
        plot = drawings.spectra(_median_db(judged), _median_db(real), evaluation.real.sample_rate)
        plots.append((label, plot | {"title": f"median spectra of {label}"}))
    return plots


def _median_db(power: np.ndarray) -> np.ndarray:
    return 10.0 * np.log10(np.median(power, axis=0) / QUANTISATION_POWER)


def _confusion(features: Features, labels: Sequence[str]) -> list[tuple[str, list[float]]]:
    guesses = [features.guess[features.label == index] for index in range(len(labels))]
    return [
        (label, [float(np.mean(guess == i)) for i in range(len(labels))])
        for label, guess in zip(labels, guesses, strict=True)
    ]


def _closest(evaluation: Evaluation, chosen: np.ndarray) -> list[Sound]:
    nearest, real = evaluation.candidate.nearest, evaluation.real
    names = _training_names(real)
    sounds = []
    for i in chosen:
        match = nearest["match"][i]
        caption = f"{evaluation.sounds.sources[i]}: {nearest['correlation'][i]:.3f}"
        sounds.append(playable(evaluation.sounds.audio[i], real.sample_rate, caption))
        original = real.train.audio[match]
        sounds.append(playable(original, real.sample_rate, names[match], real=True))
    return sounds


def _training_names(real: RealSounds) -> tuple[str, ...]:
    return real.train.sources or tuple(f"training {i}" for i in range(len(real.train.label)))


def _made(evaluation: Evaluation) -> list[tuple[str, Any]]:
    reused = evaluation.extractor.classifier.reused
    return [
        *evaluation.facts.items(),
        ("records digest", evaluation.real.digest),
        ("classifier", "kept from before" if reused else "trained now"),
        *[(f"seconds, {name}", seconds) for name, seconds in evaluation.seconds.items()],
    ]
