"""A checkpoint says which options made it, so that an edited config.json is noticed."""

import json
from collections.abc import Mapping

import numpy as np

from ..config.config import FREE, HOUSEKEEPING, TrainingConfig
from .run_folder import RunError

STAMP = "config"
"""Name of the stamp among a state's arrays: JSON as uint8."""

_MAY_DIFFER = (*HOUSEKEEPING, *FREE, "preset", "steps", "precision")
"""Options that may differ from checkpoint to checkpoint: they change no step that was done, or a
run may go on with another."""


def stamp(config: TrainingConfig) -> dict[str, np.ndarray]:
    """Return the stamp of a state that ``config`` made, to be saved beside its arrays."""
    return {STAMP: np.frombuffer(json.dumps(_told(config), sort_keys=True).encode(), np.uint8)}


def require_stamp(state: Mapping[str, np.ndarray], config: TrainingConfig) -> None:
    """Refuse a state that other options made; one without a stamp is an older version's.

    Raises:
        RunError: an option differs; the message names it and both values.

    """
    if STAMP not in state:
        return
    made, told = json.loads(state[STAMP].tobytes()), _told(config)
    # Options of another version are in one of the two alone, and mean what they meant.
    for name in sorted(set(made) & set(told)):
        if made[name] != told[name]:
            raise RunError(
                f"config.json says {name}={told[name]}, but the checkpoint was made with "
                f"{name}={made[name]}; put that back, or start a new run"
            )


def _told(config: TrainingConfig) -> dict:
    options = json.loads(json.dumps(config.to_json()))
    return {name: value for name, value in options.items() if name not in _MAY_DIFFER}
