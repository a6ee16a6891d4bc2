"""One look for all long work: a bar with a count, the time left, and a line that changes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

LOG_EVERY_S = 15.0

WIDTH_OF_A_BAR = 70
"""Characters that a line needs to have room for a bar beside its numbers."""


class Meter:
    """Reports how far a piece of long work has come; `advance` and `describe` are cheap to call."""

    def __init__(self, progress: Progress, task: TaskID):
        self._progress = progress
        self._task = task
        self._last_line = time.monotonic()

    def advance(self, count: int = 1) -> None:
        """Count ``count`` more items as done."""
        self._progress.advance(self._task, count)
        self._log()

    def describe(self, words: str) -> None:
        """Show ``words`` in lines of their own below the bar."""
        self._progress.update(self._task, words=words)

    def print(self, line: str) -> None:
        """Print a line that stays, above the bar."""
        self._progress.console.print(line, highlight=False, markup=False, soft_wrap=True)

    def _log(self) -> None:
        # A bar needs a terminal; a log file gets a line from time to time instead.
        if self._progress.console.is_terminal:
            return
        now = time.monotonic()
        if now - self._last_line < LOG_EVERY_S:
            return
        self._last_line = now
        task = self._progress.tasks[0]
        left = "?" if task.time_remaining is None else f"{task.time_remaining:.0f} s"
        self.print(
            f"{task.description} {task.completed:.0f}/{task.total:.0f}, {left} left"
            f"  {task.fields['words']}"
        )


@contextmanager
def progress(title: str, total: int, *, done: int = 0) -> Iterator[Meter]:
    """Show a bar on standard error while the block runs.

    Args:
        title: what is being done, one or two words.
        total: how many items there are.
        done: how many were done before, in an earlier run.

    """
    console = Console(stderr=True)
    bar = _Bar(
        *_columns(console.width),
        console=console,
        # The estimate covers the last minutes: the first steps of long work are never typical.
        speed_estimate_period=120.0,
    )
    with bar:
        yield Meter(bar, bar.add_task(title, total=total, completed=done, words=""))


def _columns(width: int) -> Iterator[ProgressColumn]:
    yield TextColumn("{task.description}")
    if width >= WIDTH_OF_A_BAR:
        yield BarColumn(bar_width=24)
    yield MofNCompleteColumn()
    if width >= WIDTH_OF_A_BAR:
        yield TimeElapsedColumn()
    yield TimeRemainingColumn()


class _Bar(Progress):
    """A bar whose words are wrapped below it: beside it, rich would cut them off."""

    def get_renderables(self) -> Iterator[RenderableType]:
        yield self.make_tasks_table(self.tasks)
        for task in self.tasks:
            if task.fields["words"]:
                yield Text(task.fields["words"])
