"""What to ask a server for, apart from how: shared by `Client` and `AsyncClient`."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .answers import ModelDescription
from .errors import InputError
from .inputs import INT64, Inputs, integers, mix_inputs, rows, seeded_inputs, shares
from .wire import ModelSpec, WireError, encode_predict_request

SEED_LIMIT = 2**63


@dataclass(frozen=True)
class SeededPlan:
    """Sounds by label and seed: what is asked for, and what it is called afterwards."""

    inputs: Inputs
    numbers: tuple[int, ...]
    seeds: tuple[int, ...]


def names_of(label: str | Sequence[str]) -> list[str]:
    """Return the labels that a caller names, one or several.

    Raises:
        InputError: there is none, or one is no text.

    """
    names = [label] if isinstance(label, str) else _listed(label)
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(f"label must be a name or several, but is {label!r}")
    return names


def _listed(value: Any) -> list:
    try:
        return list(value)
    except TypeError:
        return []


def seeded_plan(
    described: ModelDescription, label: str | Sequence[str], n: int, seed: int | None
) -> SeededPlan:
    """Return what `generate` asks for.

    Raises:
        InputError: n or seed is no such number.
        UnknownLabelError: the model has no such label.

    """
    names = names_of(label)
    (n,) = integers("n", [n], INT64).tolist()
    if n < 1:
        raise InputError(f"n must be at least 1, but is {n}")
    first = secrets.randbits(31) if seed is None else int(integers("seed", [seed], INT64)[0])
    if first + n > SEED_LIMIT:
        raise InputError(f"the last of {n} seeds from {first} on does not fit into 64 bits")
    seeds = [first + i for _ in names for i in range(n)]
    numbers = [number for name in names for number in [described.label_number(name)] * n]
    return SeededPlan(seeded_inputs(seeds, numbers), tuple(numbers), tuple(seeds))


def mix_plan(
    described: ModelDescription | None, z: Any, class_weights: np.ndarray | Mapping[str, float]
) -> Inputs:
    """Return what `mix` asks for; shares by label need the model's description."""
    if isinstance(class_weights, Mapping):
        assert described is not None
        row = shares(described.labels, class_weights, described.label_number)
        class_weights = np.tile(row, (len(rows("z", z)), 1))
    return mix_inputs(z, class_weights)


def predict_message(spec: ModelSpec, inputs: Mapping[str, Any], outputs: Sequence[str]) -> bytes:
    """Return the bytes of a Predict call.

    Raises:
        InputError: a value is of a type that no tensor has.

    """
    try:
        arrays = {alias: np.asarray(value) for alias, value in inputs.items()}
        return encode_predict_request(spec, arrays, outputs)
    except (WireError, ValueError, TypeError, AttributeError, UnicodeError) as error:
        raise InputError(f"no request can be made of this: {error}") from error


def checked_version(version: int | None) -> int | None:
    """Return a model's version.

    Raises:
        InputError: it is no such number.

    """
    if version is None:
        return None
    number = int(integers("version", [version], INT64)[0])
    if number < 0:
        raise InputError(f"version must not be negative, but is {number}")
    return number
