"""What the numbers say should be tried: one sentence for each fault that they show, worst first."""

from collections.abc import Sequence

from ..measurement import OTHER, WORSE, Figures
from ..metrics.artefacts import IMAGE_FRACTIONS, image_metric_name
from ..metrics.faults import FAULT_TITLES
from ..sounds.real_sounds import RealSounds

FEW = 100
"""Real sounds of a class under which every model looks good: wide neighbourhoods, a far control."""

FAR = 3.0
"""Times the control at which a descriptor's distance is worth a sentence."""

CHARACTER_WORDS = {
    "centroid_distance": "brightness",
    "decay_distance": "decay",
    "attack_distance": "attack",
    "loudness_distance": "loudness",
}


def limits_of_counts(figures: Figures, real: RealSounds) -> list[str]:
    """Return what the numbers of sounds can and cannot tell; a warning for each small class."""
    part = real.part_words
    few = {
        name: real.held_out.count(i)
        for i, name in enumerate(real.labels)
        if real.held_out.count(i) < FEW
    }
    sentences = []
    if few:
        counts = ", ".join(f"{count} {name}" for name, count in few.items())
        sentences.append(
            f"Warning: fewer than {FEW} real {part} sounds of a class ({counts}). Few real sounds "
            "lie far apart, so coverage and distances flatter any model: prepare more sounds or a "
            f"larger {part} share."
        )
    if real.part != "test":
        sentences.append(
            "The validation part chose the best checkpoint, so figures against it are a little "
            "kind; a test part (`drumsmith prepare --test-share`) has chosen nothing."
        )
    widest = _widest(figures, real.labels)
    if widest:
        sentences.append(
            f"With so many sounds, figures may be off by chance by as much as: {widest} (95 %, the "
            "worst class). Smaller differences say nothing."
        )
    return sentences


def _widest(figures: Figures, labels: Sequence[str]) -> str:
    """Return the largest half widths of the figures that have targets against the control."""
    words = []
    for metric, title in (
        ("frechet_logmel", "Frechet ratio"),
        ("coverage", "coverage ratio"),
        ("recall", "recall ratio"),
    ):
        reach = [figures[name][metric].ratio_reach for name in labels if metric in figures[name]]
        known = [one for one in reach if one is not None]
        if known:
            words.append(f"{title} ±{max(known):.2f}")
    faulty = [figures[name]["faulty"] for name in labels if "faulty" in figures[name]]
    if faulty:
        half = max((one.high - one.low) / 2 for one in faulty)
        words.append(f"share of faulty sounds ±{half:.0%}")
    return ", ".join(words)


def advise(figures: Figures, labels: Sequence[str]) -> list[str]:
    """Return sentences that name the classes, the figure and what to try; none if all is well."""
    found = [
        _copies,
        _collapse,
        _labels,
        _faults,
        _tones,
        _tails,
        _recall,
        _precision,
        _pitch,
        _character,
        _offset,
    ]
    return [sentence for one in found if (sentence := one(figures, labels))]


def _copies(figures: Figures, labels: Sequence[str]) -> str:
    share = {name: figures[name]["copies"].value for name in labels}
    bad = [name for name in labels if share[name] > 0]
    if not bad:
        return ""
    return (
        f"Copies of training sounds in {_listed(bad)} ({_shares(share, bad)}): stop earlier, use "
        "more sounds, or augment them."
    )


def _collapse(figures: Figures, labels: Sequence[str]) -> str:
    def ratio(name: str) -> float:
        return figures[name]["diversity"].ratio or 1.0

    bad = [name for name in labels if ratio(name) < 0.6]
    if not bad:
        return ""
    return (
        f"Too little variety in {_listed(bad)} (diversity {_values(bad, ratio)} of the real): the "
        "generator is collapsing there; try class-balanced sampling, more critic updates, or an "
        "earlier checkpoint."
    )


def _labels(figures: Figures, labels: Sequence[str]) -> str:
    bad = [name for name in labels if figures[name]["accuracy"].target_met is False]
    bad = [name for name in bad if figures[name]["accuracy"].verdict == WORSE]
    if not bad:
        return ""
    return (
        f"Labels are not obeyed in {_listed(bad)} "
        f"({_values(bad, lambda name: figures[name]['accuracy'].value)} right): train longer; if "
        "it stays, balance the classes."
    )


