"""Large constants out of a graph and into variables, where they are loaded once and shared.

A constant is part of the program: the runtime copies it through every pass of its optimiser, for
every signature anew. Measured at width 64 (77 MB of weights), four signatures, on two cores that
were busy otherwise: 50 s and 2.3 GB to load as constants, 0.8 s and 0.1 GB as variables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

LARGE = 1024
"""Elements from which on a constant is lifted; smaller ones the optimiser may well fold."""


@dataclass(frozen=True)
class Lifted:
    """A concrete function whose large constants have become arguments.

    Attributes:
        function: takes the original arguments, then `weights`; captures nothing.
        weights: the constants' values, in the order of the arguments.
    """

    function: Any
    weights: tuple[tf.Variable, ...]


def lift_constants(concrete: Any, known: Sequence[tf.Variable] = ()) -> Lifted:
    """Turn the large constants of a concrete function into variables.

    Args:
        concrete: the function; it captures nothing.
        known: variables of functions lifted before; one that holds a constant's value is taken.

    Raises:
        ValueError: the function captures tensors: it was not frozen.
    """
    if concrete.captured_inputs:
        raise ValueError("a frozen generator must hold constants only, but captures tensors")
    graph_def = concrete.graph.as_graph_def()
    values = {
        node.name: tf.make_ndarray(node.attr["value"].tensor)
        for node in graph_def.node
        if node.op == "Const" and _elements(node) >= LARGE
    }
    rest = tf.compat.v1.GraphDef(versions=graph_def.versions, library=graph_def.library)
    rest.node.extend(node for node in graph_def.node if node.name not in values)
    # A layer that is used several times is as many constants, all alike.
    places: dict[tuple[Any, ...], list[str]] = {}
    for name, value in values.items():
        places.setdefault(_content(value), []).append(f"{name}:0")
    arguments = [f"{tensor.op.name}:0" for tensor in concrete.inputs]
    outputs = [tensor.name for tensor in concrete.outputs]

    def rebuilt(*tensors):
        given, shared = tensors[: len(arguments)], tensors[len(arguments) :]
        inputs = dict(zip(arguments, given, strict=True))
        for names, tensor in zip(places.values(), shared, strict=True):
            inputs |= dict.fromkeys(names, tensor)
        results = tf.graph_util.import_graph_def(rest, inputs, outputs, name="generator")
        return results if len(results) > 1 else results[0]

    weights = _variables([values[names[0][:-2]] for names in places.values()], known)
    specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in concrete.inputs]
    specs += [tf.TensorSpec(variable.shape, variable.dtype) for variable in weights]
    function = tf.function(rebuilt, input_signature=specs, autograph=False)
    return Lifted(function.get_concrete_function(), weights)


def _variables(
    values: Sequence[np.ndarray], known: Sequence[tf.Variable]
) -> tuple[tf.Variable, ...]:
    """Return a variable for each value: the known one that holds it, or a new one."""
    found = {_content(variable.numpy()): variable for variable in known}
    return tuple(
        found[_content(value)]
        if _content(value) in found
        else tf.Variable(value, trainable=False, name=f"weight_{index + len(known)}")
        for index, value in enumerate(values)
    )


def _elements(node: Any) -> int:
    return tf.TensorShape(node.attr["value"].tensor.tensor_shape).num_elements() or 0


def _content(value: np.ndarray) -> tuple[Any, ...]:
    return value.dtype, value.shape, value.tobytes()
