"""When which network trains: pure functions of the step.

A run is a sequence of phases. In each, the networks have one shape; between two, both are rebuilt
and their weights transferred::

    stage 0        stage 1               stage 2               ...  last stage
    |---settled---|--fading--|--settled--|--fading--|--settled--|    |--settled--------|
    fade 1         0 ------> 1  1         0 ------> 1  1                1

Plain training is the one phase of the last stage.
"""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf


@dataclass(frozen=True)
class Phase:
    """Steps ``start`` to ``end`` (not included), in which the networks keep their shape."""

    stage: int
    fading: bool
    start: int
    end: int

    def fade(self, step: Any) -> Any:
        """Return the newest block's share at ``step``: 0 at ``start``, 1 at ``end`` and after.

        Args:
            step: an int, or an integer tensor.

        Returns:
            float in [0, 1], or a float32 tensor.

        """
        if tf.is_tensor(step):
            if not self.fading:
                return tf.constant(1.0)
            return tf.cast(step - self.start, tf.float32) / (self.end - self.start)
        return (step - self.start) / (self.end - self.start) if self.fading else 1.0


@dataclass(frozen=True)
class Schedule:
    """Phases that follow each other from step 0 to the last, without a gap."""

    phases: tuple[Phase, ...]

    @property
    def steps(self) -> int:
        """Steps in all."""
        return self.phases[-1].end

    def at(self, step: int) -> Phase:
        """Return the phase that step belongs to; the last one from the end on."""
        return next((phase for phase in self.phases if step < phase.end), self.phases[-1])

    def before(self, step: int) -> Phase:
        """Return the phase that made the state at ``step``: at a phase's end, that phase."""
        return self.at(max(step - 1, 0))

    def stage_and_fade(self, step: int) -> tuple[int, float]:
        """Return what design and paper call stage and r at ``step``."""
        phase = self.at(step)
        return phase.stage, phase.fade(min(step, phase.end))


def plain_schedule(steps: int, last_stage: int) -> Schedule:
    """Train the complete network from the first step to the last."""
    return Schedule((Phase(last_stage, False, 0, steps),))


def progressive_schedule(stage_steps: tuple[int, ...], fade_steps: tuple[int, ...]) -> Schedule:
    """Train one stage after the other.

    Args:
        stage_steps: steps of each stage, fading included, from stage 0 to the last.
        fade_steps: of those, the steps in which the stage's new block fades in; the first is
            ignored, since stage 0 has nothing to fade in from.

    """
    phases, start = [], 0
    for stage, (steps, fading) in enumerate(zip(stage_steps, fade_steps, strict=True)):
        fading = 0 if stage == 0 else min(fading, steps)
        if fading:
            phases.append(Phase(stage, True, start, start + fading))
        if steps > fading:
            phases.append(Phase(stage, False, start + fading, start + steps))
        start += steps
    return Schedule(tuple(phases))
