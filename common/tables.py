"""Tables that can be read in any terminal: columns where they fit, a list where they do not."""

from collections.abc import Collection, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def print_table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Collection[str] = (),
    console: Console | None = None,
) -> None:
    """Print rows below headers; where a word would be cut, each row as lines ``header: value``.

    Args:
        headers: names of the columns.
        rows: a text for each column.
        right: headers of the columns of numbers, which are set to the right.
        console: standard output by default.

    """
    console = console or Console()
    widths = _widths(list(zip(headers, *rows, strict=True)), console.width)
    if widths is None:
        _print_list(headers, rows, console)
        return
    table = Table()
    for header, width in zip(headers, widths, strict=True):
        table.add_column(Text(header), justify="right" if header in right else "left", width=width)
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def show(table: Table, console: Console | None = None) -> None:
    """Print a table of texts as `print_table` does."""
    right = {str(column.header) for column in table.columns if column.justify == "right"}
    print_table(
        [str(column.header) for column in table.columns],
        list(zip(*([str(cell) for cell in column.cells] for column in table.columns), strict=True)),
        right=right,
        console=console,
    )


def _widths(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Return the width of each column at which every word is whole, or None without the room.

    Rich shares out the room in its own way, which cuts words in one column for another's.
    """
    # A cell has a space on either side and a line behind it.
    spare = room - 1 - 3 * len(columns)
    widths = [max(cell_len(word) for cell in cells for word in cell.split()) for cells in columns]
    spare -= sum(widths)
    if spare < 0:
        return None
    wanted = [max(map(cell_len, cells)) for cells in columns]
    while spare and widths != wanted:
        for number in range(len(columns)):
            more = min(1, spare, wanted[number] - widths[number])
            widths[number] += more
            spare -= more
    return widths


def _print_list(headers: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    for row in rows:
        for number, (header, value) in enumerate(zip(headers, row, strict=True)):
            line = Text(f"{header}: {value}", overflow="fold")
            console.print(Padding(line, (0, 0, 0, 2 if number else 0), expand=False))
