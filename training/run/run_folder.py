"""Where a run keeps what: one folder that holds everything needed to go on."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...common.errors import UserError
from ...common.publish import publish_file
from ..config.config import TrainingConfig

HISTORY = "history"
"""Where a run's description keeps it."""


class RunError(UserError):
    """A run folder that is missing, damaged, or belongs to something else."""


@dataclass(frozen=True)
class RunFolder:
    """Paths inside a run, and its description.

    Attributes:
        path: the folder.

    """

    path: Path

    @property
    def config_file(self) -> Path:
        """Configuration and data of the run, as JSON."""
        return self.path / "config.json"

    @property
    def checkpoints(self) -> Path:
        """Folder of checkpoints."""
        return self.path / "checkpoints"

    @property
    def best_checkpoint(self) -> Path:
        """The checkpoint that the light evaluation likes best."""
        return self.path / "best" / "checkpoint.npz"

    @property
    def scalars_file(self) -> Path:
        """Scalars, a JSON object a line."""
        return self.path / "scalars.jsonl"

    @property
    def diagnoses_file(self) -> Path:
        """What the doctor said, a JSON object a line."""
        return self.path / "doctor.jsonl"

    @property
    def ended_file(self) -> Path:
        """Why the run ended before its last step, as JSON."""
        return self.path / "ended.json"

    @property
    def events(self) -> Path:
        """Folder of TensorBoard events."""
        return self.path / "events"

    @property
    def previews(self) -> Path:
        """Folder of previews."""
        return self.path / "previews"

    def exists(self) -> bool:
        """Whether a run was started here."""
        return self.config_file.is_file()

    def end(self, step: int, why: str) -> None:
        """Note that the run is over after ``step``, though it was to have more."""
        with publish_file(self.ended_file) as partial:
            partial.write_text(json.dumps({"step": step, "why": why}) + "\n")

    def ended(self) -> int | None:
        """Return the step after which the run ended early, None if it did not."""
        if not self.ended_file.is_file():
            return None
        return int(json.loads(self.ended_file.read_text())["step"])

    def require_free(self) -> None:
        """Refuse a folder that holds something else.

        Raises:
            RunError: it does.

        """
        if self.path.is_dir() and any(self.path.iterdir()):
            raise RunError(f"{self.path} is not empty and holds no run; choose another folder")

    def describe(self, config: TrainingConfig, data: dict[str, Any]) -> None:
        """Write the run's description, over an older one if there is one; its history stays.

        Args:
            config: what the run does.
            data: what it is trained on: labels, sample_rate, length, digest; and where it started,
                if from another run.

        """
        self._write({"config": config.to_json(), "data": data, HISTORY: self.history()})

    def history(self) -> list[dict[str, Any]]:
        """Return what `note` was told, oldest first; none in runs of earlier versions."""
        if not self.exists():
            return []
        return json.loads(self.config_file.read_text()).get(HISTORY, [])

    def note(self, entry: dict[str, Any]) -> None:
        """Add to the run's history: how the steps from here on are computed."""
        described = json.loads(self.config_file.read_text())
        self._write(described | {HISTORY: [*self.history(), entry]})

    def _write(self, described: dict[str, Any]) -> None:
        with publish_file(self.config_file) as partial:
            partial.write_text(json.dumps(described, indent=2) + "\n")

    def load(self) -> tuple[TrainingConfig, dict[str, Any]]:
        """Return the run's configuration and its data's description.

        Raises:
            RunError: there is no run, or its description cannot be read.

        """
        if not self.exists():
            raise RunError(f"{self.path} is not a run: it has no {self.config_file.name}")
        try:
            described = json.loads(self.config_file.read_text())
            return TrainingConfig.from_json(described["config"]), described["data"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{self.config_file} cannot be read: {error}") from error
