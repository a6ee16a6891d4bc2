"""The numbers of small drawings: waveforms, histograms, spectra, intervals.

What is returned holds coordinates and texts; templates/drawings.html turns them into SVG.
"""

from typing import Any

import numpy as np

from ..measurement import Figure
from ..metrics.artefacts import IMAGE_FRACTIONS

Drawing = dict[str, Any]

WIDTH, HEIGHT = 260, 96
BARS = 24


def waveform(sound: np.ndarray, width: int = 132, height: int = 34) -> str:
    """Return one sound, (length,), as the outline of its extremes in each column."""
    columns = np.array_split(np.clip(sound, -1.0, 1.0), min(width, len(sound)))
    tops = [f"{i},{_y(column.max(), height):.1f}" for i, column in enumerate(columns)]
    lows = [f"{i},{_y(column.min(), height):.1f}" for i, column in enumerate(columns)]
    return " ".join(tops + lows[::-1])


def histogram(judged: np.ndarray, real: np.ndarray, unit: str, *, logarithmic: bool) -> Drawing:
    """Return two distributions over each other: the real one filled, the judged one as a line."""
    both = np.concatenate([judged, real]).astype(np.float64)
    scale = np.log2 if logarithmic else np.asarray
    low, high = np.percentile(scale(both), [0.5, 99.5])
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BARS + 1)
    shares = [
        np.histogram(np.clip(scale(values), low, high), edges)[0] / max(len(values), 1)
        for values in (real, judged)
    ]
    top = max(float(np.max(shares)), 1e-9)
    bottom = HEIGHT - 16
    heights = [share / top * (bottom - 4) for share in shares]
    ends = [low, (low + high) / 2, high]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "bars": [
            {
                "x": f"{_x(i):.1f}",
                "y": f"{bottom - tall:.1f}",
                "width": f"{WIDTH / BARS - 1:.1f}",
                "height": f"{tall:.1f}",
            }
            for i, tall in enumerate(heights[0])
        ],
        "line": " ".join(
            f"{_x(i + side):.1f},{bottom - tall:.1f}"
            for i, tall in enumerate(heights[1])
            for side in (0, 1)
        ),
        "ticks": [
            {
                "x": place,
                "y": HEIGHT - 3,
                "anchor": anchor,
                "text": f"{_short(2.0**end if logarithmic else end)} {unit}",
            }
            for place, anchor, end in zip(
                (0, WIDTH // 2, WIDTH), ("start", "middle", "end"), ends, strict=True
            )
        ],
    }


def spectra(judged_db: np.ndarray, real_db: np.ndarray, sample_rate: int) -> Drawing:
    """Return two median spectra in dB over frequency, the upsampler's image frequencies marked.

    Args:
        judged_db: shape (bins,).
        real_db: shape (bins,).
        sample_rate: in Hz.

    """
    width, height = 560, 150
    bottom = height - 26
    both = np.concatenate([judged_db, real_db])
    low, high = float(np.percentile(both, 1)), float(both.max())
    span = max(high - low, 1e-9)

    def line(values: np.ndarray) -> str:
        # The largest of each column: a narrow tone must not fall between the pixels.
        columns = [column.max() for column in np.array_split(values, min(width, len(values)))]
        depths = [4 + (high - max(value, low)) / span * (bottom - 4) for value in columns]
        across = width / len(columns)
        return " ".join(f"{i * across:.1f},{depth:.1f}" for i, depth in enumerate(depths))

    return {
        "width": width,
        "height": height,
        "bottom": bottom,
        "judged": line(judged_db),
        "real": line(real_db),
        "marks": [
            {
                "x": f"{fraction * 2 * width:.1f}",
                "y": bottom + 11,
                "anchor": "middle",
                "text": name,
            }
            for name, fraction in IMAGE_FRACTIONS.items()
        ],
        "ticks": [
            {"x": 0, "y": height - 3, "anchor": "start", "text": "0 Hz"},
            {"x": width, "y": height - 3, "anchor": "end", "text": f"{sample_rate // 2:,} Hz"},
            {"x": width, "y": 12, "anchor": "end", "text": f"{span:.0f} dB"},
        ],
    }


def interval(figure: Figure) -> Drawing:
    """Return a figure and its control, each with its interval, on one scale."""
    width, height = 96, 18
    lines = [("judged-mark", 5, (figure.value, figure.low, figure.high))]
    if figure.control is not None:
        control = (figure.control, figure.control_low, figure.control_high)
        lines.append(("real-mark", 13, control))  # type: ignore[arg-type]
    numbers = [number for _, _, three in lines for number in three]
    low, span = min(numbers), max(max(numbers) - min(numbers), 1e-12)
    marks = []
    for style, y, three in lines:
        at, start, end = (4 + (number - low) / span * (width - 8) for number in three)
        marks.append(
            {
                "style": style,
                "y": y,
                "at": f"{at:.1f}",
                "start": f"{start:.1f}",
                "end": f"{max(end, start + 1):.1f}",
            }
        )
    return {"width": width, "height": height, "marks": marks}


def _short(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 1 else f"{value:.2g}"


def _x(column: int) -> float:
    return column * WIDTH / BARS


def _y(amplitude: float, height: int) -> float:
    return (1.0 - amplitude) / 2.0 * (height - 2) + 1
