"""Writes the pretrained model's card: every figure from the files the model was made with."""

import dataclasses
import json
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from types import SimpleNamespace
from typing import Any

from drumsmith.evaluation.measurement import Figure
from drumsmith.evaluation.metrics.registry import Target
from drumsmith.evaluation.report.formatting import expected, number, reached
from drumsmith.evaluation.sounds.real_sounds import PART_WORDS
from drumsmith.serving.saved_model.description import Description
from drumsmith.tfrecords.preparing.preparation import Preparation
from drumsmith.tfrecords.records.dataset_info import DatasetInfo
from drumsmith.training.config.config import TrainingConfig
from drumsmith.training.config.presets import preset

TEMPLATE = "model_card_template.md"

_PAPER = '"Adversarial Synthesis of Drum Sounds" (Drysdale, Tomczak and Hockman, DAFx 2020)'

NETWORKS = {
    "upsampling": f"the generator of {_PAPER}",
    "tones-and-noise": (
        "a generator that says which tones and which noise a drum is, and a synthesiser that makes "
        f"them, not the generator of {_PAPER}"
    ),
}
"""What a generator is called in the card, by its name in a configuration."""

Report = Mapping[str, Any]
"""What report.json of `drumsmith evaluate` holds."""


@dataclass(frozen=True)
class Provenance:
    """How a model was made.

    Attributes:
        config: of its run.
        trained_on: the records of its run.
        evaluated_on: the records that the report compares with.
        commands: from a collection of sounds to the package, one a line.
        commit: of the repository.
        hours: of processors, for its run; None where nobody counted.

    """

    config: TrainingConfig
    trained_on: DatasetInfo
    evaluated_on: DatasetInfo
    commands: Sequence[str]
    commit: str
    hours: float | None = None


def card(
    description: Description, version: int, size: int, report: Report, provenance: Provenance
) -> str:
    """Return the card of an exported version, as Markdown.

    Args:
        description: of the version.
        version: its number.
        size: of its folder, in bytes.
        report: its evaluation.
        provenance: how it was made.

    """
    text = Path(__file__).with_name(TEMPLATE).read_text("utf-8")
    return Template(text).substitute(
        _of_the_model(description, version, size)
        | _of_the_training(description, provenance)
        | _of_the_report(report)
        | {
            "data": _data(provenance),
            "commit": provenance.commit,
            "commands": "\n".join(provenance.commands),
            "settings": _settings(provenance.config),
        }
    )


def commands(
    config: TrainingConfig, info: DatasetInfo, export_options: Sequence[str], report: Report
) -> list[str]:
    """Return the commands that make such a model, as far as its files tell them."""
    facts = report["facts"]
    judged = [f"--{name}={facts[name]}" for name in ("count", "seed", "part") if name in facts]
    train = ["--preset", config.preset]
    for name, value in _unlike_preset(config).items():
        train += ["--set", f"{name}={_setting(value)}"]
    lines = (
        ("prepare", "COLLECTION", "RECORDS", *_preparation_options(info.preparation)),
        ("train", "RECORDS", "RUN", *train),
        ("export", "RUN", "MODELS", *export_options),
        ("evaluate", "MODELS", "RECORDS", "--out", "REPORT", *judged),
    )
    return [shlex.join(("drumsmith", *line)) for line in lines]


def _of_the_model(description: Description, version: int, size: int) -> dict[str, str]:
    return {
        "labels": _listed(description.labels),
        "a_label": "kick" if "kick" in description.labels else description.labels[0],
        "seconds": f"{description.length / description.sample_rate:.3g}",
        "length": str(description.length),
        "sample_rate": str(description.sample_rate),
        "latent_dim": str(description.latent_dim),
        "model_id": description.model_id,
        "version": str(version),
        "megabytes": f"{size / 1e6:.1f}",
        "weights_sha256": description.weights_sha256,
    }


def _of_the_training(description: Description, provenance: Provenance) -> dict[str, str]:
    summary = description.summary
    averaged = "the running average of its weights" if summary["averaged"] else "its last weights"
    return {
        "network": NETWORKS.get(provenance.config.generator, provenance.config.generator),
        "preset": provenance.config.preset,
        "width": str(provenance.config.width),
        "batch_size": str(provenance.config.batch_size),
        "prior": f"drawn from the {provenance.config.latent_prior} distribution",
        "steps": f"{summary['step']:,} steps",
        "hours": "" if provenance.hours is None else f" in {provenance.hours:.1f} processor hours",
        "origin": _origin(summary.get("data", {})),
        "weights": averaged,
    }


