import pytest
from rich.console import Console
from rich.table import Table

from drumsmith.common.tables import print_table, show

HEADERS = ("version", "model", "labels", "sound", "latent", "size", "training")
ROWS = [
    (
        "1",
        "115adc9112de",
        "cymbal, kick, snare",
        "0.372 s at 44100 Hz",
        "100",
        "7.9 MB",
        "small-fast, 7000 steps, width 16",
    ),
    (
        "2",
        "95ad0d9112de",
        "cymbal, kick, snare",
        "0.372 s at 44100 Hz",
        "100",
        "7.9 MB",
        "small-fast, 9000 steps, width 16",
    ),
]


def _printed(width):
    console = Console(width=width, record=True, force_terminal=False)
    with console.capture() as capture:
        print_table(HEADERS, ROWS, right=("version",), console=console)
    return capture.get()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_word_is_cut_and_no_line_is_too_long(width):
    text = _printed(width)
    for row in ROWS:
        for cell in row:
            assert all(word in text for word in cell.split())
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_a_wide_terminal_gets_columns_and_a_narrow_one_a_list():
    assert "┃ version ┃ model " in _printed(86)
    assert _printed(40).startswith("version: 1\n  model: 115adc9112de\n  labels: cymbal, kick")


def test_a_table_of_rich_is_shown_in_the_same_way():
    table = Table("skipped file", "reason")
    path = "kick/" + "long" * 12 + ".wav"
    table.add_row(path, "it is silent")
    console = Console(width=40, record=True)
    with console.capture() as capture:
        show(table, console)
    assert path in capture.get().replace("\n", "")
    assert "  reason: it is silent" in capture.get()
