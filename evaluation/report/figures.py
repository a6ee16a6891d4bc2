"""Pictures of sounds: the paper's figures 3 and 4, and the previews of a training run.

Every function writes one file. Figures are objects of their own, drawn by Agg without pyplot, so
that threads, servers and training loops share no state through them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ...common.publish import publish_file
from ..sounds.features import FLOOR_DB, log_mel, mel_grid

DPI = 150
CELL_INCHES = 1.9
WAVE_POINTS = 180
"""Of a sound in a grid of many."""

SPECTROGRAM_COLOURS = "magma"
INK = "#22303c"
FAINT = "#b8c2cc"

TICKS_HZ = (100, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
"""Frequencies written at mel spectrograms, where they fit."""


def figure_3(audio_by_label: Mapping[str, np.ndarray], sample_rate: int, path: Path) -> None:
    """Write the paper's figure 3: waveform and mel-scaled spectrogram of each class.

    Args:
        audio_by_label: by class name, audio of shape (n, length); the first sounds of each are
            shown side by side, as many as the poorest class has, four at most.
        sample_rate: in Hz.
        path: the picture to write; the ending says the format (png, pdf, svg).

    """
    columns, rows = min(4, *(len(audio) for audio in audio_by_label.values())), len(audio_by_label)
    width, height = 1.2 + 3.2 * columns, 3.1 * rows
    figure = Figure(figsize=(width, height))
    # Margins of our own, in inches: to find them, matplotlib would draw everything twice.
    figure.subplots_adjust(
        left=0.8 / width,
        right=1 - 0.1 / width,
        top=1 - 0.3 / height,
        bottom=0.5 / height,
        hspace=0.18,
    )
    classes = figure.add_gridspec(rows, 1)
    for row, (name, audio) in enumerate(audio_by_label.items()):
        grid = classes[row].subgridspec(
            2, columns, height_ratios=[1, 1.8], hspace=0.08, wspace=0.05
        )
        for column in range(columns):
            wave, mel = (figure.add_subplot(grid[part, column]) for part in range(2))
            draw_waveform(wave, audio[column], sample_rate)
            draw_mel(mel, audio[column], sample_rate, ticks=column == 0)
            wave.tick_params(labelbottom=False, labelleft=column == 0)
            mel.tick_params(labelbottom=row == rows - 1)
            if column == 0:
                wave.set_ylabel("amplitude", color=INK)
                mel.set_ylabel("frequency (Hz)", color=INK)
                wave.set_title(name, loc="left", color=INK, fontweight="bold")
            if row == rows - 1:
                mel.set_xlabel("time (s)", color=INK)
    save(figure, path)


def figure_4(
    points: np.ndarray,
    audio: np.ndarray,
    path: Path,
    *,
    path_names: Sequence[str],
    axis_names: Sequence[str] = ("$z_1$", "$z_2$", "$z_3$"),
    title: str = "",
) -> None:
    """Write the paper's figure 4: paths through the latent space, and the waveforms along each.

    Args:
        points: places on each path, shape (paths, steps, 3): the latent vectors themselves where
            the latent space has three dimensions, else their coordinates in a chosen space.
        audio: the sounds at these places, shape (paths, steps, length).
        path: the picture to write.
        path_names: one for each path.
        axis_names: of the three coordinates.
        title: says the class, and which space is shown.

    """
    paths, steps, _ = points.shape
    figure = Figure(figsize=(6.4 + 2.4 * paths, 7.2), layout="constrained")
    if title:
        figure.suptitle(title, color=INK)
    # An empty column keeps the third axis' name, which the layout does not see, off the waveforms.
    grid = figure.add_gridspec(1, 2 + paths, width_ratios=[2.6, 0.25] + [1.0] * paths)
    space: Any = figure.add_subplot(grid[0, 0], projection="3d")
    space.set_box_aspect(None, zoom=0.9)
    draw_paths(space, points, path_names, axis_names)
    for index in range(paths):
        axes = figure.add_subplot(grid[0, 2 + index])
        draw_waveform_stack(axes, audio[index], _path_colours(index, steps))
        axes.set_title(path_names[index], color=_path_colours(index, steps)[steps // 2])
    save(figure, path)


def preview_figure(
    audio: np.ndarray, titles: Sequence[str], sample_rate: int, path: Path, *, columns: int = 8
) -> None:
    """Write a grid of mel spectrograms, the waveform laid over each: a run's previews.

    Args:
        audio: shape (n, length).
        titles: one for each sound.
        sample_rate: in Hz.
        path: the picture to write.
        columns: sounds in a row.

    """
    columns = min(len(audio), columns)
    rows = -(-len(audio) // columns)
    figure = Figure(figsize=(CELL_INCHES * columns, CELL_INCHES * rows))
    # One axes for all: of axes for each sound, the layout alone takes seconds.
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    for index, (sound, title) in enumerate(zip(audio, titles, strict=True)):
        row, column = divmod(index, columns)
        left, right = column + 0.03, column + 0.97
        bottom, top = rows - row - 0.97, rows - row - 0.12
        axes.imshow(
            log_mel(sound[None], sample_rate)[0].T,
            origin="lower",
            cmap=SPECTROGRAM_COLOURS,
            vmin=FLOOR_DB,
            vmax=0.0,
            extent=(left, right, bottom, top),
        )
        centre, reach = bottom + 0.84 * (top - bottom), 0.14 * (top - bottom)
        # Its extent in every pixel's time: no more can be seen of a wave so small.
        spans = np.array_split(np.clip(sound, -1, 1), min(WAVE_POINTS, len(sound)))
        lowest, highest = ([centre + reach * of(span) for span in spans] for of in (np.min, np.max))
        time = np.linspace(left, right, len(spans))
        axes.fill_between(time, lowest, highest, color="white", linewidth=0.4, alpha=0.8)
        axes.text((left + right) / 2, top + 0.02, title, fontsize=8, color=INK, ha="center")
    axes.set_xlim(0, columns)
    axes.set_ylim(0, rows)
    axes.set_aspect("auto")
    axes.set_axis_off()
    save(figure, path, dpi=100)


def draw_waveform(axes: Axes, sound: np.ndarray, sample_rate: int, colour: str = INK) -> None:
    """Draw one sound, (length,), over time in seconds."""
    axes.plot(np.arange(len(sound)) / sample_rate, sound, color=colour, linewidth=0.5)
    axes.set_xlim(0, len(sound) / sample_rate)
    axes.set_ylim(-1.05, 1.05)
    _quiet_frame(axes)


def draw_mel(axes: Axes, sound: np.ndarray, sample_rate: int, *, ticks: bool = True) -> None:
    """Draw the log-mel spectrogram of one sound, (length,), over seconds and mel bands."""
    spectrogram = log_mel(sound[None], sample_rate)[0]
    bands = mel_grid(sample_rate).bands
    axes.imshow(
        spectrogram.T,
        origin="lower",
        aspect="auto",
        cmap=SPECTROGRAM_COLOURS,
        vmin=FLOOR_DB,
        vmax=0.0,
        extent=(0.0, len(sound) / sample_rate, -0.5, bands - 0.5),
    )
    places = [(np.interp(hz, _edges_hz(sample_rate), np.arange(bands)), hz) for hz in TICKS_HZ]
    places = [(place, hz) for place, hz in places if hz < sample_rate / 2] if ticks else []
    axes.set_yticks([place for place, _ in places], [f"{hz:,}" for _, hz in places])
    _quiet_frame(axes)


def draw_paths(
    axes: Any, points: np.ndarray, path_names: Sequence[str], axis_names: Sequence[str]
) -> None:
    """Draw paths, (paths, steps, 3), into three-dimensional axes, shaded from start to end."""
    steps = points.shape[1]
    for index, path in enumerate(points):
        colours = _path_colours(index, steps)
        for a, b, colour in zip(path[:-1], path[1:], colours[:-1], strict=True):
            axes.plot(*np.stack([a, b], axis=1), color=colour, linewidth=2)
        axes.scatter(*path.T, color=colours, s=18, depthshade=False)
        # In the middle: paths may share their ends.
        axes.text(*path[steps // 2], f"  {path_names[index]}", color=colours[-1], fontsize=9)
    for setter, name in zip(
        (axes.set_xlabel, axes.set_ylabel, axes.set_zlabel), axis_names, strict=True
    ):
        setter(name, color=INK)
    axes.tick_params(labelsize=7, colors=INK)


def draw_waveform_stack(axes: Axes, audio: np.ndarray, colours: Sequence) -> None:
    """Draw the sounds of a path, (steps, length), from the first at the top to the last."""
    time = np.linspace(0.0, 1.0, audio.shape[1])
    for index, (sound, colour) in enumerate(zip(audio, colours, strict=True)):
        axes.plot(time, 0.45 * sound - index, color=colour, linewidth=0.5)
    axes.set_xlim(0, 1)
    axes.set_ylim(-len(audio) + 0.4, 0.6)
    axes.set_axis_off()


def save(figure: Figure, path: Path, dpi: int = DPI) -> None:
    """Write ``figure`` to ``path``, whole or not at all."""
    FigureCanvasAgg(figure)
    path = Path(path)
    with publish_file(path) as partial:
        figure.savefig(partial, dpi=dpi, format=path.suffix.lstrip(".") or "png")


def _path_colours(index: int, steps: int) -> list:
    """Return a hue for the path, from light at its start to dark at its end."""
    ramp = ("Blues", "Oranges", "Greens", "Purples", "Reds", "Greys")[index % 6]
    return [colormaps[ramp](shade) for shade in np.linspace(0.4, 1.0, steps)]


def _edges_hz(sample_rate: int) -> np.ndarray:
    return np.asarray(mel_grid(sample_rate).centres_hz)


def _quiet_frame(axes: Axes) -> None:
    axes.tick_params(labelsize=7, colors=INK, color=FAINT)
    for spine in axes.spines.values():
        spine.set_color(FAINT)
