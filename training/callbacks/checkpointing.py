"""Saves the run: every so many steps, and when somebody asks it to stop."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
import tensorflow as tf

from ..run.checkpoints import list_checkpoints, save_checkpoint, step_of
from ..run.run_folder import RunFolder
from ..run.state import state_of
from .step_callback import StepCallback


class Interruption:
    """Whether Ctrl-C or SIGTERM has asked the run to stop after its current step.

    Args:
        strategy: of the run; matters where it has several workers.
        agree_every: steps after which workers ask each other.
    """

    def __init__(self, strategy: tf.distribute.Strategy | None = None, agree_every: int = 1):
        self.asked = False
        self._strategy = strategy
        self._agree_every = agree_every

    def agreed(self, step: int) -> bool:
        """Whether to stop after ``step``: on several workers, all at the same step.

        A worker that stops alone leaves the others waiting for it, so they ask each other, though
        not at every step.
        """
        if self._strategy is None or self._strategy.cluster_resolver is None:
            return self.asked
        if step % self._agree_every:
            return False
        self.asked = bool(_any_worker(self._strategy)(tf.constant(float(self.asked))) > 0)
        return self.asked

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


@cache
def _any_worker(strategy: tf.distribute.Strategy) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return a function that sums each worker's number over all of them."""

    @tf.function
    def total(own: tf.Tensor) -> tf.Tensor:
        return strategy.reduce("SUM", strategy.run(tf.identity, args=(own,)), axis=None)

    return total


class Checkpointing(StepCallback):
    """Saves every ``every`` steps, at ``last``, and when interrupted, which also ends the ``fit``.

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
        if step % self._every == 0 or step == self._last or stop:
            self._save(step)
        if stop:
            self.model.stop_training = True

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
