"""Says how fast the run is once that can be told, and whether its machine could do better."""

import dataclasses

from ...common.durations import duration
from ...common.processor import usable_cores
from ...common.progress import Meter
from ..config.config import TrainingConfig
from ..config.operations import counted, step_operations
from ..config.schedule import Phase
from ..pace import Pace, Usage, examine_pace, operation_threads, others_between, swapped_share
from ..precision import BFLOAT16, ConvolutionTimes, measure, on_gpu
from ..run.run_log import RunLog
from .step_callback import StepCallback

STEPS = 20
"""Steps of a phase after which it is judged."""

SKIPPED = 4
"""Of those, the first, in which graphs are traced and buffers fill."""

STEP_SHARE = 0.75
"""Rate of a step over that of one convolution: 1.0 to 0.6 at widths 16 and 32, in both types."""

LEAST_EXPECTED_S = 0.3
"""Steps that need less are not judged: they spend their time between operations."""


class PaceReport(StepCallback):
    """Tells step time and time left after the first steps of each phase, and warns of a slow run.

    Args:
        config: of the run, its precision settled.
        log: where a warning is noted.
        meter: where all is said.

    """

    def __init__(self, config: TrainingConfig, log: RunLog, meter: Meter):
        super().__init__()
        self._config = config
        self._log = log
        self._meter = meter
        self._since = Usage.now()

    def on_step(self, step: int) -> None:
        """Read the clocks, and tell at the last of the first steps."""
        done = step - self._first
        if done == SKIPPED:
            self._since = Usage.now()
        if done == STEPS:
            self._tell(step)

    def _tell(self, step: int) -> None:
        phase = self.model.phase
        pace = self._pace(phase)
        left = duration(pace.seconds * _steps_left(self._config, phase, step))
        self._meter.print(f"step {step}: {pace}, {left} to go")
        for diagnosis in examine_pace(pace):
            self._log.diagnosis(step, dataclasses.asdict(diagnosis))
            self._meter.print(f"step {step}: {diagnosis}")

    def _pace(self, phase: Phase) -> Pace:
        now = Usage.now()
        times = measure(self._config) if counted(self._config) and not on_gpu() else None
        precision = self._config.precision
        return Pace(
            seconds=(now.clock - self._since.clock) / (STEPS - SKIPPED),
            expected=_expected(self._config, phase, times),
            precision=precision,
            gain=_gain(times, precision),
            cores=usable_cores(),
            threads=operation_threads(),
            others=others_between(self._since, now),
            swapped=swapped_share(),
        )


def _expected(config: TrainingConfig, phase: Phase, times: ConvolutionTimes | None) -> float | None:
    """Seconds of a step in the better precision on all cores; None where they cannot be told."""
    if times is None:
        return None
    rate = STEP_SHARE * usable_cores() * times.operations / times.of(times.faster)
    seconds = step_operations(config, phase) / rate
    return seconds if seconds > LEAST_EXPECTED_S else None


def _gain(times: ConvolutionTimes | None, precision: str) -> float:
    if times is None or times.bfloat16 is None:
        return 1.0
    gain = times.float32 / times.bfloat16
    return 1.0 / gain if precision == BFLOAT16 else gain


def _steps_left(config: TrainingConfig, now: Phase, step: int) -> float:
    """Count the steps to go, each by its operations over those of a step now."""
    phases = [phase for phase in config.schedule.phases if phase.end > step]
    if not counted(config):
        return sum(phase.end - max(phase.start, step) for phase in phases)
    return sum(
        (phase.end - max(phase.start, step)) * step_operations(config, phase) for phase in phases
    ) / step_operations(config, now)
