"""Saves the run: every so many steps, and when somebody asks it to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from ..checkpoints import list_checkpoints, save_checkpoint, step_of
from ..run_folder import RunFolder
from ..state import state_of
from .step_callback import StepCallback


class Interruption:
    """Whether Ctrl-C or SIGTERM has asked the run to stop after its current step."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Turn the first signal into a wish; a second Ctrl-C interrupts at once."""
        if threading.current_thread() is not threading.main_thread():
            yield  # signals are the main thread's
            return
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            signal.signal(number, self._ask)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, number, frame) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True


class Checkpointing(StepCallback):
    """Saves every ``every`` steps, at ``last``, and when interrupted, which also ends the ``fit``.

    Args:
        run: where to.
        every: steps between checkpoints.
        keep: how many to keep.
        last: the run's last step.
        interruption: asked after each step.
        writes: False on workers that only take part.

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
    ):
        super().__init__()
        self._run = run
        self._every = every
        self._keep = keep
        self._last = last
        self._interruption = interruption
        self._writes = writes

    def on_step(self, step: int) -> None:
        """Save if it is time."""
        if step % self._every == 0 or step == self._last or self._interruption.asked:
            self._save(step)
        if self._interruption.asked:
            self.model.stop_training = True

    def _save(self, step: int) -> None:
        if not self._writes:
            return
        state = state_of(self.model)
        # Weights that are not finite would replace the ones worth going back to.
        if all(np.isfinite(array).all() for array in state.values()):
            save_checkpoint(self._run.checkpoints, step, state, self._keep)


def last_saved(run: RunFolder) -> int | None:
    """Step of the newest checkpoint, None if there is none."""
    saved = list_checkpoints(run.checkpoints)
    return step_of(saved[-1]) if saved else None
