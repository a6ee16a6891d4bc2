"""What ``drumsmith prepare`` says at its end: counts per label, and what was left out and why."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...common.tables import show
from ..collection.exclusion import STRUCK_OUT
from ..records.dataset_info import FILE_NAME, SPLITS, DatasetInfo, Skipped
from ..records.index import Index, IndexEntry

# So many files are named per reason; dataset.json names all.
_NAMED = 12
# Fewer sounds of a label hardly say what its drums have in common.
_THIN = 50


def print_report(info: DatasetInfo, records: Path, console: Console | None = None) -> None:
    """Print the closing tables and, in plain words, what deserves attention.

    Args:
        info: of the finished records.
        records: where they are.
        console: standard output by default.
    """
    console = console or Console()
    show(_counts(info), console)
    index = Index.load(records)
    if index.entries:
        show(_balance(info, index), console)
    if info.skipped:
        show(_skipped(info), console)
    for line in (*warnings(info), *remarks(info, index)):
        console.print(Text(f"attention: {line}"), soft_wrap=True)
    seconds = info.length / info.sample_rate
    for family, kinds in info.families.items():
        count = sum(info.count_of(split, family) for split in SPLITS)
        line = f"{family}: {', '.join(kinds)} count as {family}, too, {count} sounds in all"
        console.print(Text(printable(line)), soft_wrap=True)
    line = f"{records}: {len(info.sources)} sounds of {seconds:.3g} s at {info.sample_rate} Hz"
    console.print(Text(printable(line)), soft_wrap=True)


def warnings(info: DatasetInfo) -> Iterator[str]:
    """Say what a user should know before training on these records, one line each."""
    lost = Counter(
        item.label
        for item in info.skipped
        if item.label and not item.copy_of and item.reason != STRUCK_OUT
    )
    for label in sorted(lost):
        kept = _kept(info, label)
        total = kept + lost[label]
        if kept:
            yield f"label {label}: {lost[label]} of its {total} files could not be used"
        else:
            yield f"label {label}: none of its {total} files can be used, so it is left out"
    for label in info.labels:
        for split, words in (("valid", "validation"), ("test", "test")):
            wanted = info.preparation.get(f"{split}_share", 0) > 0
            if wanted and not info.count_of(split, label):
                yield f"label {label} has no {words} sounds: {_why_none(info, label)}"
    thin = {label: n for label in info.labels if 0 < (n := _kept(info, label)) < _THIN}
    if thin:
        counts = ", ".join(f"{label} {count}" for label, count in thin.items())
        yield f"fewer than {_THIN} sounds ({counts}): a model will learn these by heart"
    for family, kinds in info.preparation.get("families", {}).items():
        if absent := [kind for kind in kinds if kind not in info.labels]:
            yield f"family {family}: there is no label {' or '.join(absent)}"
    yield from _copies(info)
    if len(info.labels) == 1:
        yield f"there is one label only, {info.labels[0]}: a model of it has nothing to choose"


def remarks(info: DatasetInfo, index: Index) -> Iterator[str]:
    """Say what was noticed of sounds that are in the records, one line per kind."""
    noted: dict[str, list[IndexEntry]] = defaultdict(list)
    for source in info.sources:
        entry = index.entries.get(source.path)
        if entry:
            for note in entry.facts.notes:
                noted[_kind(note)].append(entry)
    for kind, entries in sorted(noted.items()):
        more = f" and {len(entries) - 1} more" if len(entries) > 1 else ""
        yield printable(f"{entries[0].path}{more}: {kind}")


def _kind(note: str) -> str:
    """Return a note without its numbers: what several sounds have in common."""
    return note.partition(" (")[0]


def _copies(info: DatasetInfo) -> Iterator[str]:
    label_of = {source.path: source.label for source in info.sources}
    copies = [item for item in info.skipped if item.copy_of]
    if copies:
        yield f"{len(copies)} sounds repeat another one, and are left out"
    for item in _under_two_labels(copies, label_of)[:_NAMED]:
        yield (
            f"the same sound lies under two labels: {item.path} and {item.copy_of}; "
            f"the latter is kept"
        )


def _under_two_labels(copies: list[Skipped], label_of: dict[str, str]) -> list[Skipped]:
    return [item for item in copies if label_of.get(item.copy_of, item.label) != item.label]


def _balance(info: DatasetInfo, index: Index) -> Table:
    """Lengths, rates and levels per label."""
    facts = defaultdict(list)
    for source in info.sources:
        entry = index.entries.get(source.path)
        if entry:
            facts[source.label].append(entry.facts)
    table = Table("label")
    for name in ("seconds", "peak dB", "rates"):
        table.add_column(name, justify="right")
    for label in info.labels:
        items = facts[label]
        if items:
            rates = Counter(item.rate for item in items).most_common(3)
            table.add_row(
                Text(printable(label)),
                _range([item.lasts_s for item in items], "{:.2f}"),
                _range([item.peak_db for item in items], "{:.0f}"),
                ", ".join(f"{rate} ({count})" for rate, count in rates),
            )
    return table


def _range(values: list[float], form: str) -> str:
    """Smallest, median and largest."""
    parts = (min(values), statistics.median(values), max(values))
    return " / ".join(form.format(part) for part in parts)


def _why_none(info: DatasetInfo, label: str) -> str:
    if info.preparation.get("split"):
        return f"the column {info.preparation['split']} names none"
    if _kept(info, label) == 1:
        return "it has one sound"
    return "its sounds are one group, or too few groups"


def _kept(info: DatasetInfo, label: str) -> int:
    return sum(info.count_of(split, label) for split in info.counts)


def _counts(info: DatasetInfo) -> Table:
    lost = Counter(item.label for item in info.skipped)
    table = Table("label")
    parts = [split for split in SPLITS if split != "test" or info.count(split)]
    for name in (*parts, "skipped"):
        table.add_column(name, justify="right")
    for label in sorted({*info.labels, *(label for label in lost if label)}):
        numbers = [info.counts[split].get(label, 0) for split in parts]
        table.add_row(Text(printable(label)), *map(str, (*numbers, lost[label])))
    table.add_section()
    totals = [*(info.count(split) for split in parts), len(info.skipped)]
    table.add_row("total", *map(str, totals))
    return table


def _skipped(info: DatasetInfo) -> Table:
    table = Table("skipped file", "reason")
    items = sorted(info.skipped, key=lambda item: (item.reason, item.path))
    for reason, group in groupby(items, key=lambda item: item.reason):
        paths = [item.path for item in group]
        for path in paths[:_NAMED]:
            table.add_row(Text(printable(path), overflow="fold"), Text(reason))
        if len(paths) > _NAMED:
            table.add_row(f"... and {len(paths) - _NAMED} more, see {FILE_NAME}", Text(reason))
    return table


def printable(text: str) -> str:
    """Make a file's name fit for a terminal: it may hold bytes that none shows."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
