"""The precision that a run computes in: what was asked for, or what this machine is faster in."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from ..common.processor import describe_processor
from ..model.network_config import refuse
from .callbacks.checkpointing import last_saved
from .config.config import TrainingConfig
from .precision import AUTO, BFLOAT16, FLOAT32, ConvolutionTimes, measure, on_gpu
from .run.run_folder import RunFolder
from .strategies import any_worker, is_chief

CLEARLY_SLOWER = 1.3
"""Time over float32's from which asking for bfloat16 gets a warning."""


@dataclass(frozen=True)
class Settled:
    """A precision, and why.

    Attributes:
        precision: float32 or bfloat16.
        why: in words.
        warning: a line for whoever asked for what is slow here.

    """

    precision: str
    why: str
    warning: str | None = None

    def __str__(self) -> str:
        return f"precision {self.precision}: {self.why}"


def settle(config: TrainingConfig, run: RunFolder | None = None) -> Settled:
    """Decide.

    A run that chose before on this kind of machine keeps its choice, so that going on stays exact.

    Args:
        config: of the run.
        run: its folder, None if there is none.

    Raises:
        ConfigError: bfloat16 is asked for and cannot be had; going on would end the process.

    """
    if config.precision == FLOAT32:
        return Settled(FLOAT32, "as asked for")
    if config.precision == AUTO and config.generator != "upsampling":
        return Settled(FLOAT32, f"generator {config.generator} knows no other")
    if on_gpu():
        return Settled(
            BFLOAT16 if config.precision == BFLOAT16 else FLOAT32,
            "on a GPU, float32 unless asked otherwise",
        )
    times = measure(config)
    if config.precision == BFLOAT16:
        if times.bfloat16 is None:
            refuse(config, "precision", "this machine cannot train in it; auto takes what it can")
        return Settled(BFLOAT16, f"as asked for; {times}", slow_here(times))
    before = run.history() if run else []
    if before and (before[-1]["asked"], before[-1]["processor"]) == (AUTO, describe_processor()):
        return Settled(before[-1]["precision"], "as this run chose on this machine before")
    return Settled(times.faster, str(times))


def slow_here(times: ConvolutionTimes) -> str | None:
    """Warn of bfloat16 where it is clearly slower than float32."""
    if times.bfloat16 is None:
        return None
    ratio = times.bfloat16 / times.float32
    if ratio < CLEARLY_SLOWER:
        return None
    return (
        f"bfloat16 takes {ratio:.1f} times as long as float32 on this machine; "
        "try --set precision=auto"
    )


def settle_together(
    config: TrainingConfig, run: RunFolder, strategy: tf.distribute.Strategy
) -> Settled:
    """Decide for all workers, by what the chief would take, and note a change in the run."""
    chief = is_chief(strategy)
    settled = settle(config, run if chief else None)
    if strategy.cluster_resolver is not None:
        bfloat16 = any_worker(strategy, chief and settled.precision == BFLOAT16)
        precision = BFLOAT16 if bfloat16 else FLOAT32
        settled = dataclasses.replace(settled, precision=precision)
    if chief:
        _note(config, run, settled)
    return settled


def _note(config: TrainingConfig, run: RunFolder, settled: Settled) -> None:
    entry: dict[str, Any] = {
        "asked": config.precision,
        "precision": settled.precision,
        "processor": describe_processor(),
    }
    before = run.history()
    if before and all(before[-1][name] == value for name, value in entry.items()):
        return
    run.note({"step": last_saved(run) or 0} | entry | {"why": settled.why})
