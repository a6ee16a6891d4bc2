"""Sizes of the networks as pure functions of the stage.

Stage 0 makes 256 samples at the defaults; every stage multiplies that by 4; the last stage is the
plain network. Variables are named after the length at which they work, so that a variable keeps its
name from stage to stage and transferring weights is copying by name.

Reference:
    Drysdale et al. 2020, section 3.3, after Karras et al. 2018.
"""

from collections.abc import Iterable
from typing import Any

SEED_LENGTH = 16  # steps that the generator starts from, and the critic ends on
FACTOR = 4


def last_stage(blocks: int) -> int:
    """Return the stage at which a network of ``blocks`` blocks is complete."""
    return blocks - 2


def stage_length(stage: int) -> int:
    """Return samples of audio at ``stage``: 256, 1024, 4096, 16384."""
    return SEED_LENGTH * FACTOR ** (stage + 2)


def channels_at(length: int, width: int, blocks: int) -> int:
    """Feature channels at a rate of ``length`` steps; the same in generator and critic.

    Doubles with every block away from the audio: ``width`` beside the waveform (4096 steps at the
    defaults), ``width * 2 ** (blocks - 1)`` at 16 steps.
    """
    level = 0
    while SEED_LENGTH * FACTOR**level < length:
        level += 1
    return width * 2 ** (blocks - 1 - level)


def resolve_stage(stage: int | None, blocks: int, fading: bool) -> int:
    """Return the stage as a number, the last for None.

    Raises:
        ValueError: there is no such stage, or stage 0 is asked to fade in.

    """
    last = last_stage(blocks)
    if last < 0:
        raise ValueError(f"blocks must be at least 2, not {blocks}")
    resolved = last if stage is None else stage
    if not 0 <= resolved <= last:
        raise ValueError(f"stage must be 0 to {last} with {blocks} blocks, not {stage}")
    if fading and resolved == 0:
        raise ValueError("stage 0 has nothing to fade in from")
    return resolved


def by_name(variables: Iterable) -> dict[str, Any]:
    """Variables by their path without the network's own name, which rebuilding may change."""
    return {variable.path.split("/", 1)[1]: variable for variable in variables}
