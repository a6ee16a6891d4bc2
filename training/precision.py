"""Whether this machine convolves faster in float32 or in bfloat16.

Processors differ by more than a factor of ten: with AMX or AVX-512's bfloat16 products a step takes
0.55 to 0.95 of its time in float32; where the processor has no such instructions, 9 times as much.
So the choice is measured on the machine at hand: the forward and both backward passes of one
convolution of the run's width, casts included, in both types by turns.

Processor time is compared, of all threads: unlike the clock it hardly depends on what else the
machine does in that second.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import tensorflow as tf

from .config.config import TrainingConfig

AUTO, FLOAT32, BFLOAT16 = "auto", "float32", "bfloat16"

LEAST_ROUNDS, LEAST_S = 5, 0.3
"""Turns of both types go on until both are reached; the quickest counts."""

NEAR_TIE, TIMES_AT_A_TIE = 1.25, 4
"""Ratio of the two times up to which the turns go on, to so many times both."""

WORTH = 0.95
"""Share of float32's time up to which bfloat16 is taken: less is gained than may be lost, for a
step gains less than its convolutions."""

_STEPS, _TAPS = 256, 7
"""Of the convolution: those of a middle block, folded."""

_MOST_ROWS, _ROWS_TIMES_WIDTH_SQUARED = 16, 8192
"""Sounds in it: enough to be busy, few enough for half a second at width 64 too."""


@dataclass(frozen=True)
class ConvolutionTimes:
    """The same convolution in both types.

    Attributes:
        operations: floating-point operations of its three passes.
        float32: processor seconds in float32.
        bfloat16: processor seconds in bfloat16, None where this machine cannot.

    """

    operations: float
    float32: float
    bfloat16: float | None

    @property
    def faster(self) -> str:
        """The type to take: float32 unless the other is clearly faster."""
        worth = self.bfloat16 is not None and self.bfloat16 < WORTH * self.float32
        return BFLOAT16 if worth else FLOAT32

    def of(self, precision: str) -> float:
        """Return the time in ``precision``; float32's where bfloat16 cannot be had."""
        return self.bfloat16 if precision == BFLOAT16 and self.bfloat16 else self.float32

    def __str__(self) -> str:
        words = f"a convolution takes {1e3 * self.float32:.3g} ms of processor time in float32"
        if self.bfloat16 is None:
            return f"{words}, and cannot be had in bfloat16"
        return f"{words}, {1e3 * self.bfloat16:.3g} ms in bfloat16"


def measure(config: TrainingConfig) -> ConvolutionTimes:
    """Time a convolution of the run's width; within a process it is timed once."""
    rows = max(1, _ROWS_TIMES_WIDTH_SQUARED // config.width**2)
    return _measure(config.width, min(config.batch_size, rows, _MOST_ROWS))


def on_gpu() -> bool:
    """Whether the run's arithmetic is a GPU's."""
    return bool(tf.config.list_logical_devices("GPU"))


@cache
def _measure(width: int, rows: int) -> ConvolutionTimes:
    inputs, outputs = 8 * width, 4 * width
    x = tf.random.stateless_uniform((rows, _STEPS, inputs), (1, 2))
    kernel = tf.random.stateless_uniform((_TAPS, inputs, outputs), (3, 4))
    forward = 2.0 * rows * _STEPS * _TAPS * inputs * outputs
    passes = {name: _passes(x, kernel, name) for name in (FLOAT32, BFLOAT16)}
    times = _in_turns(passes)
    return ConvolutionTimes(3 * forward, times[FLOAT32], times.get(BFLOAT16))


def _passes(x: tf.Tensor, kernel: tf.Tensor, dtype: str) -> Callable[[], object]:
    def run():
        with tf.GradientTape() as tape:
            tape.watch([x, kernel])
            y = tf.nn.conv1d(tf.cast(x, dtype), tf.cast(kernel, dtype), 1, "SAME")
            loss = tf.reduce_sum(tf.square(tf.cast(y, tf.float32)))
        return [gradient.numpy() for gradient in tape.gradient(loss, [x, kernel])]

    return run


def _in_turns(passes: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Time each; one that fails is left out."""
    able = {name: run for name, run in passes.items() if _can(run)}
    taken: dict[str, list[float]] = {name: [] for name in able}
    began, rounds = time.process_time(), 0
    while _undecided(taken, rounds, time.process_time() - began):
        rounds += 1
        for name, run in able.items():
            before = time.process_time()
            run()
            taken[name].append(time.process_time() - before)
    return {name: min(times) for name, times in taken.items()}


def _undecided(taken: dict[str, list[float]], rounds: int, seconds: float) -> bool:
    """Whether more turns are needed, after so many of them and so many seconds."""
    if rounds < LEAST_ROUNDS or seconds < LEAST_S:
        return True
    least = [min(times) for times in taken.values()]
    if max(least) > NEAR_TIE * min(least):
        return False
    return len(least) > 1 and (
        rounds < TIMES_AT_A_TIE * LEAST_ROUNDS or seconds < TIMES_AT_A_TIE * LEAST_S
    )


def _can(run: Callable[[], object]) -> bool:
    try:
        run()
    except tf.errors.OpError:
        # A library held to fewer instructions (ONEDNN_MAX_CPU_ISA) has no such convolution.
        return False
    return True
