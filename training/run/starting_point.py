"""A run that starts from another's weights: one's own samples, or a gentler end.

The networks are taken over, the optimizers are not: moments belong to the old rates and data.
"""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from ...model.network_config import ADDED, NETWORK_OPTIONS, OF_THE_CRITIC
from ..config.config import FREE, ConfigError, TrainingConfig
from ..updates.registry import build_trainable, update_class
from .checkpoints import State, newest_whole, read_state
from .config_stamp import require_stamp
from .label_transfer import transfer_labels
from .run_folder import RunError, RunFolder
from .run_log import processor_hours
from .state import networks_of, state_of, step_in

STARTED_FROM = "started_from"
"""Where a run's description keeps its origin, which may have one of its own."""


def starting_point(
    config: TrainingConfig,
    data: dict[str, Any],
    other: RunFolder,
    start_as: Mapping[str, str] | None = None,
) -> tuple[State, dict[str, Any]]:
    """Read where a new run is to start.

    Args:
        config: of the new run.
        data: what the new run is trained on.
        other: the run that is started from: its best checkpoint if the light evaluation kept one
            of its last stage, its newest otherwise.
        start_as: of labels that it does not know, the one that each starts as; None refuses
            other labels, and another order of them.

    Returns:
        The state to start with, and what to remember about where it came from.

    Raises:
        RunError: there is no such run, or nothing in it to start from.
        ConfigError: its networks are not those of the new run.

    """
    before, before_data = other.load()
    _require_same(config, before)
    if start_as is None and list(before_data["labels"]) != list(data["labels"]):
        raise ConfigError(
            f"{other.path} knows the labels {', '.join(before_data['labels'])}, "
            f"the records have {', '.join(data['labels'])}"
        )
    state, best = _best_or_newest(before, other)
    require_stamp(state, before)
    step = step_in(state)
    origin = {
        "preset": before.preset,
        "step": step,
        "best": best,
        "hours": processor_hours(other.scalars_file, step),
        "records": before_data["digest"],
        STARTED_FROM: before_data.get(STARTED_FROM),
    }
    networks = networks_of(state)
    if start_as is not None:
        known, labels = before_data["labels"], data["labels"]
        networks = transfer_labels(networks, before, known, labels, start_as)
    if any(getattr(config, name) != getattr(before, name) for name in ADDED):
        networks = _with_added_layers(networks, config, len(data["labels"]))
    return networks, origin


def with_networks_of(
    config: TrainingConfig, other: RunFolder, given: Collection[str]
) -> TrainingConfig:
    """``config`` with the networks of the run that it starts from.

    Args:
        config: of the new run.
        other: the run that is started from.
        given: options that somebody asked for; they stay, and must be those of ``other``.

    Raises:
        RunError: there is no such run.
        ConfigError: an option that was asked for is not that of ``other``.

    """
    before, _ = other.load()
    inherited = {name: getattr(before, name) for name in NETWORK_OPTIONS if name not in given}
    config = dataclasses.replace(config, **inherited)
    _require_same(config, before)
    return config


def _with_added_layers(
    networks: dict[str, np.ndarray], config: TrainingConfig, classes: int
) -> dict[str, np.ndarray]:
    """Add the layers that only the new run's networks have, as they start."""
    fresh = state_of(build_trainable(config, classes, config.schedule.phases[-1]))
    roles = {name.split("/")[0] for name in networks if "/" in name}
    return networks | {
        name: array
        for name, array in networks_of(fresh).items()
        if name not in networks and name.split("/")[0] in roles
    }


def _best_or_newest(before: TrainingConfig, other: RunFolder) -> tuple[State, bool]:
    if other.best_checkpoint.is_file():
        state = read_state(other.best_checkpoint)
        if _is_grown(before, state):
            return state, True
    path, state, _ = newest_whole(other.checkpoints)
    if path is None:
        raise RunError(f"{other.path} has no checkpoint yet; train for longer")
    if not _is_grown(before, state):
        raise RunError(f"{other.path} is still growing; train it to its last stage first")
    return state, False


def _is_grown(config: TrainingConfig, state: State) -> bool:
    return config.schedule.before(step_in(state)) == config.schedule.phases[-1]


def _require_same(config: TrainingConfig, before: TrainingConfig) -> None:
    if config.progressive:
        raise ConfigError("progressive grows from nothing; it cannot start from a trained run")
    free = set(FREE)  # no variable depends on them
    if not update_class(before).HAS_CRITIC:
        free |= set(OF_THE_CRITIC)
    for name in NETWORK_OPTIONS:
        if name in free:
            continue
        ours, theirs = getattr(config, name), getattr(before, name)
        if ours != theirs and not (name in ADDED and ours and not theirs):
            raise ConfigError(f"the run to start from has {name}={theirs}, this one {ours}")
