"""The report for people: one page that needs no other file, with every sound playable."""

from collections.abc import Sequence
from html import escape
from string import Template

import numpy as np

from ..evaluate import Evaluation
from ..measurement import BETTER, OTHER, OVERALL, WORSE, Figure
from ..metrics.artefacts import QUANTISATION_POWER
from ..metrics.descriptors import DESCRIPTORS
from ..ranking import Standing
from . import svg
from .formatting import expected, interval, number, reached, with_unit
from .media import mel_uri, wav_uri
from .page_style import PAGE, SCRIPT, STYLE

SHOWN = 8
"""Sounds of each class and kind on the page: the first ones, not chosen."""

ODD = 8
"""Sounds of each class shown for being the least like any real one."""

CLOSEST = 12
"""Sounds listed for being the most like a training sound."""

Section = tuple[str, str, str]
"""Anchor, heading, markup."""


def page(evaluation: Evaluation) -> str:
    """Return the page's markup."""
    sections: list[Section] = [
        ("expected", "What a finished model should reach", _expected(evaluation)),
        ("listen", "Listen", _listen(evaluation)),
        ("figures", "All figures", _figures(evaluation)),
        ("character", "Character", _character(evaluation)),
        ("spectra", "Median spectra", _spectra(evaluation)),
        ("labels", "Labels", _confusion(evaluation)),
        ("originality", "Originality", _originality(evaluation)),
        ("definitions", "Definitions", _definitions(evaluation)),
        ("made", "How this was made", _made(evaluation)),
    ]
    return render(
        f"{evaluation.name}: drumsmith evaluation", _top(evaluation, sections) + _all(sections)
    )


def render(title: str, body: str) -> str:
    """Return a whole page around ``body``, which is markup; ``title`` is text."""
    return Template(PAGE).substitute(title=escape(title), style=STYLE, script=SCRIPT, body=body)


def sound_card(sound: np.ndarray, sample_rate: int, caption: str, *, real: bool = False) -> str:
    """Return one playable sound with its mel spectrogram and waveform."""
    return (
        f'<figure class="sound{" real" if real else ""}">'
        f'<button type="button" aria-label="play {escape(caption)}">'
        f'<img alt="" src="{mel_uri(sound, sample_rate)}">{svg.waveform(sound)}</button>'
        f'<figcaption title="{escape(caption)}">{escape(caption)}</figcaption>'
        f'<audio preload="none" src="{wav_uri(sound, sample_rate)}"></audio></figure>'
    )


def sound_row(title: str, cards: Sequence[str]) -> str:
    """Return a titled row of sounds; ``title`` is markup."""
    return f'<p class="row-title">{title}</p><div class="sounds">{"".join(cards)}</div>'


def standing_card(standing: Standing) -> str:
    """Return a class's score and what it is made of; the mark stands where the target is met."""
    rows = "".join(
        f'<div class="term"><span>{escape(name)}</span><span class="track">'
        f'<b class="{"over" if value > 1 else "under"}"'
        f' style="width:{min(max(value, 0.0) / 3, 1.0):.1%}"></b></span>'
        f"<span>{max(value, 0.0):.1f}</span></div>"
        for name, value in standing.terms.items()
    )
    return (
        f'<div class="card"><h3 style="margin-top:0">{escape(standing.label)} '
        f'<span class="soft">score {standing.score:.2f}</span></h3>{rows}</div>'
    )


def _all(sections: Sequence[Section]) -> str:
    return "".join(f'<h2 id="{a}">{escape(heading)}</h2>{body}' for a, heading, body in sections)


def _top(evaluation: Evaluation, sections: Sequence[Section]) -> str:
    worst, real = evaluation.standings[0], evaluation.real
    counts = ", ".join(
        f"{evaluation.sounds.count(i)} {escape(name)}" for i, name in enumerate(real.labels)
    )
    links = " ".join(f'<a href="#{a}">{escape(heading)}</a>' for a, heading, _ in sections)
    advice = "".join(f"<li>{escape(sentence)}</li>" for sentence in evaluation.advice)
    return (
        f"<header><h1>{escape(evaluation.name)}</h1>"
        f'<p class="soft">{counts}, against {len(real.train.label):,} training and '
        f"{len(real.held_out.label):,} {real.part_words} sounds of "
        f"{escape(real.name or 'the records')}. "
        f"Every figure stands beside its control: the same figure for real sounds.</p>"
        f"<nav>{links}</nav></header>"
        f'<div class="hero"><div class="card worst"><span class="soft">Worst class</span>'
        f"<strong>{escape(worst.label)}</strong><p>{escape(worst.why)}</p>"
        f'<p class="soft">Score {evaluation.score:.2f} overall; 1 would just meet every target, 0 '
        f"is as good as real. Below, each part's share of its target, the mark.</p></div>"
        f'<div class="standings">{"".join(map(standing_card, evaluation.standings))}</div></div>'
        f'<h2 id="try">What the numbers say should be tried</h2><div class="card">'
        + (f'<ol class="advice">{advice}</ol>' if advice else "<p>Nothing stands out.</p>")
        + "</div>"
    )


