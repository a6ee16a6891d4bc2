"""A run's state as named arrays, and back onto networks that may have grown.

Everything else a step depends on (random numbers, the place in the data, stage and fade) is a pure
function of the seed and the step, so weights, averages, moments and the step are the whole state.
"""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from ...model.growth import by_name
from ..updates.adam import GrowingAdam
from ..updates.wgan_gp import WassersteinGan

GENERATOR, AVERAGED, CRITIC = "generator", "averaged", "critic"


def state_of(gan: WassersteinGan, *, scalars: bool = True) -> dict[str, np.ndarray]:
    """Copy the state of a compiled model; arrays by name.

    Args:
        gan: the model.
        scalars: include the means that are being gathered. Several workers must then call this
            together, since each holds a part of them.
    """
    variables = [*_variables(gan), *(_scalar_variables(gan) if scalars else ())]
    return {name: np.array(keras.ops.convert_to_numpy(value)) for name, value in variables}


def load_state(gan: WassersteinGan, state: dict[str, np.ndarray]) -> None:
    """Give a compiled model the state of a checkpoint, or of the stage before.

    Variables are matched by name. One that the state does not know belongs to a block that is new:
    it keeps its initial value, and its optimizer counts its updates from here on.
    """
    for name, variable in (*_variables(gan), *_scalar_variables(gan)):
        if name in state:
            variable.assign(state[name])
        elif "/born/" in name:
            variable.assign(state.get(f"{name.split('/')[0]}/iterations", 0))
    _start_averages(gan, state)


def _start_averages(gan: WassersteinGan, state: dict[str, np.ndarray]) -> None:
    # A new block's average starts at its first weights, not at another draw of them.
    weights = by_name(gan.generator.variables)
    for name, average in by_name(gan.averaged.variables).items():
        if f"{AVERAGED}/{name}" not in state:
            average.assign(weights[name])


def _variables(gan: WassersteinGan) -> Iterator[tuple[str, Any]]:
    for role, network in (
        (GENERATOR, gan.generator),
        (AVERAGED, gan.averaged),
        (CRITIC, gan.critic),
    ):
        for name, variable in by_name(network.variables).items():
            yield f"{role}/{name}", variable
    yield from _optimizer_variables("generator_optimizer", gan.generator_optimizer, gan.generator)
    yield from _optimizer_variables("critic_optimizer", gan.critic_optimizer, gan.critic)


def _scalar_variables(gan: WassersteinGan) -> Iterator[tuple[str, Any]]:
    for name, scalar in gan.trackers.items():
        yield f"scalars/{name}/total", scalar.total
        yield f"scalars/{name}/count", scalar.count


def _optimizer_variables(
    role: str, optimizer: GrowingAdam, network: keras.Model
) -> Iterator[tuple[str, Any]]:
    yield f"{role}/iterations", optimizer.iterations
    names = list(by_name(network.trainable_variables))
    for kind, variables in (*optimizer.moments.items(), ("born", optimizer.born)):
        for name, variable in zip(names, variables, strict=True):
            yield f"{role}/{kind}/{name}", variable


def step_in(state: dict[str, np.ndarray]) -> int:
    """The number of generator updates done in ``state``; 0 for an empty one."""
    return int(state.get("generator_optimizer/iterations", 0))
