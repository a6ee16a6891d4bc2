"""What ``drumsmith prepare`` says at its end: counts per label, and what was left out and why."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..records.dataset_info import FILE_NAME, SPLITS, DatasetInfo

# So many files are named per reason; dataset.json names all.
_NAMED = 12


def print_report(info: DatasetInfo, records: Path, console: Console | None = None) -> None:
    """Print the closing tables and, in plain words, what deserves attention.

    Args:
        info: of the finished records.
        records: where they are.
        console: standard output by default.
    """
    console = console or Console()
    console.print(_counts(info))
    if info.skipped:
        console.print(_skipped(info))
    for line in warnings(info):
        console.print(Text(f"attention: {line}"), soft_wrap=True)
    seconds = info.length / info.sample_rate
    line = f"{records}: {len(info.sources)} sounds of {seconds:.3g} s at {info.sample_rate} Hz"
    console.print(Text(_printable(line)), soft_wrap=True)


def warnings(info: DatasetInfo) -> Iterator[str]:
    """Say what a user should know before training on these records, one line each."""
    lost = Counter(item.label for item in info.skipped if item.label)
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
            if wanted and not info.counts[split][label]:
                yield f"label {label} has no {words} sounds: {_why_none(info, label)}"
    if len(info.labels) == 1:
        yield f"there is one label only, {info.labels[0]}: a model of it has nothing to choose"


def _why_none(info: DatasetInfo, label: str) -> str:
    if info.preparation.get("split"):
        return f"the column {info.preparation['split']} names none"
    if _kept(info, label) == 1:
        return "it has one sound"
    return "its sounds are one group, or too few groups"


def _kept(info: DatasetInfo, label: str) -> int:
    return sum(counts.get(label, 0) for counts in info.counts.values())


def _counts(info: DatasetInfo) -> Table:
    lost = Counter(item.label for item in info.skipped)
    table = Table("label")
    parts = [split for split in SPLITS if split != "test" or info.count(split)]
    for name in (*parts, "skipped"):
        table.add_column(name, justify="right")
    for label in sorted({*info.labels, *(label for label in lost if label)}):
        numbers = [info.counts[split].get(label, 0) for split in parts]
        table.add_row(Text(_printable(label)), *map(str, (*numbers, lost[label])))
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
            table.add_row(Text(_printable(path), overflow="fold"), Text(reason))
        if len(paths) > _NAMED:
            table.add_row(f"... and {len(paths) - _NAMED} more, see {FILE_NAME}", Text(reason))
    return table


def _printable(text: str) -> str:
    """File names may hold bytes that no terminal shows."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
