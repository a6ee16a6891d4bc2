"""What a configuration will take, before it is run: parameters, memory, time."""

import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from ...model.growth import FACTOR, SEED_LENGTH
from ...model.layers.folding import downsampling_fold, upsampling_fold
from ...tfrecords.records.dataset_info import DatasetInfo
from ..building import build_critic, build_generator
from .config import TrainingConfig
from .schedule import Phase

EFFICIENCY = 0.7
"""Share of a plain matrix product's rate at which a step runs (300 to 340 of 440 to 455 GFLOP/s,
both measured on 2 cores at width 16)."""

CRITIC_PASSES = 10
"""Forward passes of one batch that a critic update costs: real and fake forward (2) and backward
(4), the penalty's forward and gradient (2), and that gradient's own backward (2)."""

GENERATOR_PASSES = 3
"""Forward passes of the generator that its update costs; the critic's forward and input gradient
(2) come on top."""


def estimate(config: TrainingConfig, records: Path) -> list[str]:
    """Lines for people: parameters of both networks, memory, and time on this machine.

    Args:
        config: what would be run.
        records: what it would be run on; its number of labels counts.

    """
    classes = len(DatasetInfo.load(records).labels)
    schedule = config.schedule
    last = schedule.phases[-1]
    generator = build_generator(config, classes, last)
    critic = build_critic(config, classes, last)
    parameters = 4 * generator.count_params() + 3 * critic.count_params()
    operations = sum(
        (phase.end - phase.start) * step_operations(config, phase) for phase in schedule.phases
    )
    rate = machine_rate() * EFFICIENCY
    return [
        f"generator parameters: {generator.count_params():,}",
        f"critic parameters:    {critic.count_params():,}",
        f"memory:               {_gib(4 * parameters + _activations(config)):.1f} GiB, estimated",
        f"a step at the end:    {step_operations(config, last) / 1e9:,.0f} GFLOP",
        f"time on this machine: {_duration(operations / rate)} at {rate / 1e9:,.0f} GFLOP/s "
        f"({EFFICIENCY:.0%} of a matrix product's rate just now)",
    ]


def step_operations(config: TrainingConfig, phase: Phase) -> float:
    """Floating-point operations of one step in the folded form (a multiply-add is two)."""
    up = upsampling_fold(config.kernel_size, FACTOR, config.upsampling).shape[0]
    down = downsampling_fold(config.kernel_size, FACTOR).shape[0]
    critic = down * _operations_per_tap(config, phase, waveform_channels=2)
    generator = up * _operations_per_tap(config, phase, waveform_channels=1)
    updates = config.critic_updates
    passes = critic * (CRITIC_PASSES * updates + 2) + generator * (updates + GENERATOR_PASSES)
    return passes * config.batch_size


def _operations_per_tap(config: TrainingConfig, phase: Phase, waveform_channels: int) -> float:
    """Of one forward pass of one sound; generator and critic mirror each other."""
    blocks = phase.stage + 2
    channels = [config.width * 2 ** (config.blocks - 1 - block) for block in range(blocks)]
    total = 0.0
    for block in range(blocks):
        steps = SEED_LENGTH * FACTOR**block
        outer = channels[block + 1] if block + 1 < blocks else waveform_channels
        total += 2.0 * steps * channels[block] * FACTOR * outer
    return total


def _activations(config: TrainingConfig) -> float:
    # Bytes: every critic block keeps its input, output and mask for three batches.
    values = sum(
        config.width * 2**block * SEED_LENGTH * FACTOR ** (config.blocks - 1 - block)
        for block in range(config.blocks)
    )
    return 4.0 * 3 * 3 * config.batch_size * (values + 2 * config.length)


def machine_rate(seconds: float = 0.5) -> float:
    """Floating-point operations a second that a matrix product reaches here, now."""
    size = 1024
    matrix = tf.constant(np.ones((size, size), np.float32))
    float(tf.reduce_sum(tf.matmul(matrix, matrix)))  # warm
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        float(tf.matmul(matrix, matrix)[0, 0])
        done += 1
    return done * 2.0 * size**3 / (time.perf_counter() - start)


def _gib(size: float) -> float:
    return size / 2**30


def _duration(seconds: float) -> str:
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
