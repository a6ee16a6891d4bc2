"""What is done to a sound between the model and the file: options, checked and stored with it."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from ..errors import UserError

ENCODINGS = ("16", "24", "float")

RATES = (22050, 32000, 44100, 48000, 88200, 96000)


@dataclass(frozen=True)
class Processing:
    """Steps in the order in which they are done; None or 0 leaves one out.

    Attributes:
        tune_note: MIDI number to which the measured fundamental is moved, length changing with it.
        drive_db: gain into a soft limiter, as a tape or a tube has it.
        high_pass_hz: removes what is below, 12 dB an octave.
        low_pass_hz: removes what is above, 6 dB an octave; a softer hit is darker.
        gate_db: below the peak; silences whatever is weaker for good.
        decay_ms: time in which the sound is made to fall by 60 dB.
        sample_rate: in Hz; None keeps the model's.
        trim_db: below the peak; cuts the tail off where the sound stays weaker.
        fade_in_ms: linear, at the start.
        fade_out_ms: linear, at the end.
        peak_db: level of the highest sample, relative to full scale.
        loudness_db: of the loudest 100 ms, K-weighted, in LUFS; instead of ``peak_db``.
        gain_db: at last.
        encoding: "16", "24" or "float".

    Raises:
        UserError: a value out of range, or both levels.

    """

    tune_note: int | None = None
    drive_db: float = 0.0
    high_pass_hz: float | None = None
    low_pass_hz: float | None = None
    gate_db: float | None = None
    decay_ms: float | None = None
    sample_rate: int | None = None
    trim_db: float | None = None
    fade_in_ms: float = 0.0
    fade_out_ms: float = 0.0
    peak_db: float | None = None
    loudness_db: float | None = None
    gain_db: float = 0.0
    encoding: str = "16"

    def __post_init__(self):
        _within("tune_note", self.tune_note, 12, 108)
        _within("drive_db", self.drive_db, 0, 60)
        _within("high_pass_hz", self.high_pass_hz, 5, 10_000)
        _within("low_pass_hz", self.low_pass_hz, 20, 20_000)
        _within("gate_db", self.gate_db, -120, -1)
        _within("decay_ms", self.decay_ms, 1, 60_000)
        _within("trim_db", self.trim_db, -120, -1)
        _within("fade_in_ms", self.fade_in_ms, 0, 1000)
        _within("fade_out_ms", self.fade_out_ms, 0, 10_000)
        _within("peak_db", self.peak_db, -90, 0)
        _within("loudness_db", self.loudness_db, -90, 0)
        _within("gain_db", self.gain_db, -120, 40)
        _among("sample_rate", self.sample_rate, (None, *RATES))
        _among("encoding", self.encoding, ENCODINGS)
        if self.peak_db is not None and self.loudness_db is not None:
            raise UserError("a sound has one level: choose peak or loudness, not both")

    @property
    def is_plain(self) -> bool:
        """Whether the samples stay as the model made them."""
        return dataclasses.replace(self, encoding="16") == Processing()

    def to_json(self) -> dict[str, Any]:
        """Return what differs from the defaults."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != field.default
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Processing":
        """Return what `to_json` returned.

        Raises:
            UserError: a later version of drumsmith wrote it, and this one lacks a step.

        """
        unknown = set(values) - {field.name for field in dataclasses.fields(cls)}
        if unknown:
            raise UserError(
                f"made with {', '.join(sorted(unknown))}, which this version lacks: "
                "pip install --upgrade drumsmith"
            )
        return cls(**values)


def _within(name: str, value: float | None, low: float, high: float) -> None:
    # Written so that NaN fails.
    if value is not None and not low <= value <= high:
        raise UserError(f"{name} must be between {low:g} and {high:g}, but is {value:g}")


def _among(name: str, value: Any, known: Any) -> None:
    if value not in known:
        words = ", ".join(str(one) for one in known if one is not None)
        raise UserError(f"{name} must be one of {words}, but is {value}")
