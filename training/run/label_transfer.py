"""Networks that knew some labels, given others: each new label starts as a known one."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..config.config import ConfigError, TrainingConfig
from ..updates.registry import build_trainable
from .checkpoints import State


def transfer_labels(
    state: State,
    config: TrainingConfig,
    before: Sequence[str],
    after: Sequence[str],
    start_as: Mapping[str, str],
) -> dict[str, np.ndarray]:
    """Return the networks in ``state`` with the labels ``after``.

    Args:
        state: networks alone, as `state.networks_of` gives them; arrays by name.
        config: of the run that they come from.
        before: the labels that they know, in order.
        after: the labels that they shall know, in order.
        start_as: for labels that are not in ``before``, the known one that each starts as.

    Raises:
        ConfigError: a label starts as none, or as one that is not known.

    """
    source = [_index(label, before, start_as) for label in after]
    model = build_trainable(config, len(before), config.schedule.phases[-1])
    axes = {
        f"{role}/{name}": axis
        for role, network in model.networks.items()
        for name, axis in network.class_axes.items()
    }
    return {
        name: axes[name].reorder(array, len(before), source) if name in axes else array
        for name, array in state.items()
    }


def _index(label: str, before: Sequence[str], start_as: Mapping[str, str]) -> int:
    known = label if label in before else start_as.get(label)
    if known is None or known not in before:
        raise ConfigError(
            f"the networks to start from do not know the label {label!r}; "
            f"known are {', '.join(before)}"
        )
    return list(before).index(known)
