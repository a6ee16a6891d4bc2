"""From what a caller gives to the arrays that a signature takes; here it is said what is wrong."""

import numbers
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..saved_model.signatures import AUDIO, CLASS_WEIGHTS, LABEL, SEED, Z
from .errors import InputError

Inputs = dict[str, np.ndarray]

INT32, INT64 = np.dtype(np.int32), np.dtype(np.int64)


def seeded_inputs(seed: Any, label: Any) -> Inputs:
    """Return seed int64 (batch,) and label int32 (batch,)."""
    return _same_batch({SEED: integers(SEED, seed, INT64), LABEL: integers(LABEL, label, INT32)})


def seed_inputs(seed: Any) -> Inputs:
    """Return seed int64 (batch,) under the first label: what is asked for does not depend on it."""
    seeds = integers(SEED, seed, INT64)
    return _same_batch({SEED: seeds, LABEL: np.zeros(len(seeds), INT32)})


def z_inputs(z: Any, label: Any) -> Inputs:
    """Return z float32 (batch, latent_dim) and label int32 (batch,)."""
    return _same_batch({Z: rows(Z, z), LABEL: integers(LABEL, label, INT32)})


def mix_inputs(z: Any, class_weights: Any) -> Inputs:
    """Return z float32 (batch, latent_dim) and class_weights float32 (batch, classes)."""
    return _same_batch({Z: rows(Z, z), CLASS_WEIGHTS: rows(CLASS_WEIGHTS, class_weights)})


def audio_inputs(audio: Any) -> Inputs:
    """Return audio float32 (batch, length)."""
    return _same_batch({AUDIO: rows(AUDIO, audio)})


def shares(labels: Sequence[str], weights: Mapping[str, float], numbers_of: Any) -> np.ndarray:
    """Return one row of class weights, float32 (classes,), from shares by label."""
    row = np.zeros(len(labels), np.float32)
    for name, share in weights.items():
        if isinstance(share, bool) or not isinstance(share, numbers.Real):
            raise InputError(f"the share of {name} must be a number, but is {share!r}")
        row[numbers_of(name)] = share
    return row


def integers(name: str, value: Any, dtype: np.dtype) -> np.ndarray:
    """Return a row of integers, each checked before it is cast: (batch,) of ``dtype``.

    Raises:
        InputError: it is no row, or holds something that is no integer of this type; a bool, or a
            float without a fraction, is none.

    """
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(listed, str | bytes | Mapping) or not hasattr(listed, "__iter__"):
        raise InputError(f"{name} must be a row of integers, but is {_shown(value)}")
    row = list(listed)
    limits = np.iinfo(dtype)
    for position, element in enumerate(row):
        # A float array becomes a list of floats, so that 1.0 is told from 1.
        if isinstance(element, bool | np.bool_) or not isinstance(element, numbers.Integral):
            raise InputError(f"{name}[{position}] must be an integer, but is {_shown(element)}")
        if not limits.min <= int(element) <= limits.max:
            raise InputError(f"{name}[{position}] must fit into {dtype}, but is {element}")
    return np.array(row, dtype)


def rows(name: str, value: Any) -> np.ndarray:
    """Return rows of numbers, float32 (batch, width).

    Raises:
        InputError: it has no such shape, or holds something else than numbers.

    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError(f"{name} has rows of different lengths") from None
    if array.dtype.kind not in "fiu":
        raise InputError(f"{name} must hold numbers, but holds {array.dtype}")
    if array.ndim != 2:
        raise InputError(f"{name} must have shape (batch, width), but has {array.shape}")
    with np.errstate(over="ignore"):
        # What overflows becomes infinite, which the model refuses by name.
        return array.astype(np.float32)


def _same_batch(inputs: Inputs) -> Inputs:
    counts = {alias: len(value) for alias, value in inputs.items()}
    if len(set(counts.values())) > 1:
        raise InputError(f"inputs must hold as many examples each, but hold {counts}")
    if not all(counts.values()):
        raise InputError("a request must hold at least one example")
    return inputs


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
