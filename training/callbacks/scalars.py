"""Writes how the run goes: a line of JSON, TensorBoard, and a few words beside the progress bar."""

import math
import time
from collections.abc import Callable

from ...common.progress import Meter
from ..run.run_folder import RunError, RunFolder
from .checkpointing import last_saved
from .step_callback import StepCallback

# Scalars that depend on the machine, not on the run: the same run may differ in them.
MACHINE_SCALARS = ("seconds", "processor_seconds", "examples_per_second")


class Scalars(StepCallback):
    """Reads the model's means every ``every`` steps and tells them.

    Args:
        run: the run.
        meter: the progress bar.
        every: steps between readings; in between nothing is fetched from the device.
        examples_per_step: real sounds used in a step.

    Raises:
        RunError: from ``fit``, when a loss is no longer finite.

    """

    def __init__(self, run: RunFolder, meter: Meter, *, every: int, examples_per_step: int):
        super().__init__()
        self._run = run
        self._meter = meter
        self._every = every
        self._examples = examples_per_step
        self._since = time.monotonic()
        self._processor_since = time.process_time()
        self._steps_since = 0
        # Called with (step, scalars) after each reading; on the chief one of them writes.
        self.listeners: list[Callable[[int, dict[str, float]], None]] = []

    def on_step(self, step: int) -> None:
        """Count the step, and read if it is time."""
        self._meter.advance()
        self._steps_since += 1
        if step % self._every == 0:
            self._tell(step)

    def _tell(self, step: int) -> None:
        phase = self.model.phase
        scalars = self.model.read_scalars()
        if not all(math.isfinite(value) for value in scalars.values()):
            raise RunError(self._divergence(step))
        seconds = time.monotonic() - self._since
        scalars |= {
            "stage": phase.stage,
            "fade": phase.fade(step),
            "learning_rate": self.model.learning_rate,
            "seconds": seconds,
            # Of all threads. Unlike seconds it hardly depends on what else the machine does.
            "processor_seconds": time.process_time() - self._processor_since,
            "examples_per_second": self._examples * self._steps_since / seconds,
        }
        self._since, self._steps_since = time.monotonic(), 0
        self._processor_since = time.process_time()
        self._meter.describe(_in_words(scalars, self.model.HEADLINE))
        for listener in self.listeners:
            listener(step, scalars)

    def _divergence(self, step: int) -> str:
        saved = last_saved(self._run)
        kept = f"the checkpoint of step {saved} is kept" if saved else "no checkpoint was made yet"
        return (
            f"training diverged: a loss is not finite at step {step}; {kept}. Start a new run with "
            "a lower --set learning_rate, or --set precision=float32"
        )


def _in_words(scalars: dict[str, float], headline: dict[str, str]) -> str:
    growth = "" if scalars["fade"] == 1 else f"fade {scalars['fade']:.2f}, "
    means = ", ".join(f"{word} {scalars[name]:.2f}" for word, name in headline.items())
    return f"stage {scalars['stage']}, {growth}{means}"
