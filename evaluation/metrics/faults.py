"""Faults of single sounds, the wrong class among them: the share that a producer throws away."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ...common.sounds.faults import FAULTS, find_faults
from .registry import FAULTS as GROUP
from .registry import SHARE, Metric, Target, register
from .sampling import Estimate, mean_estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features

WRONG_CLASS = "wrong_class"

FAULT_TITLES: dict[str, str] = {
    **{one.name: one.title for one in FAULTS},
    WRONG_CLASS: "Wrong class",
}
"""For people, by name, in the order of the report."""

FAULT_DEFINITIONS: dict[str, str] = {
    **{one.name: one.definition for one in FAULTS},
    WRONG_CLASS: "The label classifier hears another label than the one asked for.",
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


def share_with(
    name: str, candidate: "Features", reference: "Features", chunk: int, seed: int
) -> Estimate:
    """Measure the share of sounds with one kind of fault, with "any", or "left_out"."""
    faults = candidate.faults
    if name == "any":
        found = any_of(faults)
    elif name == "left_out":
        found = any_of({kind: one for kind, one in faults.items() if kind != WRONG_CLASS})
    else:
        found = faults[name]
    return mean_estimate(found, seed=seed, bounds=SHARE)


register(
    Metric(
        "faulty",
        "Faulty sounds",
        "",
        GROUP,
        "lower",
        "Share of sounds with any of the faults below: what a producer would throw away.",
        "own; detectors in common/sounds/faults.py",
        partial(share_with, "any"),
        target=Target(
            0.03, "excess", "as few faulty sounds as real ones", "more faulty sounds than real ones"
        ),
    )
)
register(
    Metric(
        "left_out",
        "Left out by generate",
        "",
        GROUP,
        "lower",
        "Share of sounds with any of the faults below but the wrong class, which `drumsmith "
        "generate` draws again unless it is told --keep-all.",
        "own",
        partial(share_with, "left_out"),
    )
)
for _name, _title in FAULT_TITLES.items():
    register(
        Metric(
            f"fault_{_name}",
            _title,
            "",
            GROUP,
            "lower",
            f"Share of sounds. {FAULT_DEFINITIONS[_name]}",
            "own",
            partial(share_with, _name),
        )
    )
