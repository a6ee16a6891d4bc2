"""Saves the run: every so many steps, and when somebody asks it to stop."""

from collections.abc import Callable

import numpy as np

from ..run.checkpoints import list_checkpoints, save_checkpoint, step_of
from ..run.run_folder import RunFolder
from ..run.state import state_of
from .interruption import Interruption
from .step_callback import StepCallback


class Checkpointing(StepCallback):
    """Saves every ``every`` steps, at ``last``, and when the run ends before it.

    It ends when interrupted, or because a callback before this one set ``stop_training``.

    Args:
        run: where to.
        every: steps between checkpoints.
        keep: how many to keep.
        last: the run's last step.
        interruption: asked after each step.
        writes: False on workers that only take part.
        say: where a checkpoint that was not written is told of.

    """

    def __init__(
        self,
        run: RunFolder,
        *,
        every: int,
        keep: int,
        last: int,
        interruption: Interruption,
        writes: bool = True,
        say: Callable[[str], None] = print,
    ):
        super().__init__()
        self._run = run
        self._every = every
        self._keep = keep
        self._last = last
        self._interruption = interruption
        self._writes = writes
        self._say = say

    def on_step(self, step: int) -> None:
        """Save if it is time."""
        stop = self._interruption.agreed(step)
        if stop:
            self.model.stop_training = True
        if step % self._every == 0 or step == self._last or self.model.stop_training:
            self._save(step)

    def _save(self, step: int) -> None:
        state = state_of(self.model)  # on every worker, or none would return
        if not self._writes:
            return
        spoilt = [name for name, array in state.items() if not np.isfinite(array).all()]
        if spoilt:
            # They would replace the ones worth going back to.
            self._say(
                f"step {step}: {spoilt[0]} is not finite, so no checkpoint was written; "
                f"{_kept(self._run)}"
            )
            return
        save_checkpoint(self._run.checkpoints, step, state, self._keep)


def _kept(run: RunFolder) -> str:
    saved = last_saved(run)
    return "there is none yet" if saved is None else f"that of step {saved} is kept"


def last_saved(run: RunFolder) -> int | None:
    """Step of the newest checkpoint, None if there is none."""
    saved = list_checkpoints(run.checkpoints)
    return step_of(saved[-1]) if saved else None
