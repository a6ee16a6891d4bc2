"""What a run writes down as it goes: lines of JSON for programs, TensorBoard events for people."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from ...common.publish import publish_file
from .run_folder import RunFolder


class RunLog:
    """Appends to a run's ``scalars.jsonl``, ``doctor.jsonl`` and events.

    Args:
        run: the run.

    """

    def __init__(self, run: RunFolder):
        self._run = run
        self._events = tf.summary.create_file_writer(str(run.events))

    def scalars(self, step: int, scalars: dict[str, float]) -> None:
        """Log numbers at ``step``."""
        append_line(self._run.scalars_file, {"step": step} | scalars)
        with self._events.as_default():
            for name, value in scalars.items():
                tf.summary.scalar(name, value, step=step)

    def diagnosis(self, step: int, diagnosis: dict[str, Any]) -> None:
        """Log what the doctor found at ``step``."""
        append_line(self._run.diagnoses_file, {"step": step} | diagnosis)

    def sounds(
        self, step: int, sounds: dict[str, np.ndarray], sample_rate: int, picture: Path
    ) -> None:
        """Log sounds by label, each (n, length), and a PNG of them."""
        with self._events.as_default():
            image = tf.io.decode_png(tf.io.read_file(str(picture)), channels=3)
            tf.summary.image("previews", image[None], step=step)
            for name, audio in sounds.items():
                tf.summary.audio(
                    name, audio[..., None], sample_rate, step=step, max_outputs=len(audio)
                )

    def flush(self) -> None:
        """Put everything on the disk."""
        self._events.flush()


def append_line(path: Path, values: dict[str, Any]) -> None:
    """Append a JSON object as one line."""
    with path.open("a") as file:
        file.write(json.dumps(values) + "\n")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read a file of JSON objects; a last line that a killed process cut short is left out."""
    if not path.is_file():
        return []
    lines = []
    for line in path.read_text().splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            break
    return lines


def processor_hours(path: Path, step: int) -> float | None:
    """Return the hours of processors that the steps up to ``step`` took.

    Args:
        path: a run's scalars.
        step: the last one.

    Returns:
        Hours; of the clock for lines that hold no processor time. None where nobody counted.

    """
    lines = [line for line in read_lines(path) if "seconds" in line and line["step"] <= step]
    seconds = sum(line.get("processor_seconds", line["seconds"]) for line in lines)
    return seconds / 3600 if lines else None


def forget_after(path: Path, step: int) -> None:
    """Drop the lines of steps after ``step``: a resumed run writes them again.

    The file is replaced by one rename, so that a kill loses no line.
    """
    if not path.is_file():
        return
    kept = [line for line in read_lines(path) if line["step"] <= step]
    with publish_file(path) as partial:
        partial.write_text("".join(json.dumps(line) + "\n" for line in kept))
