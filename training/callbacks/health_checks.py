"""Has the doctor look at every preview and every reading, and say what is new."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from ...common.progress import Meter
from ..doctor import Diagnosis, examine_scalars, examine_sounds
from ..run.run_log import RunLog

HISTORY = 200
"""Readings that the newest is compared with."""


class Checkup:
    """Warns in one line when a fault appears, and notes it in the run each time it is seen.

    Args:
        log: where it is noted.
        meter: where it is said.

    """

    def __init__(self, log: RunLog, meter: Meter):
        self._log = log
        self._meter = meter
        self._known: set[tuple[str, str]] = set()
        self._history: list[dict[str, float]] = []

    def hear(self, step: int, sounds: dict[str, np.ndarray], sample_rate: int) -> None:
        """Examine previews."""
        self._tell(step, "sounds", examine_sounds(sounds, sample_rate))

    def read(self, step: int, scalars: dict[str, float]) -> None:
        """Examine a reading of the scalars."""
        self._history = [*self._history[-HISTORY:], scalars]
        self._tell(step, "scalars", examine_scalars(self._history))

    def _tell(self, step: int, source: str, found: Sequence[Diagnosis]) -> None:
        for diagnosis in found:
            self._log.diagnosis(step, dataclasses.asdict(diagnosis))
            # Said when it appears; a fault that stays is in `drumsmith doctor`.
            if (source, _kind(diagnosis)) not in self._known:
                self._meter.print(f"step {step}: {diagnosis}")
        self._known = {known for known in self._known if known[0] != source}
        self._known |= {(source, _kind(diagnosis)) for diagnosis in found}


def _kind(diagnosis: Diagnosis) -> str:
    return f"{diagnosis.name} {diagnosis.message.split(':')[0]}"
