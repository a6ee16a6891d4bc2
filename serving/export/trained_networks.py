"""An export's networks by name, so that training can go on from it.

A SavedModel holds weights without the names that training gives them. Nearly all of them are the
networks' own variables, which are looked up by their content; only the few that are not, small ones
and folded ones, are written again.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ...common.errors import UserError
from ...model.growth import by_name
from ...training.run.checkpoints import read_state, write_state

FILE = Path("assets.extra", "networks.npz")

_VARIABLES = Path("variables", "variables")
_WHERE = "where"


def write_networks(version: Path, networks: Mapping[str, keras.Model]) -> None:
    """Write into an exported version which of its weights are which variables.

    Args:
        version: a folder that `tf.saved_model.save` has filled.
        networks: built, by the name that a run's state has for each.

    """
    reader = tf.train.load_checkpoint(str(version / _VARIABLES))
    keys = {_digest(reader.get_tensor(key)): key for key in reader.get_variable_to_shape_map()}
    where, state = {}, {}
    for role, network in networks.items():
        for name, variable in by_name(network.variables).items():
            array = np.asarray(keras.ops.convert_to_numpy(variable))
            key = keys.get(_digest(array))
            if key is None:
                state[f"{role}/{name}"] = array
            else:
                where[f"{role}/{name}"] = {"key": key, "shape": list(array.shape)}
    state[_WHERE] = np.frombuffer(json.dumps(where).encode(), np.uint8)
    write_state(version / FILE, state)


def read_networks(version: Path) -> dict[str, np.ndarray]:
    """Read what `write_networks` described: arrays by the names of a run's state.

    Raises:
        UserError: the version has no networks that training can go on from, or is damaged.

    """
    path = version / FILE
    if not path.is_file():
        raise UserError(
            f"{version} cannot be trained further: it holds no networks; export its run again, or "
            "give the run"
        )
    state = read_state(path)
    reader = tf.train.load_checkpoint(str(version / _VARIABLES))
    for name, place in json.loads(state.pop(_WHERE).tobytes()).items():
        state[name] = reader.get_tensor(place["key"]).reshape(place["shape"])
    return state


def _digest(array: np.ndarray) -> str:
    # Of the content alone: an export may hold a kernel in another shape.
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu":
        return ""
    return f"{array.dtype} {hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()}"
