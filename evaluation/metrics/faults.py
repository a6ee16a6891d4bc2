"""Faults of single sounds, the wrong class among them: the share that a producer throws away."""

import numpy as np

from ...common.faults import FAULTS, find_faults

WRONG_CLASS = "wrong_class"

FAULT_TITLES: dict[str, str] = {
    **{one.name: one.title for one in FAULTS},
    WRONG_CLASS: "Wrong class",
}
"""For people, by name, in the order of the report."""

FAULT_DEFINITIONS: dict[str, str] = {
    **{one.name: one.definition for one in FAULTS},
    WRONG_CLASS: "The label classifier gives another label than the one asked for.",
}
"""When a sound has the fault, in a sentence."""


def sound_faults(
    audio: np.ndarray,
    sample_rate: int,
    label: np.ndarray | None = None,
    guess: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Return for each kind of fault which sounds have it.

    Args:
        audio: float, shape (n, length).
        sample_rate: in Hz.
        label: int (n,), what was asked for; without it the class is not judged.
        guess: int (n,), what a classifier says.

    Returns:
        By name, bool (n,); names in the order of `FAULT_TITLES`.

    """
    found = find_faults(audio, sample_rate)
    if label is not None and guess is not None:
        found[WRONG_CLASS] = np.asarray(label) != np.asarray(guess)
    return found


def any_of(faults: dict[str, np.ndarray]) -> np.ndarray:
    """Return which sounds have a fault of any kind, bool (n,)."""
    return np.any(list(faults.values()), axis=0)


def fault_shares(faults: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the share of sounds with each fault, and with ``any``."""
    shares = {name: float(np.mean(found)) for name, found in faults.items()}
    return shares | {"any": float(np.mean(any_of(faults)))}
