"""Time of a training step in several forms, taken in turn so that a drifting machine is fair.

    python benchmarks/training/train_step.py --width 16 32 --forms float32 bfloat16 auto plain

Prints the processor, then for each form the seconds of a step on the clock (median), its processor
seconds (the least of all rounds, which other processes disturb little), the ratio of those to the
first form's, and the rate by the folded form's count of operations on all cores, beside that of a
float32 matrix product timed in the same rounds. Forms:

- ``float32``, ``bfloat16``, ``xla``, ``bfloat16-xla``: options of a run.
- ``auto``: what a run would choose here; it is one of the two above, and not timed twice.
- ``plain``: the same network of Keras' UpSampling1D and Conv1D layers, which need more operations
  for the same result.
- ``tf-leaky-relu``: TensorFlow's LeakyReLU in the critic instead of ours, whose second derivative
  ends the path.
- ``roll``: phase shuffle in the form that XLA needs, without XLA.
- ``cubic``, ``projection``, ``one-critic-update``: variants of the network and of the schedule.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import keras
import numpy as np
import tensorflow as tf

from drumsmith.common.processor import describe_processor, usable_cores
from drumsmith.model import critic as critic_module
from drumsmith.model import upsampling_generator as generator_module
from drumsmith.model.layers.activations import CRITIC_SLOPE
from drumsmith.training.config.config import TrainingConfig
from drumsmith.training.config.operations import step_operations
from drumsmith.training.config.presets import preset
from drumsmith.training.settled_precision import settle
from drumsmith.training.updates.registry import build_trainable

FORMS = {
    "float32": [],
    "bfloat16": ["precision=bfloat16"],
    "auto": ["precision=auto"],
    "xla": ["xla=true"],
    "bfloat16-xla": ["precision=bfloat16", "xla=true"],
    "plain": [],
    "tf-leaky-relu": [],
    "roll": [],
    "cubic": ["upsampling=cubic"],
    "projection": ["conditioning=projection"],
    "one-critic-update": ["critic_updates=1"],
}


class PlainUpsampling(keras.layers.Layer):
    """UpSampling1D and Conv1D behind the folded layer's arguments."""

    def __init__(self, filters, kernel_size, factor, activation, interpolation, **kwargs):
        super().__init__(**kwargs)
        assert interpolation == "nearest"
        self.filters = filters
        self.up = keras.layers.UpSampling1D(factor)
        self.conv = keras.layers.Conv1D(filters, kernel_size, padding="same", activation=activation)

    def build(self, shape):
        """Build the convolution at the high rate."""
        self.conv.build((None, None, shape[-1]))

    def call(self, x):
        """Upsample, convolve."""
        return self.conv(self.up(x))


class PlainDownsampling(keras.layers.Conv1D):
    """Conv1D behind the folded layer's arguments."""

    def __init__(self, filters, kernel_size, factor, **kwargs):
        super().__init__(filters, kernel_size, strides=factor, padding="same", **kwargs)


@contextmanager
def form_in_force(form: str) -> Iterator[None]:
    """Let networks built and traced inside have the parts of that form."""
    changes = {
        "plain": {
            (generator_module, "UpsamplingConv"): PlainUpsampling,
            (critic_module, "DownsamplingConv"): PlainDownsampling,
        },
        "tf-leaky-relu": {
            (critic_module, "leaky_relu"): lambda x: tf.nn.leaky_relu(x, CRITIC_SLOPE)
        },
    }.get(form, {})
    before = {place: getattr(*place) for place in changes}
    for (module, name), part in changes.items():
        setattr(module, name, part)
    try:
        yield
    finally:
        for (module, name), part in before.items():
            setattr(module, name, part)


def step_function(form: str, config: TrainingConfig):
    """Return a compiled function, traced and warm, that does one step on fixed random data."""
    rng = np.random.default_rng(0)
    rows = (config.batch_size, config.critic_updates)
    audio = tf.constant(rng.uniform(-0.5, 0.5, (*rows, config.length)).astype(np.float32))
    label = tf.constant(rng.integers(0, 3, rows), tf.int32)
    with form_in_force(form):
        gan = build_trainable(config, 3, config.schedule.phases[-1])
        if form == "roll":
            gan.critic.shuffle.xla = True
        step = tf.function(lambda: gan.train_step((audio, label)), jit_compile=config.xla)
        step()
    return gan, step


def matrix_product():
    """Return a function that multiplies two matrices of 2048 rows, and its operations."""
    matrix = tf.random.stateless_uniform((2048, 2048), (1, 2))
    product = tf.function(lambda: tf.matmul(matrix, matrix))
    return lambda: product().numpy(), 2.0 * 2048**3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, nargs="+", default=[16])
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=["float32", "bfloat16"])
    args = parser.parse_args()
    print(describe_processor())
    for width in args.width:
        settings = [f"width={width}", f"batch_size={args.batch_size}", "precision=float32"]
        measure_width(preset("paper").with_settings(settings), args.forms, args.rounds)


def measure_width(base: TrainingConfig, forms: list[str], rounds: int) -> None:
    """Time every form of one width, and print the table."""
    names = {form: settled(base) if form == "auto" else form for form in forms}
    configs = {name: base.with_settings(FORMS[name]) for name in names.values()}
    steps = {name: step_function(name, config) for name, config in configs.items()}
    product, operations = matrix_product()
    times = {name: Times() for name in (*steps, PRODUCT)}
    for _ in range(rounds):
        times[PRODUCT].take(product)
        for name, (_, step) in steps.items():
            times[name].take(lambda step=step: float(step()["steps"][0]))
    rate = usable_cores() * operations / min(times[PRODUCT].processor)
    print(f"width {base.width}, batch {base.batch_size}, {rounds} rounds")
    print(f"a matrix product in float32 reaches {rate / 1e9:.0f} GFLOP/s on {usable_cores()} cores")
    report({form: times[name] for form, name in names.items()}, configs, names, rate)
    for name, (gan, _) in steps.items():
        finite = all(np.isfinite(value) for value in gan.read_scalars().values())
        print(f"{name}: losses {'finite' if finite else 'NOT FINITE'}")


def settled(config: TrainingConfig) -> str:
    """Say and return what a run of ``config`` would choose."""
    choice = settle(config.with_settings(["precision=auto"]))
    print(f"auto takes {choice}")
    return choice.precision


PRODUCT = "matrix product"


@dataclass
class Times:
    """Seconds of each round, on the clock and of all threads."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def take(self, work: Callable[[], object]) -> None:
        """Time one round."""
        clock, processor = time.perf_counter(), time.process_time()
        work()
        self.clock.append(time.perf_counter() - clock)
        self.processor.append(time.process_time() - processor)


def report(times: dict[str, Times], configs, names: dict[str, str], product: float) -> None:
    """Print the table."""
    columns = ("s/step", "cpu s", "ratio", "GFLOP", "GFLOP/s", "of product")
    print(f"{'form':18}" + "".join(f"{column:>11}" for column in columns))
    first = min(next(iter(times.values())).processor)
    for form, taken in times.items():
        config, least = configs[names[form]], min(taken.processor)
        operations = step_operations(config, config.schedule.phases[-1])
        rate = usable_cores() * operations / least
        print(
            f"{form:18}{statistics.median(taken.clock):11.3f}{least:11.3f}{least / first:11.2f}"
            f"{operations / 1e9:11.0f}{rate / 1e9:11.0f}{rate / product:11.0%}"
        )


if __name__ == "__main__":
    main()
