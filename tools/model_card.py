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

from drumsmith.evaluation.metrics.measurement import Figure
from drumsmith.evaluation.metrics.registry import Bar
from drumsmith.evaluation.report.formatting import expected, number, reached
from drumsmith.serving.saved_model.description import Description
from drumsmith.tfrecords.preparing.preparation import Preparation
from drumsmith.tfrecords.records.dataset_info import DatasetInfo
from drumsmith.training.config.config import TrainingConfig
from drumsmith.training.config.presets import preset

TEMPLATE = "model_card_template.md"

Report = Mapping[str, Any]
"""What report.json of `drumsmith evaluate` holds."""


@dataclass(frozen=True)
class Making:
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


@dataclass(frozen=True)
class Judged:
    """What meeting or missing the bars of some metrics means, in words.

    Attributes:
        metric: the beginning of the metrics' names.
        good: said of a class that meets them all.
        bad: said of a class that does not.
        labels: the classes that it is asked of; all if empty.

    """

    metric: str
    good: str
    bad: str
    labels: tuple[str, ...] = ()

    def covers(self, metric: str, label: str) -> bool:
        """Tell whether the bar of ``metric`` is asked of ``label``."""
        named = metric == self.metric or metric.startswith(f"{self.metric}_")
        return named and (not self.labels or label in self.labels)


JUDGED = (
    Judged("accuracy", "heard as what was asked for", "not always heard as what was asked for"),
    Judged("frechet", "near to real sounds as a whole", "further from real sounds than it should"),
    Judged("coverage", "most kinds of real sounds have a like", "kinds of real sounds are missing"),
    Judged("image", "none of the upsampler's tones", "the upsampler's tones can be heard"),
    # A cymbal still rings when the sound ends.
    Judged(
        "tail", "dies away as it should", "noise where it should have died away", ("kick", "snare")
    ),
    Judged("copies", "no copy of a training sound", "copies of training sounds"),
)


def card(description: Description, version: int, size: int, report: Report, making: Making) -> str:
    """Return the card of an exported version, as Markdown.

    Args:
        description: of the version.
        version: its number.
        size: of its folder, in bytes.
        report: its evaluation.
        making: how it was made.

    """
    text = Path(__file__).with_name(TEMPLATE).read_text("utf-8")
    return Template(text).substitute(
        _of_the_model(description, version, size)
        | _of_the_training(description, making)
        | _of_the_report(report)
        | {
            "data": _data(making),
            "commit": making.commit,
            "commands": "\n".join(making.commands),
            "settings": _settings(making.config),
        }
    )


def commands(
    config: TrainingConfig, info: DatasetInfo, export_options: Sequence[str], report: Report
) -> list[str]:
    """Return the commands that make such a model, as far as its files tell them."""
    judged = (f"--{name}={report['facts'][name]}" for name in ("count", "seed"))
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