def _expected(evaluation: Evaluation) -> str:
    labels = evaluation.real.labels
    rows = []
    for metric in evaluation.metrics:
        if metric.target is None:
            continue
        cells = "".join(
            _target_cell(evaluation.figures[label].get(metric.name), metric) for label in labels
        )
        rows.append(
            f"<tr><th>{escape(metric.title)}</th><td>{escape(expected(metric))}</td>{cells}</tr>"
        )
    head = "".join(f"<th>{escape(label)}</th>" for label in labels)
    return (
        f'<div class="card scroll"><table><thead><tr><th>Figure</th><th>Expected</th>{head}</tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _target_cell(figure: Figure | None, metric) -> str:
    if figure is None:
        return "<td></td>"
    met = bool(figure.target_met)
    return (
        f'<td class="{"met" if met else "missed"}"><span class="{"yes" if met else "no"}">'
        f"{'✓' if met else '✗'}</span> {escape(reached(figure, metric))}</td>"
    )


def _listen(evaluation: Evaluation) -> str:
    parts = [
        '<p class="soft">Click a sound to play it. Real ones are validation sounds that no model '
        "was trained on. Pictures: 0 to "
        f"{evaluation.real.sample_rate / 2000:.0f} kHz on a mel scale, "
        f"{evaluation.real.length / evaluation.real.sample_rate:.2f} s, 80 dB.</p>"
    ]
    for index, label in enumerate(evaluation.real.labels):
        parts.append(f"<h3>{escape(label)}</h3>")
        parts.append(_judged_row(evaluation, index))
        parts.append(_real_row(evaluation, index))
        parts.append(_odd_row(evaluation, index))
    return "".join(parts)


def _judged_row(evaluation: Evaluation, index: int) -> str:
    chosen = np.flatnonzero(evaluation.sounds.label == index)[:SHOWN]
    return sound_row(f"<b>{evaluation.word}</b>, the first ones", _cards(evaluation, chosen))


def _real_row(evaluation: Evaluation, index: int) -> str:
    valid = evaluation.real.held_out
    members = np.flatnonzero(valid.label == index)
    # Spread over the set: neighbours in it are often takes of one drum.
    chosen = members[np.linspace(0, len(members) - 1, min(SHOWN, len(members))).astype(int)]
    names = valid.sources or tuple(f"validation {i}" for i in range(len(valid.label)))
    cards = [
        sound_card(valid.audio[i], evaluation.real.sample_rate, names[i], real=True) for i in chosen
    ]
    return sound_row('<b class="real">real</b>, held out', cards)


def _odd_row(evaluation: Evaluation, index: int) -> str:
    members = np.flatnonzero(evaluation.sounds.label == index)
    distances = evaluation.candidate.nearest["distance"][members]
    chosen = members[np.argsort(-distances)[:ODD]]
    return sound_row(
        f"<b>{evaluation.word}</b>, the least like any training sound", _cards(evaluation, chosen)
    )


def _cards(evaluation: Evaluation, chosen: Sequence[int] | np.ndarray) -> list[str]:
    sounds, rate = evaluation.sounds, evaluation.real.sample_rate
    return [sound_card(sounds.audio[i], rate, sounds.sources[i]) for i in chosen]


def _figures(evaluation: Evaluation) -> str:
    names = (OVERALL, *evaluation.real.labels)
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows, group = [], ""
    for metric in evaluation.metrics:
        if metric.group != group:
            group = metric.group
            rows.append(
                f'<tr class="group"><th colspan="{1 + len(names)}">{escape(group)}</th></tr>'
            )
        cells = "".join(_cell(evaluation.figures[name].get(metric.name), metric) for name in names)
        rows.append(
            f'<tr><th><a href="#m-{metric.name}">{escape(metric.title)}</a>{_direction(metric)}'
            f"</th>{cells}</tr>"
        )
    key = svg.legend(
        {"judged": evaluation.word, "real": "control: real validation sounds in their place"}
    )
    return (
        f'<p>{key}</p><p class="soft">Value, 95 % interval, and the control with its own. Red: '
        "worse than (or unlike) real sounds by more than both intervals. Overall is the mean over "
        "classes.</p>"
        f'<div class="card scroll"><table><thead><tr><th></th>{head}</tr></thead><tbody>'
        f"{''.join(rows)}</tbody></table></div>"
    )


def _direction(metric) -> str:
    words = {"lower": "lower is better", "higher": "higher is better", "real": "like real is best"}
    return f"<br><small>{words[metric.better]}</small>"


def _cell(figure: Figure | None, metric) -> str:
    if figure is None:
        return '<td class="soft">–</td>'
    style = {WORSE: "worse", OTHER: "unlike", BETTER: "better"}.get(figure.verdict, "")
    control = ""
    real = None
    if (
        figure.control is not None
        and figure.control_low is not None
        and figure.control_high is not None
    ):
        real = (figure.control, figure.control_low, figure.control_high)
        ends = interval(figure.control_low, figure.control_high, metric)
        control = f"<small>control {number(figure.control, metric)} ({ends})</small>"
    return (
        f'<td class="{style}"><b>{escape(with_unit(figure.value, metric))}</b>'
        f"<small>{interval(figure.low, figure.high, metric)}</small>"
        f"{svg.interval((figure.value, figure.low, figure.high), real)}{control}</td>"
    )


def _character(evaluation: Evaluation) -> str:
    key = svg.legend({"judged": evaluation.word, "real": "real, training and validation"})
    parts = [f"<p>{key}</p>"]
    for index, label in enumerate(evaluation.real.labels):
        plots = "".join(
            _histogram(evaluation, index, one) for one in DESCRIPTORS if one.applies_to(label)
        )
        parts.append(f'<h3>{escape(label)}</h3><div class="plots">{plots}</div>')
    return "".join(parts)


def _histogram(evaluation: Evaluation, index: int, descriptor) -> str:
    judged = evaluation.candidate.of(index).descriptors[descriptor.name]
    features = (evaluation.train, evaluation.held_out)
    real = np.concatenate([view.of(index).descriptors[descriptor.name] for view in features])
    unit = "LUFS" if descriptor.name == "loudness" else descriptor.unit
    medians = f"median {_three(np.median(judged))} {unit}, real {_three(np.median(real))} {unit}"
    drawing = svg.histogram(
        judged,
        real,
        unit,
        logarithmic=descriptor.logarithmic,
        title=f"{descriptor.title}: {medians}",
    )
    return (
        f'<div class="card"><b>{escape(descriptor.title)}</b>{drawing}'
        f"<small>{escape(medians)}</small></div>"
    )


def _three(value: float) -> str:
    """Return three significant digits, without an exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _spectra(evaluation: Evaluation) -> str:
    key = svg.legend({"judged": evaluation.word, "real": "real, training and validation"})
    plots = []
    for index, label in enumerate(evaluation.real.labels):
        judged = evaluation.candidate.of(index).power
        real = np.concatenate([v.of(index).power for v in (evaluation.train, evaluation.held_out)])
        drawing = svg.spectra(
            _median_db(judged),
            _median_db(real),
            evaluation.real.sample_rate,
            f"median spectra of {label}",
        )
        plots.append(f'<div class="card"><b>{escape(label)}</b>{drawing}</div>')
    return (
        f'<p>{key}</p><p class="soft">The upsampler\'s image frequencies are marked: a spike of '
        f'the first line alone is a tone.</p><div class="plots wide">{"".join(plots)}</div>'
    )


def _median_db(power: np.ndarray) -> np.ndarray:
    return 10.0 * np.log10(np.median(power, axis=0) / QUANTISATION_POWER)


def _confusion(evaluation: Evaluation) -> str:
    labels = evaluation.real.labels
    classifier = evaluation.extractor.classifier
    tables = [
        _confusion_table(words, view, labels)
        for words, view in ((evaluation.word, evaluation.candidate), ("real", evaluation.held_out))
    ]
    accuracies = ", ".join(f"{escape(k)} {v:.1%}" for k, v in classifier.accuracies.items())
    return (
        f"<p>The classifier, trained on real training sounds alone, names "
        f"{classifier.accuracy:.1%} of the real validation sounds rightly ({accuracies}).</p>"
        f'<div class="pair">{"".join(tables)}</div>'
    )


def _confusion_table(words: str, view, labels: Sequence[str]) -> str:
    guesses = view.probabilities.argmax(axis=1)
    head = "".join(f"<th>{escape(label)}</th>" for label in labels)
    rows = []
    for index, label in enumerate(labels):
        shares = [np.mean(guesses[view.label == index] == i) for i in range(len(labels))]
        cells = "".join(f'<td style="{svg.heat(s)}">{s:.1%}</td>' for s in shares)
        rows.append(f"<tr><th>{escape(label)}</th>{cells}</tr>")
    return (
        f'<div class="card scroll"><table class="confusion"><thead><tr><th>{words}: asked for, '
        f"heard as</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _originality(evaluation: Evaluation) -> str:
    nearest, real = evaluation.candidate.nearest, evaluation.real
    copied = int(nearest["copied"].sum())
    validation = float(np.mean(evaluation.held_out.nearest["copied"]))
    chosen = np.argsort(-nearest["correlation"])[:CLOSEST]
    names = real.train.sources or tuple(f"training {i}" for i in range(len(real.train.label)))
    cards = []
    for i in chosen:
        match, correlation = nearest["match"][i], nearest["correlation"][i]
        caption = f"{evaluation.sounds.sources[i]}: {correlation:.3f}"
        cards.append(sound_card(evaluation.sounds.audio[i], real.sample_rate, caption))
        cards.append(sound_card(real.train.audio[match], real.sample_rate, names[match], real=True))
    words = "no copy" if copied == 0 else f"{copied} copies" if copied > 1 else "one copy"
    return (
        f"<p><b>{words}</b> of a training sound among {len(nearest['copied'])} sounds "
        f"(correlation 0.97 or more). Of real held-out sounds, {validation:.1%} have such a match "
        "in the training part: takes of one drum.</p>"
        + sound_row(
            "The most like a training sound, each beside its match; the number is the correlation",
            cards,
        )
        + _copies_list(evaluation, names)
    )


def _copies_list(evaluation: Evaluation, names: Sequence[str]) -> str:
    nearest = evaluation.candidate.nearest
    rows = "".join(
        f"<tr><td>{escape(evaluation.sounds.sources[i])}</td>"
        f"<td>{nearest['correlation'][i]:.4f}</td><td><code>{escape(names[nearest['match'][i]])}"
        "</code></td></tr>"
        for i in np.flatnonzero(nearest["copied"])
    )
    if not rows:
        return ""
    return (
        '<details><summary>All copies, by file</summary><div class="card scroll"><table><thead><tr>'
        f"<th>sound</th><th>correlation</th><th>training sound</th></tr></thead><tbody>{rows}"
        "</tbody></table></div></details>"
    )


def _definitions(evaluation: Evaluation) -> str:
    items = "".join(
        f'<dt id="m-{metric.name}">{escape(metric.title)}</dt><dd>{escape(metric.definition)} '
        f'<span class="soft">{escape(metric.source)}.</span></dd>'
        for metric in evaluation.metrics
    )
    return (
        '<div class="card"><p>Sets are cut into chunks of one size on both sides of a comparison, '
        "because distances between sets depend on their sizes. Intervals: the figure taken again "
        "for random three-quarters of the sounds; they say how far it may lie off with other "
        f"sounds from the same source.</p><dl>{items}</dl></div>"
    )


def _made(evaluation: Evaluation) -> str:
    rows: list[tuple[str, object]] = [
        *evaluation.facts.items(),
        ("records digest", evaluation.real.digest),
        (
            "classifier",
            "kept from before" if evaluation.extractor.classifier.reused else "trained now",
        ),
        *[(f"seconds, {name}", seconds) for name, seconds in evaluation.seconds.items()],
    ]
    cells = "".join(
        f"<tr><th>{escape(str(name))}</th><td><code>{escape(str(value))}</code></td></tr>"
        for name, value in rows
    )
    return f'<div class="card scroll"><table><tbody>{cells}</tbody></table></div>'
