import io

import pytest
from rich.console import Console

from drumsmith.common import progress as progress_module
from drumsmith.common.progress import progress

WORDS = "stage 3, wasserstein 26.66, critic -20.51, generator 4.20, gradient 1.07, 312 sounds/s"


def _shown(monkeypatch, width):
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=True, color_system=None)
    monkeypatch.setattr(progress_module, "Console", lambda **options: console)
    with progress("training", 20_000, done=600) as meter:
        meter.advance(20)
        meter.describe(WORDS)
    return stream.getvalue()


@pytest.mark.parametrize("width", [40, 80])
def test_words_that_change_are_never_cut(monkeypatch, width):
    shown = _shown(monkeypatch, width)
    assert all(word in shown for word in WORDS.split())
    assert "…" not in shown


@pytest.mark.parametrize("width", [40, 80])
def test_the_count_is_shown_at_any_width(monkeypatch, width):
    assert "620/20000" in _shown(monkeypatch, width)
