"""Small drawings as SVG text: waveforms, histograms, spectra, scales.

Colours come from the page's style sheet through classes, so that they follow its theme. Nothing
but numbers and escaped text goes into the markup.
"""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from ..metrics.artefacts import IMAGE_FRACTIONS

WIDTH, HEIGHT = 260, 96


def waveform(sound: np.ndarray, width: int = 132, height: int = 34) -> str:
    """Draw one sound, (length,), as the outline of its extremes in each column."""
    columns = np.array_split(np.clip(sound, -1.0, 1.0), min(width, len(sound)))
    tops = [f"{i},{_y(column.max(), height):.1f}" for i, column in enumerate(columns)]
    lows = [f"{i},{_y(column.min(), height):.1f}" for i, column in enumerate(columns)]
    outline = " ".join(tops + lows[::-1])
    return _svg(width, height, f'<polygon class="wave" points="{outline}"/>', "wave-box")


def histogram(
    judged: np.ndarray, real: np.ndarray, unit: str, *, logarithmic: bool, title: str
) -> str:
    """Draw two distributions over each other: the real one filled, the judged one as a line."""
    both = np.concatenate([judged, real]).astype(np.float64)
    scale = np.log2 if logarithmic else np.asarray
    low, high = np.percentile(scale(both), [0.5, 99.5])
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, 25)
    shares = [
        np.histogram(np.clip(scale(values), low, high), edges)[0] / max(len(values), 1)
        for values in (real, judged)
    ]
    top = max(float(np.max(shares)), 1e-9)
    bottom = HEIGHT - 16
    targets = "".join(
        f'<rect class="real-fill" x="{_x(i, 24):.1f}" y="{bottom - share / top * (bottom - 4):.1f}"'
        f' width="{WIDTH / 24 - 1:.1f}" height="{share / top * (bottom - 4):.1f}"/>'
        for i, share in enumerate(shares[0])
    )
    steps = " ".join(
        f"{_x(i + side, 24):.1f},{bottom - share / top * (bottom - 4):.1f}"
        for i, share in enumerate(shares[1])
        for side in (0, 1)
    )
    line = f'<polyline class="judged-line" points="{steps}"/>'
    ends = [2.0**low, 2.0**high] if logarithmic else [low, high]
    middle = 2.0 ** ((low + high) / 2) if logarithmic else (low + high) / 2
    labels = _labels([(0, ends[0]), (WIDTH / 2, middle), (WIDTH, ends[1])], unit)
    return _svg(WIDTH, HEIGHT, targets + line + labels, "plot", title)


def spectra(judged_db: np.ndarray, real_db: np.ndarray, sample_rate: int, title: str) -> str:
    """Draw two median spectra in dB over frequency, with the upsampler's image frequencies marked.

    Args:
        judged_db: shape (bins,).
        real_db: shape (bins,).
        sample_rate: in Hz.
        title: read out instead of the drawing.

    """
    width, height = 560, 150
    bottom = height - 26
    both = np.concatenate([judged_db, real_db])
    low, high = float(np.percentile(both, 1)), float(both.max())
    span = max(high - low, 1e-9)

    def line(values: np.ndarray, name: str) -> str:
        # The largest of each column: a narrow tone must not fall between the pixels.
        columns = [column.max() for column in np.array_split(values, min(width, len(values)))]
        depths = [4 + (high - max(value, low)) / span * (bottom - 4) for value in columns]
        across = width / len(columns)
        points = " ".join(f"{i * across:.1f},{depth:.1f}" for i, depth in enumerate(depths))
        return f'<polyline class="{name}" points="{points}"/>'

    marks = "".join(
        f'<line class="mark" x1="{fraction * 2 * width:.1f}" x2="{fraction * 2 * width:.1f}"'
        f' y1="2" y2="{bottom}"/><text class="tick" x="{fraction * 2 * width:.1f}"'
        f' y="{bottom + 11}" text-anchor="middle">{escape(name)}</text>'
        for name, fraction in IMAGE_FRACTIONS.items()
    )
    ends = (
        f'<text class="tick" x="0" y="{height - 3}">0 Hz</text><text class="tick" x="{width}"'
        f' y="{height - 3}" text-anchor="end">{sample_rate // 2:,} Hz</text>'
        f'<text class="tick" x="{width}" y="12" text-anchor="end">{span:.0f} dB</text>'
    )
    body = marks + line(real_db, "real-line") + line(judged_db, "judged-line") + ends
    return _svg(width, height, body, "plot wide", title)


def interval(value: tuple[float, float, float], control: tuple[float, float, float] | None) -> str:
    """Draw a figure and its control, each (value, low, high), on one scale."""
    width, height = 96, 18
    numbers = [*value, *(control or ())]
    low, high = min(numbers), max(numbers)
    span = max(high - low, 1e-12)

    def one(figure: tuple[float, float, float], y: int, name: str) -> str:
        at, start, end = (4 + (number - low) / span * (width - 8) for number in figure)
        return (
            f'<line class="{name}" x1="{start:.1f}" x2="{max(end, start + 1):.1f}" y1="{y}"'
            f' y2="{y}"/><circle class="{name}" cx="{at:.1f}" cy="{y}" r="2.6"/>'
        )

    body = one(value, 5, "judged-mark") + (one(control, 13, "real-mark") if control else "")
    return _svg(width, height, body, "interval")


def heat(value: float) -> str:
    """Return the style of a cell shaded by a share in [0, 1]."""
    return f"--share:{min(max(value, 0.0), 1.0):.2f}"


def legend(names: Mapping[str, str]) -> str:
    """Return a legend: by style class, the words."""
    return " ".join(
        f'<span class="key"><i class="{escape(style)}"></i>{escape(words)}</span>'
        for style, words in names.items()
    )


def _svg(width: int, height: int, body: str, name: str, title: str = "") -> str:
    label = f' role="img" aria-label="{escape(title)}"' if title else ' aria-hidden="true"'
    return f'<svg class="{name}" viewBox="0 0 {width} {height}"{label}>{body}</svg>'


def _labels(places: Sequence[tuple[float, float]], unit: str) -> str:
    anchors = ("start", "middle", "end")
    return "".join(
        f'<text class="tick" x="{x:.0f}" y="{HEIGHT - 3}" text-anchor="{anchor}">'
        f"{_short(value)} {escape(unit)}</text>"
        for (x, value), anchor in zip(places, anchors, strict=True)
    )


def _short(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def _x(column: int, columns: int) -> float:
    return column * WIDTH / columns


def _y(amplitude: float, height: int) -> float:
    return (1.0 - amplitude) / 2.0 * (height - 2) + 1
