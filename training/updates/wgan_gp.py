"""The conditional Wasserstein GAN with gradient penalty as one trainable Keras model."""

import keras
import tensorflow as tf

from ...model.critic import Critic, draw_shifts
from ...model.generator import Generator
from ..config.schedule import Phase
from .adam import GrowingAdam
from .losses import gradient_norm, gradient_penalty, interpolate
from .noise import (
    LATENT_FOR_CRITIC,
    LATENT_FOR_GENERATOR,
    MIX,
    SHIFTS_GENERATOR,
    SHIFTS_PENALTY,
    SHIFTS_SCORE,
    StepNoise,
)

SCALARS = ("critic_loss", "generator_loss", "wasserstein", "penalty", "input_gradient_norm")


class WassersteinGan(keras.Model):
    """Generator, critic and how they train against each other.

    One step is ``critic_updates`` critic updates, each on a fresh real batch, then one generator
    update. The critic minimises, over a batch with the real sounds' labels,

        mean(fake) - mean(real) + gp_weight * mean((|gradient at a mix of the two| - 1)^2)

    and the generator minimises - mean(fake).

    Every loss is divided by the global batch, so that summing gradients over replicas gives what
    one replica with the whole batch would have. Scalars are gathered in variables on the device and
    read when somebody asks, not every step.

    Args:
        generator, critic: built networks of the same stage.
        averaged: a twin of the generator; its weights become the running average of those of the
            generator, which is what previews and exports use.
        phase: the part of the schedule that they are for; gives ``fade``.
        batch_size: global batch, sounds in each critic update.
        critic_updates: critic updates for each generator update.
        gp_weight: weight of the gradient penalty.
        phase_shift: reach of phase shuffle in samples of each layer's rate; 0 turns it off.
        average_decay: the averaged generator's decay; it warms up as (1 + step) / (10 + step).
        latent_prior: distribution of z, "normal" or "uniform" on [-1, 1].
        seed: seed of z, mixes and shifts; see `noise`.

    Call arguments of ``train_step``:
        data: (audio float32 (batch, critic_updates, length), label int32 (batch, critic_updates)),
            this replica's part: each row holds the real sounds that its place in the batch meets.

    Reference:
        Gulrajani et al. 2017, algorithm 1; Drysdale et al. 2020, section 3.

    """

    def __init__(
        self,
        generator: Generator,
        averaged: Generator,
        critic: Critic,
        *,
        phase: Phase,
        batch_size: int,
        critic_updates: int = 5,
        gp_weight: float = 10.0,
        phase_shift: int = 2,
        average_decay: float = 0.999,
        latent_prior: str = "normal",
        seed: int = 0,
    ):
        super().__init__(name="gan")
        self.generator = generator
        self.averaged = averaged
        self.averaged.trainable = False
        self.critic = critic
        self.phase = phase
        self.batch_size = batch_size
        self.critic_updates = critic_updates
        self.gp_weight = gp_weight
        self.phase_shift = phase_shift
        self.average_decay = average_decay
        self.latent_prior = latent_prior
        self.noise_seed = seed
        self.scalars = {name: keras.metrics.Mean(name=name) for name in SCALARS}
        self.built = True

    def compile(self, generator_optimizer: GrowingAdam, critic_optimizer: GrowingAdam, **kwargs):
        """Give each network its optimizer; ``kwargs`` are Keras' (``jit_compile``, ...)."""
        # Keras wants an optimizer of its own to call a model compiled.
        super().compile(optimizer=generator_optimizer, **kwargs)
        self.generator_optimizer = generator_optimizer
        self.critic_optimizer = critic_optimizer
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.critic_optimizer.build(self.critic.trainable_variables)

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
        return self.scalars | {
            "generator_gradient_norm": self.generator_optimizer.gradient_norm,
            "critic_gradient_norm": self.critic_optimizer.gradient_norm,
        }

    def read_scalars(self) -> dict[str, float]:
        """Means since the last reading, which this ends."""
        means = {name: float(tracker.result()) for name, tracker in self.trackers.items()}
        for tracker in self.trackers.values():
            tracker.reset_state()
        return means

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # Everything is built already. Under a strategy Keras would look at a batch first, to build
        # with, and cannot read one whose parts lie on several workers.
        pass

    def train_step(self, data):
        """One generator update after ``critic_updates`` critic updates."""
        audio, label = data
        step = tf.identity(self.generator_optimizer.iterations.value)
        fade = self.phase.fade(step)
        noise = StepNoise(self.noise_seed, step, audio.shape[0])
        fakes = self._fakes_for_critic(noise, label, fade)
        mixes = noise.uniform(MIX, self.critic_updates)
        for update in range(self.critic_updates):
            self._update_critic(
                audio[:, update],
                fakes[:, update],
                label[:, update],
                mixes[:, update],
                self._shifts(noise, SHIFTS_SCORE, update),
                self._shifts(noise, SHIFTS_PENALTY, update),
                fade,
            )
        self._update_generator(noise, label[:, 0], fade)
        self._update_averages(step)
        # Keras refuses to return nothing, and sums over the first axis of several workers.
        return {"steps": tf.ones((1,))}

    def _shifts(self, noise: StepNoise, purpose: int, update: int = 0) -> tf.Tensor | None:
        if not self.phase_shift:
            return None
        return draw_shifts(noise.seed(purpose, update), self.critic.shuffles, self.phase_shift)

    def _fakes_for_critic(self, noise: StepNoise, label: tf.Tensor, fade: tf.Tensor) -> tf.Tensor:
        """Generated sounds for all critic updates, (batch, critic_updates, length).

        One update's sounds at a time: the generator does not change in between, but one call for
        all of them measured no faster and holds five times the activations.
        """
        z = self._latent(noise, LATENT_FOR_CRITIC, self.critic_updates)
        fakes = [
            self._generate(z[:, update], label[:, update], fade)
            for update in range(self.critic_updates)
        ]
        return tf.stop_gradient(tf.stack(fakes, axis=1))

    def _latent(self, noise: StepNoise, purpose: int, *shape: int) -> tf.Tensor:
        shape = (*shape, self.generator.latent_dim)
        if self.latent_prior == "normal":
            return noise.normal(purpose, *shape)
        return 2.0 * noise.uniform(purpose, *shape) - 1.0

    def _generate(self, z: tf.Tensor, label: tf.Tensor, fade: tf.Tensor) -> tf.Tensor:
        return tf.squeeze(self.generator(z, label, fade=fade), axis=2)

    def _update_critic(self, real, fake, label, mix, score_shifts, penalty_shifts, fade) -> None:
        with tf.GradientTape() as tape:
            # In one call: a large convolution is faster than two, and meets one set of shifts.
            scores = self.critic(
                tf.concat([real, fake], 0), tf.concat([label, label], 0), score_shifts, fade
            )
            real_score, fake_score = tf.split(scores, 2)
            norm = gradient_norm(
                lambda sound: self.critic(sound, label, penalty_shifts, fade),
                interpolate(real, fake, mix),
            )
            penalty = gradient_penalty(norm)
            per_example = fake_score - real_score + self.gp_weight * penalty
            loss = tf.reduce_sum(per_example) / self.batch_size
        variables = self.critic.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.critic_optimizer.apply(gradients, variables)
        self.scalars["critic_loss"].update_state(per_example)
        self.scalars["wasserstein"].update_state(real_score - fake_score)
        self.scalars["penalty"].update_state(penalty)
        self.scalars["input_gradient_norm"].update_state(norm)

    def _update_generator(self, noise: StepNoise, label: tf.Tensor, fade: tf.Tensor) -> None:
        z = self._latent(noise, LATENT_FOR_GENERATOR)
        variables = self.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            fake = self._generate(z, label, fade)
            per_example = -self.critic(fake, label, self._shifts(noise, SHIFTS_GENERATOR), fade)
            loss = tf.reduce_sum(per_example) / self.batch_size
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        self.generator_optimizer.apply(gradients, variables)
        self.scalars["generator_loss"].update_state(per_example)

    def _update_averages(self, step: tf.Tensor) -> None:
        # A fixed decay would keep the first random weights for thousands of steps.
        done = tf.cast(step, tf.float32)
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

        tf.distribute.get_replica_context().merge_call(update, args=(decay,))


def _move_towards(average: tf.Variable, variable: tf.Variable, decay: tf.Tensor) -> None:
    average.assign(decay * average + (1.0 - decay) * variable)
