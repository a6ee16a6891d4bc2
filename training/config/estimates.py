"""What a configuration will take, before it is run: parameters, memory, stages, time."""

from collections.abc import Iterator
from pathlib import Path

from ...common.durations import duration
from ...common.processor import usable_cores
from ...common.progress import progress
from ...model.growth import FACTOR, SEED_LENGTH, stage_length
from ...tfrecords.records.dataset_info import DatasetInfo
from ..updates.registry import build_trainable
from .config import TrainingConfig
from .operations import counted
from .schedule import Phase
from .step_timing import StepTime, time_step

BUSY_SHARE = 0.6
"""Share of the cores under which the timed steps had to wait for other processes."""


def estimate(config: TrainingConfig, records: Path, *, done: int = 0) -> list[str]:
    """Lines for people: parameters of both networks, memory, stages, and time on this machine.

    Args:
        config: what would be run, its precision settled.
        records: what it would be run on.
        done: steps that are done already.

    """
    info = DatasetInfo.load(records)
    classes = len(info.labels)
    times = _time_stages(config, classes)
    return [
        *_sizes(config, classes),
        *(_stages(config, info.sample_rate, times) if config.progressive else ()),
        *_time(config, times, done),
    ]


def _sizes(config: TrainingConfig, classes: int) -> list[str]:
    model = build_trainable(config, classes, config.schedule.phases[-1])
    counts = {
        name: network.count_params()
        for name, network in model.networks.items()
        if name != "averaged"
    }
    # Weights, gradients and two moments of each; the averaged generator besides.
    values = 4 * sum(counts.values()) + counts["generator"]
    width = max(len(name) for name in counts) + len(" parameters: ")
    lines = [f"{f'{name} parameters: ':{width}}{count:,}" for name, count in counts.items()]
    if counted(config):
        lines += [f"memory: {4 * (values + _activations(config)) / 2**30:.1f} GiB, estimated"]
    return lines


def _activations(config: TrainingConfig) -> float:
    # Values: every critic block keeps its input, output and mask for three batches.
    values = sum(
        config.width * 2**block * SEED_LENGTH * FACTOR ** (config.blocks - 1 - block)
        for block in range(config.blocks)
    )
    return 3.0 * 3 * config.batch_size * (values + 2 * config.length)


def _time_stages(config: TrainingConfig, classes: int) -> dict[int, StepTime]:
    """Time a step of each stage; one that fades in costs little more than one that does not."""
    stages = sorted({phase.stage for phase in config.schedule.phases})
    times = {}
    with progress("timing steps", len(stages)) as meter:
        for stage in stages:
            times[stage] = time_step(config, classes, Phase(stage, False, 0, config.steps))
            meter.advance()
    return times


def _stages(config: TrainingConfig, sample_rate: int, times: dict[int, StepTime]) -> Iterator[str]:
    for stage, taken in times.items():
        length = stage_length(stage)
        phases = [phase for phase in config.schedule.phases if phase.stage == stage]
        steps = sum(phase.end - phase.start for phase in phases)
        fading = sum(phase.end - phase.start for phase in phases if phase.fading)
        yield (
            f"stage {stage}: {length:6,} samples at {sample_rate * length // config.length:,} Hz, "
            f"{steps:,} steps, fading in for {fading:,}, {duration(taken.seconds)} a step"
        )


def _time(config: TrainingConfig, times: dict[int, StepTime], done: int) -> Iterator[str]:
    def total(seconds: dict[int, float]) -> float:
        return sum(
            max(phase.end - max(phase.start, done), 0) * seconds[phase.stage]
            for phase in config.schedule.phases
        )

    clock = {stage: taken.seconds for stage, taken in times.items()}
    last = times[config.schedule.phases[-1].stage]
    left = f" for the {config.steps - done:,} steps that are left" if done else ""
    yield (
        f"time on this machine: {duration(total(clock))}{left}, by steps timed just now: "
        f"{duration(last.seconds)} each at the end"
    )
    cores = usable_cores()
    if last.processor_seconds < BUSY_SHARE * cores * last.seconds:
        alone = {stage: taken.processor_seconds / cores for stage, taken in times.items()}
        yield (
            f"they got {last.processor_seconds / last.seconds:.1f} of {cores} cores; "
            f"if other processes have the rest, without them it is down to {duration(total(alone))}"
        )
