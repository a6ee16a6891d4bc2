"""A run's state as named arrays, and back onto networks that may have grown.

Everything else a step depends on (random numbers, the place in the data, stage and fade) is a pure
function of the seed and the step, so weights, averages, moments and the step are the whole state.
What that is, is read off the model: each network, optimizer and variable that it holds as an
attribute, by the attribute's name. A variable that it tracks in any other way is an error.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from ...model.growth import by_name
from ..updates.adam import GrowingAdam
from ..updates.trainable import TrainableModel
from .config_stamp import STAMP, require_stamp, stamp
from .run_folder import RunError

GENERATOR, AVERAGED, ENCODER = "generator", "averaged", "encoder"
_AVERAGE_UPDATES = "average_updates"
_STEP = "generator_optimizer/iterations"
_SCALARS = "scalars"


def state_of(model: TrainableModel, *, scalars: bool = True) -> dict[str, np.ndarray]:
    """Copy the state of a compiled model, and the options that made it; arrays by name.

    Args:
        model: the model.
        scalars: include the means that are being gathered. Several workers must then call this
            together, since each holds a part of them.

    Raises:
        AssertionError: the model tracks a variable that would not be saved.

    """
    named = dict(_variables(model))
    _require_complete(model, named)
    arrays = {
        name: np.array(keras.ops.convert_to_numpy(value))
        for name, value in named.items()
        if scalars or not name.startswith(f"{_SCALARS}/")
    }
    return arrays | stamp(model.made_by)


def load_state(
    model: TrainableModel, state: Mapping[str, np.ndarray], *, grown: bool = False
) -> None:
    """Give a compiled model the state of a checkpoint, or of the stage before.

    Variables are matched by name. A block that is new keeps its initial value, and its optimizer
    counts its updates from here on.

    Args:
        model: the model.
        state: as `state_of` gives it; or networks alone, which a run starts from; or nothing.
        grown: the state is of another phase, whose networks had other blocks.

    Raises:
        RunError: ``state`` lacks a variable, or has one that the model does not know, though the
            networks should be the same; or other options made it.

    """
    require_stamp(state, model.made_by)
    named = dict(_variables(model))
    if state and not grown:
        _require_same(named, state)
    for name, variable in named.items():
        if name in state:
            variable.assign(state[name])
        elif "/born/" in name:
            variable.assign(state.get(f"{name.split('/')[0]}/iterations", 0))
        elif name == _AVERAGE_UPDATES:
            variable.assign(step_in(state))  # as checkpoints without it counted
    _start_averages(model, state)


def step_in(state: Mapping[str, np.ndarray]) -> int:
    """Return the number of generator updates done in ``state``; 0 for an empty one."""
    return int(state.get(_STEP, 0))


def networks_of(state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the networks and what their average has seen: all but optimizers and means."""
    networks = {name: array for name, array in state.items() if _is_network(name)}
    return networks | {_AVERAGE_UPDATES: state.get(_AVERAGE_UPDATES, np.array(step_in(state)))}


def _require_same(named: Mapping[str, Any], state: Mapping[str, np.ndarray]) -> None:
    ours, theirs = _comparable(named), _comparable(state)
    if _STEP not in state:
        ours, theirs = _shared_networks(ours, theirs)
    for problem, names in (("lacks", ours - theirs), ("has an unknown", theirs - ours)):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise RunError(
                f"the checkpoint {problem} {min(names)}{more}: it is of other networks than the "
                "configuration says"
            )


def _comparable(names: Mapping[str, Any]) -> set[str]:
    # Means start again where a version gathers others; older checkpoints lack the rest.
    return {name for name in names if _role(name) not in (_SCALARS, _AVERAGE_UPDATES, STAMP)}


def _shared_networks(ours: set[str], theirs: set[str]) -> tuple[set[str], set[str]]:
    """Networks alone, of which either side may have one that the other does without."""
    both = {_role(name) for name in ours} & {_role(name) for name in theirs} | {GENERATOR, AVERAGED}
    return (
        {name for name in ours if _role(name) in both},
        {name for name in theirs if _role(name) in both},
    )


def _role(name: str) -> str:
    return name.split("/")[0]


def _is_network(name: str) -> bool:
    return "/" in name and _role(name) != _SCALARS and not _role(name).endswith("_optimizer")


def _start_averages(model: TrainableModel, state: Mapping[str, np.ndarray]) -> None:
    # A new block's average starts at its first weights, not at another draw of them.
    weights = by_name(model.generator.variables)
    for name, average in by_name(model.averaged.variables).items():
        if f"{AVERAGED}/{name}" not in state:
            average.assign(weights[name])


def _variables(model: TrainableModel) -> Iterator[tuple[str, Any]]:
    names: dict[int, str] = {}
    for role, network in model.networks.items():
        for variable in network.variables:
            # Without the network's own name, which rebuilding may change.
            name = f"{role}/{variable.path.removeprefix(network.name + '/')}"
            names[id(variable)] = name
            yield name, variable
    for role, optimizer in model.optimizers.items():
        yield from _optimizer_variables(role, optimizer, names)
    for name, value in vars(model).items():
        if isinstance(value, keras.Variable):
            yield name, value
    for name, scalar in model.trackers.items():
        yield f"{_SCALARS}/{name}/total", scalar.total
        yield f"{_SCALARS}/{name}/count", scalar.count


def _optimizer_variables(
    role: str, optimizer: GrowingAdam, names: Mapping[int, str]
) -> Iterator[tuple[str, Any]]:
    yield f"{role}/iterations", optimizer.iterations
    owned = [names[id(variable)] for variable in optimizer.trained]
    if len({_role(name) for name in owned}) == 1:
        owned = [name.split("/", 1)[1] for name in owned]
    for kind, variables in (*optimizer.moments.items(), ("born", optimizer.born)):
        for name, variable in zip(owned, variables, strict=True):
            yield f"{role}/{kind}/{name}", variable


def _require_complete(model: TrainableModel, named: Mapping[str, Any]) -> None:
    saved = {id(variable) for variable in named.values()}
    for variable in _tracked(model):
        if id(variable) not in saved:
            raise AssertionError(
                f"{variable.path} would not be saved; make its network, optimizer or variable an "
                "attribute of the model"
            )


def _tracked(model: TrainableModel) -> Iterator[keras.Variable]:
    """Every variable that the model can reach, in however many lists it is put away."""
    yield from model.variables
    for value in _flat(list(vars(model).values())):
        if isinstance(value, keras.optimizers.Optimizer):
            # The rate is the configuration's, not the state's: a run may go on at another.
            rate = value._learning_rate
            yield from (variable for variable in value.variables if variable is not rate)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value