def _origin(data: Mapping[str, Any]) -> str:
    """Return the runs before, the latest first; each started from the next one's networks."""
    words, origin = "", data.get("started_from")
    while origin is not None:
        words += f", from the networks of step {origin['step']:,} of a run of `{origin['preset']}`"
        if origin.get("hours") is not None:
            words += f" ({origin['hours']:.1f} processor hours)"
        origin = origin.get("started_from")
    return words


def _of_the_report(report: Report) -> dict[str, str]:
    targets = list(_targets(report))
    met = sum(one.met for one in targets)
    judged = sorted(set(report["judged"].values()))
    real = report["classifier"]["accuracy_on_held_out"]
    part = PART_WORDS[report["records"]["part"]]
    return {
        "verdict": f"It meets {met} of the {len(targets)} targets that were set for it, counted "
        f"class by class. The classifier behind the label accuracy gets {real:.2f} of real {part} "
        "sounds right.",
        "judgements": "\n\n".join(_judgement(label, targets) for label in report["labels"]),
        "limits": "\n".join(f"- {sentence}" for sentence in report["limits"]),
        "targets": _targets_table(report, targets),
        "judged": _listed(map(str, judged), "or"),
        "part": part,
        "held_out": _counts(report["records"]["held_out"]),
        "figures": _figures_table(report),
        "medians": _medians_table(report),
        "copies": _copies(report["copies"]),
    }


@dataclass(frozen=True)
class _Target:
    """One target, held against one class."""

    metric: str
    label: str
    title: str
    reached: str
    expected: str
    met: bool
    words: Target


def _targets(report: Report) -> Iterable[_Target]:
    for name, fields in report["metrics"].items():
        metric = _metric(fields)
        for label in report["labels"]:
            figure = _figure(report, label, name)
            if figure and metric.target and figure.target_met is not None:
                words = reached(figure, metric), expected(metric)
                yield _Target(name, label, metric.title, *words, figure.target_met, metric.target)


def _metric(fields: Mapping[str, Any]) -> Any:
    """Return what `formatting` needs of a metric, out of a report."""
    target = fields["target"] and Target(**fields["target"])
    return SimpleNamespace(**{**fields, "target": target})


def _figure(report: Report, label: str, metric: str) -> Figure | None:
    fields = report["figures"][label].get(metric)
    if fields is None or fields["value"] is None:
        return None
    return Figure(**fields)


def _judgement(label: str, targets: Sequence[_Target]) -> str:
    good, bad = [], []
    mine = [one for one in targets if one.label == label]
    # Metrics that share a target share its words.
    for words in dict.fromkeys(one.words for one in mine):
        missed = [one for one in mine if one.words == words and not one.met]
        if missed:
            figures = ", ".join(f"{_name(one)} {one.reached}" for one in missed)
            bad.append(f"{words.missed} ({figures}; the target is {missed[0].expected})")
        else:
            good.append(words.met)
    return f"**{label}**\n\n- good: {'; '.join(good) or '-'}\n- not: {'; '.join(bad) or '-'}"


def _name(target: _Target) -> str:
    # Commas stand between the figures already.
    return target.title.replace(",", "").lower()


def _targets_table(report: Report, targets: Sequence[_Target]) -> str:
    rows = []
    for name in dict.fromkeys(target.metric for target in targets):
        of_metric = {target.label: target for target in targets if target.metric == name}
        one = next(iter(of_metric.values()))
        cells = [_verdict(of_metric.get(label)) for label in report["labels"]]
        rows.append((one.title, one.expected, *cells))
    return _table(("", "target", *report["labels"]), rows)


def _verdict(target: _Target | None) -> str:
    if target is None:
        return ""
    return f"{target.reached} ok" if target.met else f"**{target.reached} NO**"


def _figures_table(report: Report) -> str:
    rows = []
    for name, fields in report["metrics"].items():
        metric = _metric(fields)
        cells = [_value_and_control(_figure(report, of, name), metric) for of in report["labels"]]
        unit = f", {metric.unit}" if metric.unit else ""
        rows.append((f"{metric.title}{unit}", metric.better, *cells))
    return _table(("", "better is", *report["labels"]), rows)


