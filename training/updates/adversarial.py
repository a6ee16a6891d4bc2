"""Generator and critic against each other: everything but what each minimises."""

from abc import abstractmethod
from typing import ClassVar, Self

import tensorflow as tf

from ...model.critic import Critic
from ...model.generator import Generator
from ...tfrecords.reading.augmentation import Augmentation, augment
from ..building import build_critic, build_generator, build_optimizer
from ..config.config import TrainingConfig
from ..config.schedule import Phase
from .adam import GrowingAdam
from .critic_calls import (
    CriticLoss,
    Shifts,
    check_critic_options,
    draw_shifts_for,
    generated_augmentation,
    require_whole_groups,
    score_both,
)
from .noise import (
    CHANGE_FOR_CRITIC,
    CHANGE_FOR_GENERATOR,
    LATENT_FOR_CRITIC,
    LATENT_FOR_GENERATOR,
    MIX,
    SHIFTS_GENERATOR,
    SHIFTS_PENALTY,
    SHIFTS_SCORE,
    StepNoise,
)
from .trainable import TrainableModel


class AdversarialModel(TrainableModel):
    """Generator, critic and how they train against each other.

    One step is ``critic_updates`` critic updates, each on a fresh real batch, then one generator
    update; a subclass says what each minimises.

    Args:
        generator, averaged: see `TrainableModel`.
        critic: built, of the generator's stage.
        critic_updates: critic updates for each generator update.
        gp_weight: weight of the gradient penalty.
        phase_shift: reach of phase shuffle in samples of each layer's rate; 0 turns it off.
        augmentation: how generated sounds are changed before the critic hears them, as real ones
            were when they were read (Zhao et al. 2020, "Differentiable Augmentation for
            Data-Efficient GAN Training"); by default not at all.
        **options: those of `TrainableModel`.

    Reference:
        Gulrajani et al. 2017, algorithm 1; Drysdale et al. 2020, section 3.

    """

    HAS_CRITIC: ClassVar[bool] = True
    GAP: ClassVar[str]
    """What the mean of `CriticLoss.gap` is called: in one kind of GAN it estimates a distance."""

    def __init_subclass__(cls, gap: str = "score_gap", **options):
        super().__init_subclass__(**options)
        cls.GAP = gap
        cls.SCALARS = ("critic_loss", "generator_loss", gap, "penalty", "input_gradient_norm")
        cls.HEADLINE = {
            gap.replace("_", " "): gap,
            "critic": "critic_loss",
            "generator": "generator_loss",
        }

    def __init__(
        self,
        generator: Generator,
        averaged: Generator,
        critic: Critic,
        *,
        critic_updates: int = 5,
        gp_weight: float = 10.0,
        phase_shift: int = 2,
        augmentation: Augmentation = Augmentation(),  # noqa: B008 - frozen
        **options,
    ):
        super().__init__(generator, averaged, name="gan", **options)
        self.critic = critic
        self.critic_updates = critic_updates
        self.gp_weight = gp_weight
        self.phase_shift = phase_shift
        self.augmentation = augmentation

    @classmethod
    def create(cls, config: TrainingConfig, classes: int, phase: Phase) -> Self:
        """Make a compiled model; its networks are built here."""
        gan = cls(
            build_generator(config, classes, phase),
            build_generator(config, classes, phase),
            build_critic(config, classes, phase),
            phase=phase,
            batch_size=config.batch_size,
            critic_updates=config.critic_updates,
            gp_weight=config.gp_weight,
            phase_shift=config.phase_shift,
            augmentation=generated_augmentation(config),
            average_decay=config.average_decay,
            seed=config.seed,
        )
        critic_rate = config.critic_learning_rate or config.learning_rate
        gan.compile(
            build_optimizer(config, config.learning_rate, config.steps),
            build_optimizer(config, critic_rate, config.steps * config.critic_updates),
            jit_compile=config.xla,
        )
        return gan

    @staticmethod
    def check(config: TrainingConfig) -> None:
        """Refuse options of the critic that contradict each other."""
        check_critic_options(config)

    @staticmethod
    def batches_per_step(config: TrainingConfig) -> int:
        """How many batches of real sounds a step takes: a fresh one for each critic update."""
        return config.critic_updates

    def compile(self, generator_optimizer: GrowingAdam, critic_optimizer: GrowingAdam, **kwargs):
        """Give each network its optimizer; ``kwargs`` are Keras' (``jit_compile``, ...)."""
        # Keras wants an optimizer of its own to call a model compiled.
        super().compile(optimizer=generator_optimizer, **kwargs)
        self.generator_optimizer = generator_optimizer
        self.critic_optimizer = critic_optimizer
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.critic_optimizer.build(self.critic.trainable_variables)

    def train_step(self, data):
        """One generator update after ``critic_updates`` critic updates."""
        audio, label = data
        require_whole_groups(self.critic, audio.shape[0])
        step, noise = self.step_noise(audio.shape[0])
        fade = self.phase.fade(step)
        fakes = self._fakes_for_critic(noise, label, fade)
        mixes = noise.uniform(MIX, self.critic_updates)
        for update in range(self.critic_updates):
            self._update_critic(
                audio[:, update],
                fakes[:, update],
                label[:, update],
                mixes[:, update],
                Shifts(
                    self._shifts(noise, SHIFTS_SCORE, update),
                    self._shifts(noise, SHIFTS_PENALTY, update),
                ),
                fade,
            )
        self._update_generator(noise, audio[:, 0], label[:, 0], fade)
        return self.end_step()

    def _shifts(self, noise: StepNoise, purpose: int, update: int = 0) -> tf.Tensor | None:
        return draw_shifts_for(self.critic, noise, purpose, self.phase_shift, update)

    def _fakes_for_critic(self, noise: StepNoise, label: tf.Tensor, fade: tf.Tensor) -> tf.Tensor:
        """Return generated sounds for all critic updates, (batch, critic_updates, length).

        One update's sounds at a time: the generator does not change in between, but one call for
        all of them measured no faster and holds five times the activations.
        """
        z = self.latent(noise, LATENT_FOR_CRITIC, self.critic_updates)
        draws = noise.uniform(CHANGE_FOR_CRITIC, self.critic_updates, 4)
        fakes = [
            self._generate(z[:, update], label[:, update], fade, draws[:, update])
            for update in range(self.critic_updates)
        ]
        return tf.stop_gradient(tf.stack(fakes, axis=1))

    def _generate(
        self, z: tf.Tensor, label: tf.Tensor, fade: tf.Tensor, draws: tf.Tensor
    ) -> tf.Tensor:
        audio = tf.squeeze(self.generator(z, label, fade=fade), axis=2)
        return augment(audio, draws, self.augmentation, fade=0)

    def scores(self, real, fake, label, shifts, fade) -> list[tf.Tensor]:
        """Return the critic's scores of real and of generated sounds, each (batch,)."""
        return score_both(self.critic, real, fake, label, shifts, fade)

    @abstractmethod
    def critic_loss(
        self,
        real: tf.Tensor,
        fake: tf.Tensor,
        label: tf.Tensor,
        mix: tf.Tensor,
        shifts: Shifts,
        fade,
    ) -> CriticLoss:
        """Return what the critic minimises.

        Args:
            real: float32 (batch, length).
            fake: generated sounds of the same labels, likewise.
            label: int32 (batch,).
            mix: uniform in [0, 1], (batch,).
            shifts: of the critic's calls.
            fade: of the stage.

        """

    @abstractmethod
    def generator_loss(
        self, real: tf.Tensor, fake: tf.Tensor, label: tf.Tensor, shifts: tf.Tensor | None, fade
    ) -> tf.Tensor:
        """Return what the generator minimises, float32 (batch,); arguments as `critic_loss`'."""

    def _update_critic(self, real, fake, label, mix, shifts: Shifts, fade) -> None:
        with tf.GradientTape() as tape:
            found = self.critic_loss(real, fake, label, mix, shifts, fade)
            loss = tf.reduce_sum(found.loss) / self.batch_size
        variables = self.critic.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.critic_optimizer.apply(gradients, variables)
        self.scalars["critic_loss"].update_state(found.loss)
        self.scalars[self.GAP].update_state(found.gap)
        self.scalars["penalty"].update_state(found.penalty)
        self.scalars["input_gradient_norm"].update_state(found.norm)

    def _update_generator(self, noise: StepNoise, real, label: tf.Tensor, fade: tf.Tensor) -> None:
        z = self.latent(noise, LATENT_FOR_GENERATOR)
        variables = self.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            fake = self._generate(z, label, fade, noise.uniform(CHANGE_FOR_GENERATOR, 4))
            shifts = self._shifts(noise, SHIFTS_GENERATOR)
            per_example = self.generator_loss(real, fake, label, shifts, fade)
            loss = tf.reduce_sum(per_example) / self.batch_size
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        self.generator_optimizer.apply(gradients, variables)
        self.scalars["generator_loss"].update_state(per_example)
