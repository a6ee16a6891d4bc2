"""Time of a training step in several forms, taken in turn so that a drifting machine is fair.

    python benchmarks/train_step.py --width 16 --forms float32 bfloat16 xla plain

Prints seconds per step (median), the ratio to the first form, the rate in GFLOP/s by the folded
form's count of operations, and how many real sounds a second the step takes in. Forms:

- ``float32``, ``bfloat16``, ``xla``, ``bfloat16-xla``: options of a run.
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
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf

from drumsmith.model import critic as critic_module
from drumsmith.model import upsampling_generator as generator_module
from drumsmith.model.layers.activations import CRITIC_SLOPE
from drumsmith.training.config.config import TrainingConfig
from drumsmith.training.config.estimates import machine_rate, step_operations
from drumsmith.training.config.presets import preset
from drumsmith.training.updates.registry import build_trainable

FORMS = {
    "float32": [],
    "bfloat16": ["precision=bfloat16"],
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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=["float32", "bfloat16"])
    args = parser.parse_args()
    base = preset("paper").with_settings([f"width={args.width}", f"batch_size={args.batch_size}"])
    configs = {form: base.with_settings(FORMS[form]) for form in args.forms}
    steps = {form: step_function(form, config) for form, config in configs.items()}
    seconds: dict[str, list[float]] = {form: [] for form in args.forms}
    for _ in range(args.rounds):
        for form, (_, step) in steps.items():
            start = time.perf_counter()
            float(step()["steps"][0])
            seconds[form].append(time.perf_counter() - start)
    report(seconds, configs)
    for form, (gan, _) in steps.items():
        finite = all(np.isfinite(value) for value in gan.read_scalars().values())
        print(f"{form}: losses {'finite' if finite else 'NOT FINITE'}")


def report(seconds: dict[str, list[float]], configs: dict[str, TrainingConfig]) -> None:
    """Print the table."""
    config = next(iter(configs.values()))
    print(f"width {config.width}, batch {config.batch_size}")
    print(f"a plain matrix product reaches {machine_rate() / 1e9:.0f} GFLOP/s")
    print(
        f"{'form':18}{'s/step':>9}{'min':>9}{'ratio':>8}{'GFLOP':>8}{'GFLOP/s':>9}{'sounds/s':>10}"
    )
    first = statistics.median(next(iter(seconds.values())))
    for form, config in configs.items():
        median = statistics.median(seconds[form])
        operations = step_operations(config, config.schedule.phases[-1])
        sounds = config.batch_size * config.critic_updates / median
        print(
            f"{form:18}{median:9.3f}{min(seconds[form]):9.3f}{median / first:8.2f}"
            f"{operations / 1e9:8.0f}{operations / median / 1e9:9.0f}{sounds:10.0f}"
        )


if __name__ == "__main__":
    main()
