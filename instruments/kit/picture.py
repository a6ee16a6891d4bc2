"""The picture of a kit: its pads with their sounds."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ..pitch import note_name
from .kit import Kit, PadSounds

COLUMNS = 4
INK, PAD, LINE = "#f2ede4", "#2b2f36", "#e8a13a"
BACKGROUND = "#1b1e23"
COLUMNS_OF_OUTLINE = 240


def draw_kit(kit: Kit, path: Path) -> None:
    """Write a PNG: a square for each pad, with the outline of its loudest sound."""
    rows = -(-len(kit.pads) // COLUMNS)
    figure = Figure(figsize=(9, 0.5 + 1.7 * rows), dpi=120, facecolor=BACKGROUND)
    figure.suptitle(kit.name, color=INK, fontweight="bold", x=0.03, ha="left")
    grid = figure.add_gridspec(
        rows, COLUMNS, left=0.03, right=0.97, bottom=0.04, top=1 - 0.55 / (0.5 + 1.7 * rows)
    )
    longest = max(len(pad.layers[-1].sounds[0].audio) for pad in kit.pads)
    for number, pad in enumerate(kit.pads):
        axes = figure.add_subplot(grid[number // COLUMNS, number % COLUMNS], facecolor=PAD)
        _draw_pad(axes, pad, longest)
    figure.savefig(path, facecolor=BACKGROUND)


def _draw_pad(axes, pad: PadSounds, longest: int) -> None:
    audio = pad.layers[-1].sounds[0].audio
    parts = np.array_split(np.abs(audio), min(COLUMNS_OF_OUTLINE, len(audio)))
    outline = np.array([part.max() for part in parts]) / max(float(np.abs(audio).max()), 1e-9)
    x = np.linspace(0, len(audio) / longest, len(outline))
    axes.fill_between(x, -outline, outline, color=LINE, linewidth=0)
    axes.set(xlim=(-0.03, 1.03), ylim=(-1.2, 1.9), xticks=[], yticks=[])
    for side in axes.spines.values():
        side.set_visible(False)
    turns = f"{len(pad.layers)} x {pad.pad.round_robins}"
    axes.text(0, 1.45, pad.pad.name, color=INK, fontsize=10, va="center")
    axes.text(
        1,
        1.45,
        f"{note_name(pad.pad.note)} · {pad.pad.note} · {turns}",
        color=INK,
        fontsize=7,
        va="center",
        ha="right",
        alpha=0.75,
    )
