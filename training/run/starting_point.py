"""A run that starts from another's weights: one's own samples, or a gentler end.

The networks are taken over, the optimizers are not: moments belong to the old rates and data.
"""

from typing import Any

from ...model.network_config import NETWORK_OPTIONS
from ..config.config import ConfigError, TrainingConfig
from .checkpoints import State, newest_whole
from .run_folder import RunError, RunFolder
from .run_log import processor_hours
from .state import networks_of, step_in

STARTED_FROM = "started_from"
"""Where a run's description keeps its origin, which may have one of its own."""


def starting_point(
    config: TrainingConfig, data: dict[str, Any], other: RunFolder
) -> tuple[State, dict[str, Any]]:
    """Read where a new run is to start.

    Args:
        config: of the new run.
        data: what the new run is trained on.
        other: the run whose newest checkpoint is taken.

    Returns:
        The state to start with, and what to remember about where it came from.

    Raises:
        RunError: there is no such run, or nothing in it to start from.
        ConfigError: its networks are not those of the new run.

    """
    before, before_data = other.load()
    _require_same(config, before)
    if list(before_data["labels"]) != list(data["labels"]):
        raise ConfigError(
            f"{other.path} knows the labels {', '.join(before_data['labels'])}, "
            f"the records have {', '.join(data['labels'])}"
        )
    path, state, _ = newest_whole(other.checkpoints)
    if path is None:
        raise RunError(f"{other.path} has no checkpoint yet; train for longer")
    step = step_in(state)
    if before.schedule.before(step) != before.schedule.phases[-1]:
        raise RunError(f"{other.path} is still growing; train it to its last stage first")
    origin = {
        "preset": before.preset,
        "step": step,
        "hours": processor_hours(other.scalars_file, step),
        "records": before_data["digest"],
        STARTED_FROM: before_data.get(STARTED_FROM),
    }
    return networks_of(state), origin


def _require_same(config: TrainingConfig, before: TrainingConfig) -> None:
    if config.progressive:
        raise ConfigError("progressive grows from nothing; it cannot start from a trained run")
    for name in NETWORK_OPTIONS:
        if getattr(config, name) != getattr(before, name):
            raise ConfigError(
                f"the run to start from has {name}={getattr(before, name)}, "
                f"this one {getattr(config, name)}"
            )