def _faults(figures: Figures, labels: Sequence[str]) -> str:
    bad = [name for name in labels if figures[name]["faulty"].target_met is False]
    bad = [name for name in bad if figures[name]["faulty"].verdict == WORSE]
    if not bad:
        return ""

    def commonest(name: str) -> str:
        fault = max(FAULT_TITLES, key=lambda one: figures[name][f"fault_{one}"].excess)
        return f"{name} {figures[name]['faulty'].value:.0%}, mostly {FAULT_TITLES[fault].lower()}"

    return (
        f"Too many sounds are faulty: {'; '.join(map(commonest, bad))}. `drumsmith generate` "
        "leaves them out; train longer to have fewer."
    )


def _tones(figures: Figures, labels: Sequence[str]) -> str:
    found = []
    for name in labels:
        for tone in IMAGE_FRACTIONS:
            figure = figures[name][image_metric_name(tone)]
            if figure.target_met is False and figure.low > (figure.control_high or 0.0):
                found.append((figure.value, f"{name} at {tone} (+{figure.value:.1f} dB)"))
    worst = [words for _, words in sorted(found, reverse=True)[:3]]
    if not worst:
        return ""
    return (
        f"Steady tones at image frequencies are audible in {_listed(worst)}: they fall with "
        "training; then average the generator's weights, or try smoother upsampling or a "
        "post-filter."
    )


def _tails(figures: Figures, labels: Sequence[str]) -> str:
    bad = [name for name in labels if figures[name]["tail"].target_met is False]
    bad = [name for name in bad if figures[name]["tail"].verdict == WORSE]

    def gap(name: str) -> float:
        return figures[name]["tail"].excess

    if not bad:
        return ""
    return (
        f"Tails are noisy in {_listed(bad)} ({_values(bad, gap, '+.0f')} dB over the real): train "
        "longer, average the weights, or fade the end of the output."
    )


def _recall(figures: Figures, labels: Sequence[str]) -> str:
    def low(name: str) -> bool:
        pair = [figures[name][metric] for metric in ("coverage", "recall")]
        return any(one.target_met is False and one.verdict == WORSE for one in pair)

    bad = [name for name in labels if low(name)]
    if not bad:
        return ""
    return (
        f"Kinds of sounds are missing in {_listed(bad)} (coverage "
        f"{_values(bad, lambda name: figures[name]['coverage'].ratio or 0.0)} and recall "
        f"{_values(bad, lambda name: figures[name]['recall'].ratio or 0.0)} of the control's): "
        "more steps or a wider network; see which real sounds have no neighbour."
    )


def _precision(figures: Figures, labels: Sequence[str]) -> str:
    def share(name: str) -> float:
        return figures[name]["precision"].ratio or 0.0

    bad = [name for name in labels if share(name) < 0.6]
    if not bad:
        return ""
    return (
        f"Many sounds of {_listed(bad)} are unlike any real one (precision "
        f"{_values(bad, lambda name: figures[name]['precision'].value)}): train longer, or draw z "
        "from a narrower distribution."
    )


def _pitch(figures: Figures, labels: Sequence[str]) -> str:
    found = {name: figures[name].get("fundamental_distance") for name in labels}
    bad = {name: one for name, one in found.items() if one and one.verdict == WORSE}
    if not bad:
        return ""
    away = _values(list(bad), lambda name: 12 * bad[name].value, ".0f")
    return (
        f"The pitch of {_listed(list(bad))} is off ({away} semitones to move on average): look at "
        "the histogram of fundamentals."
    )


def _character(figures: Figures, labels: Sequence[str]) -> str:
    found = []
    for name in labels:
        for metric, words in CHARACTER_WORDS.items():
            figure = figures[name].get(metric)
            if figure and figure.verdict == WORSE and (figure.ratio or 0.0) > FAR:
                found.append((figure.ratio, f"the {words} of {name} ({figure.ratio:.0f} times)"))
    worst = [words for _, words in sorted(found, reverse=True)[:4]]
    if not worst:
        return ""
    return (
        f"Farther from the real than real sounds are: {_listed(worst)}; the histograms show in "
        "which direction."
    )


def _offset(figures: Figures, labels: Sequence[str]) -> str:
    bad = [name for name in labels if figures[name]["clicks"].value > 0.5]
    bad = [name for name in bad if figures[name]["clicks"].verdict in (WORSE, OTHER)]
    if not bad:
        return ""
    return (
        f"Most sounds of {_listed(bad)} start or end off zero and will click: fade both ends when "
        "they are used."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]


def _values(names: Sequence[str], of, form: str = ".2f") -> str:
    return ", ".join(format(of(name), form) for name in names)


def _shares(share: dict[str, float], names: Sequence[str]) -> str:
    return ", ".join(f"{share[name]:.1%}" for name in names)
