"""How long a step takes here, by taking it."""

import dataclasses
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from ...common.processor import usable_cores
from ...model.growth import stage_length
from ...tfrecords.preparing.preparation import Preparation
from ...tfrecords.reading.augmentation import augment
from ..batches import augmentation_of
from ..precision import measure, on_gpu
from ..updates.registry import build_trainable, update_class
from .config import TrainingConfig
from .operations import counted, step_operations
from .schedule import Phase

TIMED_STEPS, TIMED_S = 2, 3.0
"""After one that traces the graph; both are reached."""

PREPARED = Preparation()
"""As sounds are by default: what a change of them costs hardly depends on it."""

LONGEST_S = 5.0
"""Expected time of a step from which a part is timed, and the result multiplied."""

LEAST_ROWS = 4


@dataclass(frozen=True)
class StepTime:
    """What a step takes.

    Attributes:
        seconds: on the clock, beside whatever else the machine does.
        processor_seconds: of all threads.

    """

    seconds: float
    processor_seconds: float


def time_step(config: TrainingConfig, classes: int, phase: Phase) -> StepTime:
    """Take steps of ``phase`` on random sounds, in the precision that ``config`` names.

    Of long steps whose operations are known, a part is taken: one critic update and the
    generator's, and of wide networks fewer sounds; the rest follows by the count.
    """
    part = _part(config, phase)
    times = _take(part, classes, phase)
    scale = 1.0
    if part != config:
        scale = step_operations(config, phase) / step_operations(part, phase)
    return StepTime(scale * times.seconds, scale * times.processor_seconds)


def _part(config: TrainingConfig, phase: Phase) -> TrainingConfig:
    if on_gpu() or not counted(config):
        return config
    times = measure(config)
    rate = usable_cores() * times.operations / times.of(config.precision)
    if step_operations(config, phase) / rate <= LONGEST_S:
        return config  # of small stages the count tells little: time goes between operations
    part = dataclasses.replace(config, critic_updates=1)
    share = LONGEST_S / max(step_operations(part, phase) / rate, LONGEST_S)
    rows = max(min(LEAST_ROWS, config.batch_size), round(share * config.batch_size))
    return dataclasses.replace(part, batch_size=rows)


def _take(config: TrainingConfig, classes: int, phase: Phase) -> StepTime:
    model = build_trainable(config, classes, phase)
    data = _random_sounds(config, classes, stage_length(phase.stage))

    @tf.function(jit_compile=config.xla)
    def step():
        return model.train_step(data)["steps"]

    reading = _reading(config, data[0])

    def read_and_step():
        next(reading)
        np.asarray(step())

    read_and_step()
    clock, processor, steps = time.perf_counter(), time.process_time(), 0
    while steps < TIMED_STEPS or time.perf_counter() - clock < TIMED_S:
        read_and_step()
        steps += 1
    return StepTime(
        (time.perf_counter() - clock) / steps, (time.process_time() - processor) / steps
    )


def _reading(config: TrainingConfig, audio: tf.Tensor) -> Iterator:
    """Change sounds as they are changed when they are read: beside the step, on the same cores."""
    options = augmentation_of(config, PREPARED.sample_rate)
    if not options.active:
        return itertools.repeat(None)
    rows = tf.reshape(audio, (-1, audio.shape[-1]))

    def change(_):
        return augment(
            rows, tf.random.uniform((rows.shape[0], 4)), options, PREPARED.fade_out_samples
        )

    return iter(tf.data.Dataset.from_tensors(0).repeat().map(change).prefetch(2))


def _random_sounds(config: TrainingConfig, classes: int, length: int):
    rows = (config.batch_size, update_class(config).batches_per_step(config))
    rng = np.random.default_rng(0)
    audio = rng.uniform(-0.5, 0.5, (*rows, length)).astype(np.float32)
    return tf.constant(audio), tf.constant(rng.integers(0, classes, rows), tf.int32)
