"""What ``drumsmith prepare --dry-run`` prints: which name gave which label, and what has none."""

from collections import defaultdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...common.tables import show
from ..collection.collection import Collection
from .report import printable

# So many files are named per rule or reason; the rest are counted.
_NAMED = 3
_UNLABELLED = 40


def print_labels(found: Collection, console: Console | None = None) -> None:
    """Print what each rule took, and the files that got no label.

    Args:
        found: the sounds of a collection, and files that are none.
        console: standard output by default.
    """
    console = console or Console()
    taken: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sound in found.sounds:
        taken[sound.label, sound.rule].append(sound.path)
    table = Table("label", "by")
    table.add_column("sounds", justify="right")
    table.add_column("such as", overflow="fold")
    for (label, rule), paths in sorted(taken.items()):
        examples = ", ".join(paths[:_NAMED])
        by = rule or "its folder or CSV"
        table.add_row(*(Text(printable(t)) for t in (label, by, str(len(paths)), examples)))
    show(table, console)
    for item in found.skipped[:_UNLABELLED]:
        console.print(Text(printable(f"left out: {item.path} {item.reason}")), soft_wrap=True)
    if len(found.skipped) > _UNLABELLED:
        console.print(f"... and {len(found.skipped) - _UNLABELLED} more left out")
    console.print(f"{len(found.sounds)} sounds would be decoded, {len(found.skipped)} left out")