def _value_and_control(figure: Figure | None, metric: Any) -> str:
    if figure is None:
        return ""
    control = "" if figure.control is None else f" / {number(figure.control, metric)}"
    return f"{number(figure.value, metric)}{control}"


def _medians_table(report: Report) -> str:
    labels = report["labels"]
    names = dict.fromkeys(name for label in labels for name in report["medians"][label])
    rows = [(name, *(_pair(report["medians"][of].get(name)) for of in labels)) for name in names]
    return _table(("", *labels), rows)


def _pair(both: Mapping[str, float | None] | None) -> str:
    if both is None:
        return ""
    return f"{_three(both['judged'])} / {_three(both['real'])}"


def _three(value: float | None) -> str:
    """Return three digits of a number, and all that stand before its point."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _copies(copies: Sequence[Mapping[str, Any]]) -> str:
    if not copies:
        return "No judged sound is a copy of a training sound."
    head = "These judged sounds are copies of training sounds:\n\n"
    rows = [(c["sound"], c["training_sound"], f"{c['correlation']:.3f}") for c in copies]
    return head + _table(("judged", "training", "correlation"), rows)


def _data(provenance: Provenance) -> str:
    info = provenance.trained_on
    parts = [
        f"The {info.count('train'):,} sounds of the training part, and nothing of the other parts. "
        f"Prepared as below; the records' digest is `{info.digest}`, which holds the sha256 of "
        "every file.",
        _counts_table(info),
        *(f"{family} counts {', '.join(kinds)}, too." for family, kinds in info.families.items()),
        f"Preparation: {_preparation(info)}.",
    ]
    if groups := Counter(source.group for source in info.sources if source.group):
        named = ", ".join(f"{name} {count}" for name, count in sorted(groups.items()))
        parts.append(f"By {info.preparation.get('group') or 'group'}: {named}.")
    if provenance.evaluated_on.digest != info.digest:
        other = provenance.evaluated_on
        parts.append(
            f"Judged against other records: {len(other.sources):,} sounds, digest "
            f"`{other.digest}`, whose held-out parts hold no sound of the above's training part."
        )
    return "\n\n".join(parts)


def _counts_table(info: DatasetInfo) -> str:
    splits = [name for name in info.counts if info.count(name)]
    rows = [(label, *(str(info.count_of(name, label)) for name in splits)) for label in info.labels]
    return _table(("", *splits), rows)


def _preparation(info: DatasetInfo) -> str:
    return ", ".join(
        f"{name} {_plain(value)}"
        for name, value in info.preparation.items()
        if value not in ({}, None)
    )


def _preparation_options(preparation: Mapping[str, Any]) -> list[str]:
    """Return what `drumsmith prepare` was given beyond its defaults."""
    options = []
    for name, flag in (("where", "--where"), ("where_not", "--where-not")):
        for column, values in (preparation.get(name) or {}).items():
            for value in values:
                options += [flag, f"{column}={value}"]
    if preparation.get("group"):
        options += ["--group", preparation["group"]]
    if preparation.get("valid_share", 0.1) != 0.1:
        options += ["--valid-share", str(preparation["valid_share"])]
    if preparation.get("test_share"):
        options += ["--test-share", str(preparation["test_share"])]
    for field in dataclasses.fields(Preparation):
        if preparation.get(field.name, field.default) != field.default:
            options += [f"--{field.name.replace('_', '-')}", str(preparation[field.name])]
    return options


def _unlike_preset(config: TrainingConfig) -> dict[str, Any]:
    usual = preset(config.preset)
    return {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(config)
        if getattr(config, field.name) != getattr(usual, field.name)
    }


def _settings(config: TrainingConfig) -> str:
    values = ", ".join(f"{name} {_setting(value)}" for name, value in config.to_json().items())
    return f"All settings of the run: {values}."


def _setting(value: Any) -> str:
    """Return a value as `drumsmith train --set` takes it."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {label}" for label, count in counts.items())


def _listed(words: Iterable[str], last: str = "and") -> str:
    *before, end = words
    return f"{', '.join(before)} {last} {end}" if before else end


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