def _of_the_training(description: Description, making: Making) -> dict[str, str]:
    summary = description.summary
    averaged = "the running average of its weights" if summary["averaged"] else "its last weights"
    return {
        "preset": making.config.preset,
        "width": str(making.config.width),
        "batch_size": str(making.config.batch_size),
        "prior": f"drawn from the {making.config.latent_prior} distribution",
        "steps": f"{summary['step']:,} steps",
        "hours": "" if making.hours is None else f" in {making.hours:.1f} processor hours",
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
    bars = list(_bars(report))
    met = sum(bar.met for bar in bars)
    judged = sorted(set(report["judged"].values()))
    real = report["classifier"]["accuracy_on_real_validation"]
    return {
        "verdict": f"It meets {met} of the {len(bars)} bars that were set for it, counted class "
        f"by class. The listener behind the label accuracy gets {real:.2f} of real validation "
        "sounds right.",
        "judgements": "\n\n".join(_judgement(label, bars) for label in report["labels"]),
        "bars": _bars_table(report, bars),
        "judged": _listed(map(str, judged), "or"),
        "valid": _counts(report["records"]["valid"]),
        "figures": _figures_table(report),
        "medians": _medians_table(report),
        "copies": _copies(report["copies"]),
    }


@dataclass(frozen=True)
class _Bar:
    """One bar, held against one class."""

    metric: str
    label: str
    title: str
    reached: str
    expected: str
    met: bool
    judged: Judged


def _bars(report: Report) -> Iterable[_Bar]:
    for name, fields in report["metrics"].items():
        metric = _metric(fields)
        for label in report["labels"]:
            figure = _figure(report, label, name)
            judged = next((one for one in JUDGED if one.covers(name, label)), None)
            if figure and judged and figure.bar_met is not None:
                words = reached(figure, metric), expected(metric)
                yield _Bar(name, label, metric.title, *words, figure.bar_met, judged)


def _metric(fields: Mapping[str, Any]) -> Any:
    """Return what `formatting` needs of a metric, out of a report."""
    bar = fields["expected"] and Bar(**fields["expected"])
    return SimpleNamespace(**{**fields, "bar": bar})


def _figure(report: Report, label: str, metric: str) -> Figure | None:
    fields = report["figures"][label].get(metric)
    if fields is None or fields["value"] is None:
        return None
    return Figure(**{key: value for key, value in fields.items() if key != "ratio"})


def _judgement(label: str, bars: Sequence[_Bar]) -> str:
    good, bad = [], []
    for judged in JUDGED:
        mine = [bar for bar in bars if bar.label == label and bar.judged is judged]
        missed = [bar for bar in mine if not bar.met]
        if missed:
            figures = ", ".join(f"{_name(bar)} {bar.reached}" for bar in missed)
            bad.append(f"{judged.bad} ({figures}; the bar is {missed[0].expected})")
        elif mine:
            good.append(judged.good)
    return f"**{label}**\n\n- good: {'; '.join(good) or '-'}\n- not: {'; '.join(bad) or '-'}"


def _name(bar: _Bar) -> str:
    # Commas stand between the figures already.
    return bar.title.replace(",", "").lower()


def _bars_table(report: Report, bars: Sequence[_Bar]) -> str:
    rows = []
    for name in dict.fromkeys(bar.metric for bar in bars):
        of_metric = {bar.label: bar for bar in bars if bar.metric == name}
        one = next(iter(of_metric.values()))
        cells = [_verdict(of_metric.get(label)) for label in report["labels"]]
        rows.append((one.title, one.expected, *cells))
    return _table(("", "bar", *report["labels"]), rows)


def _verdict(bar: _Bar | None) -> str:
    if bar is None:
        return ""
    return f"{bar.reached} ok" if bar.met else f"**{bar.reached} NO**"


def _figures_table(report: Report) -> str:
    rows = []
    for name, fields in report["metrics"].items():
        metric = _metric(fields)
        cells = [_value_and_floor(_figure(report, of, name), metric) for of in report["labels"]]
        unit = f", {metric.unit}" if metric.unit else ""
        rows.append((f"{metric.title}{unit}", metric.better, *cells))
    return _table(("", "better is", *report["labels"]), rows)


def _value_and_floor(figure: Figure | None, metric: Any) -> str:
    if figure is None:
        return ""
    floor = "" if figure.floor is None else f" / {number(figure.floor, metric)}"
    return f"{number(figure.value, metric)}{floor}"


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


def _data(making: Making) -> str:
    info = making.trained_on
    parts = [
        f"{len(info.sources):,} sounds, prepared as below; the records' digest is "
        f"`{info.digest}`, which holds the sha256 of every file.",
        _counts_table(info),
        f"Preparation: {_preparation(info)}.",
    ]
    if groups := Counter(source.group for source in info.sources if source.group):
        named = ", ".join(f"{name} {count}" for name, count in sorted(groups.items()))
        parts.append(f"By {info.preparation.get('group') or 'group'}: {named}.")
    if making.evaluated_on.digest != info.digest:
        parts.append(
            f"Judged against other records: {len(making.evaluated_on.sources):,} sounds, digest "
            f"`{making.evaluated_on.digest}`, whose validation part holds no sound of the above's "
            "training part."
        )
    return "\n\n".join(parts)


def _counts_table(info: DatasetInfo) -> str:
    rows = [
        (label, *(str(info.counts[s][label]) for s in ("train", "valid"))) for label in info.labels
    ]
    return _table(("", "train", "valid"), rows)


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
