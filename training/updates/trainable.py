"""What a run trains: networks, their optimizers, and a step, whatever that computes."""

from typing import Any, ClassVar, Self

import keras
import tensorflow as tf

from ...common.latent_prior import z_from
from ...model.generator import Generator
from ..config.config import TrainingConfig
from ..config.schedule import Phase
from .adam import GrowingAdam
from .noise import StepNoise


class TrainableModel(keras.Model):
    """A generator, its running average, and how a step trains it.

    A subclass is entered in `registry.UPDATES` by a name. It states ``SCALARS`` and ``HEADLINE``,
    makes itself in `create`, and computes in `train_step`, where it counts a step by an update of
    ``generator_optimizer`` and ends with `end_step`. Further networks and optimizers are
    plain attributes: what the model holds is what a checkpoint holds (see `run.state`).

    Every loss is divided by the global batch, so that summing gradients over replicas gives what
    one replica with the whole batch would have. Scalars are gathered in variables on the device and
    read when somebody asks, not every step.

    Args:
        generator: built.
        averaged: another of the same kind; its weights become the running average of those of the
            generator, which is what previews and exports use.
        phase: the part of the schedule that they are for; gives ``fade``.
        batch_size: global batch.
        average_decay: the averaged generator's decay; it warms up as (1 + n) / (10 + n), n being
            the number of updates that the average has seen.
        seed: seed of all chance in a step; see `noise`.

    Call arguments of ``train_step``:
        data: (audio float32 (batch, batches, length), label int32 (batch, batches)), this replica's
            part; ``batches`` is what `batches_per_step` says.

    """

    SCALARS: ClassVar[tuple[str, ...]] = ()
    """Names of the means that a step gathers in ``self.scalars``."""

    HEADLINE: ClassVar[dict[str, str]] = {}
    """Scalars that stand beside the progress bar: word -> name."""

    HAS_CRITIC: ClassVar[bool] = False
    """Whether a critic is among the networks."""

    generator_optimizer: GrowingAdam
    """Given by ``compile``; its updates count the steps."""

    made_by: TrainingConfig
    """Given by `registry.build_trainable`."""

    def __init__(
        self,
        generator: Generator,
        averaged: Generator,
        *,
        phase: Phase,
        batch_size: int,
        average_decay: float = 0.999,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.generator = generator
        self.averaged = averaged
        self.averaged.trainable = False
        self.average_updates = keras.Variable(0, trainable=False, dtype="int64", name="updates")
        self.phase = phase
        self.batch_size = batch_size
        self.average_decay = average_decay
        self.noise_seed = seed
        self.scalars = {name: keras.metrics.Mean(name=name) for name in self.SCALARS}
        self.built = True

    @classmethod
    def create(cls, config: TrainingConfig, classes: int, phase: Phase) -> Self:
        """Make a compiled model; its networks are built here."""
        raise NotImplementedError

    @staticmethod
    def batches_per_step(config: TrainingConfig) -> int:
        """How many batches of real sounds a step takes."""
        return 1

    @staticmethod
    def check(config: TrainingConfig) -> None:
        """Refuse networks that this step cannot train, by a ConfigError that names the option."""

    def train_step(self, data) -> dict[str, tf.Tensor]:
        """Train one step."""
        raise NotImplementedError

    @property
    def metrics(self) -> list:
        """None: Keras would fetch and reset them on its own terms."""
        return []

    @property
    def learning_rate(self) -> float:
        """The generator's learning rate at its next update."""
        return float(keras.ops.convert_to_numpy(self.generator_optimizer.learning_rate))

    @property
    def trackers(self) -> dict[str, keras.metrics.Mean]:
        """Every mean that gathers on the device, by name."""
        norms = {
            f"{role.removesuffix('_optimizer')}_gradient_norm": optimizer.gradient_norm
            for role, optimizer in self.optimizers.items()
        }
        return self.scalars | norms

    @property
    def networks(self) -> dict[str, keras.layers.Layer]:
        """The networks that this model holds, by the attribute that holds them."""
        return _held(self, keras.layers.Layer)

    @property
    def optimizers(self) -> dict[str, GrowingAdam]:
        """The optimizers that this model holds, likewise."""
        return _held(self, GrowingAdam)

    def read_scalars(self) -> dict[str, float]:
        """Means since the last reading, which this ends."""
        means = {name: float(tracker.result()) for name, tracker in self.trackers.items()}
        for tracker in self.trackers.values():
            tracker.reset_state()
        return means

    def step_noise(self, rows: int) -> tuple[tf.Tensor, StepNoise]:
        """Return the number of the step that is being computed, int64, and its random numbers."""
        step = tf.identity(self.generator_optimizer.iterations.value)
        return step, StepNoise(self.noise_seed, step, rows)

    def latent(self, noise: StepNoise, purpose: int, *shape: int) -> tf.Tensor:
        """Draw z for ``purpose``, float32 (rows, *shape, latent_dim)."""
        shape = (*shape, self.generator.latent_dim)
        return z_from(
            self.generator.latent_prior,
            lambda: noise.normal(purpose, *shape),
            lambda: noise.uniform(purpose, *shape),
        )

    def end_step(self) -> dict[str, tf.Tensor]:
        """Move the average; return what `train_step` returns."""
        self.update_average()
        # Keras refuses to return nothing, and sums over the first axis of several workers.
        return {"steps": tf.ones((1,))}

    def update_average(self) -> None:
        """Move the averaged generator's weights towards those of the generator."""
        # A fixed decay would keep the first random weights for thousands of steps.
        done = tf.cast(self.average_updates.value, tf.float32)
        decay = tf.minimum(self.average_decay, (1.0 + done) / (10.0 + done))
        pairs = [
            (average.value, variable.value)
            for average, variable in zip(
                self.averaged.variables, self.generator.variables, strict=True
            )
        ]

        def update(strategy, decay):
            for average, variable in pairs:
                strategy.extended.update(average, _move_towards, args=(variable, decay))
            strategy.extended.update(self.average_updates.value, _count)

        tf.distribute.get_replica_context().merge_call(update, args=(decay,))

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # Everything is built already. Under a strategy Keras would look at a batch first, to build
        # with, and cannot read one whose parts lie on several workers.
        pass


def _held(model: keras.Model, kind: type) -> dict[str, Any]:
    # Keras' own ``optimizer`` is one of these by another name.
    return {
        name: value
        for name, value in vars(model).items()
        if isinstance(value, kind) and name != "optimizer" and not name.startswith("_")
    }


def _move_towards(average: tf.Variable, variable: tf.Variable, decay: tf.Tensor) -> None:
    average.assign(decay * average + (1.0 - decay) * variable)


def _count(variable: tf.Variable) -> None:
    variable.assign_add(1)
