"""Reconstruction whose sounds a critic compares with the real ones, in one step."""

from typing import ClassVar, Self

import tensorflow as tf

from ...model.critic import Critic
from ...model.network_config import refuse
from ..building import build_critic, build_encoder, build_generator, build_optimizer
from ..config.config import TrainingConfig
from ..config.schedule import Phase
from .adam import GrowingAdam
from .critic_calls import Shifts, draw_shifts_for, score_both
from .losses import relativistic_loss
from .noise import LATENT_FOR_GENERATOR, SHIFTS_GENERATOR, SHIFTS_PENALTY, SHIFTS_SCORE
from .reconstruction import Reconstruction
from .relativistic import paired_critic_loss

CRITIC_WEIGHT = 0.3
"""Of the critic's verdict beside the distances, which are about 1.5 once sounds are drums."""

CHANGES = ("augment_stretch", "augment_tilt_db", "augment_exchange")


class ReconstructionAndCritic(Reconstruction):
    """Adds to what `Reconstruction` minimises what a critic hears: an autoencoder and a GAN.

    Each real sound is paired with the one that encoder and decoder make of it; the critic learns to
    score the real one higher, as in `RelativisticGan`, and both networks to be scored as high. One
    step is one update of all.

    Args:
        *networks: those of `Reconstruction`.
        critic: built.
        gp_weight: gamma, see `RelativisticGan`.
        phase_shift: reach of phase shuffle.
        **options: those of `Reconstruction`.

    Reference:
        Larsen et al., "Autoencoding beyond pixels using a learned similarity metric", ICML 2016,
        with the pairs and penalties of Huang et al. 2024.

    """

    HAS_CRITIC = True
    SCALARS = (
        *Reconstruction.SCALARS,
        *("critic_loss", "generator_loss", "score_gap", "penalty", "input_gradient_norm"),
    )
    HEADLINE: ClassVar[dict[str, str]] = Reconstruction.HEADLINE | {"score gap": "score_gap"}

    critic_optimizer: GrowingAdam

    def __init__(self, *networks, critic: Critic, gp_weight: float, phase_shift: int, **options):
        super().__init__(*networks, **options)
        self.critic = critic
        self.gp_weight = gp_weight
        self.phase_shift = phase_shift

    @classmethod
    def create(cls, config: TrainingConfig, classes: int, phase: Phase) -> Self:
        """Make a compiled model; its networks are built here."""
        model = cls(
            build_generator(config, classes, phase),
            build_generator(config, classes, phase),
            build_encoder(config, classes),
            critic=build_critic(config, classes, phase),
            gp_weight=config.gp_weight,
            phase_shift=config.phase_shift,
            phase=phase,
            kl_weight=config.kl_weight,
            batch_size=config.batch_size,
            average_decay=config.average_decay,
            seed=config.seed,
        )
        critic_rate = config.critic_learning_rate or config.learning_rate
        model.compile(
            build_optimizer(config, config.learning_rate, config.steps),
            build_optimizer(config, config.learning_rate, config.steps),
            jit_compile=config.xla,
        )
        model.critic_optimizer = build_optimizer(config, critic_rate, config.steps)
        model.critic_optimizer.build(model.critic.trainable_variables)
        return model

    @staticmethod
    def check(config: TrainingConfig) -> None:
        """Refuse a configuration whose networks cannot be trained so."""
        Reconstruction.check(config)
        for name in CHANGES:
            if getattr(config, name):
                refuse(config, name, "a critic would tell changed sounds by their change")
        if config.minibatch_deviation:
            refuse(
                config, "minibatch_deviation", f"update {config.update} compares pairs of sounds"
            )

    def train_step(self, data):
        """One update of encoder, decoder and flow, and one of the critic."""
        audio, label = data[0][:, 0], data[1][:, 0]
        _, noise = self.step_noise(audio.shape[0])
        with tf.GradientTape() as tape:
            per_example, made = self.make_again(audio, label, noise)
            fake = self.generator.render(made, self.latent(noise, LATENT_FOR_GENERATOR))
            shifts = self._shifts(noise, SHIFTS_GENERATOR)
            real_score, fake_score = score_both(self.critic, audio, fake, label, shifts, None)
            verdict = relativistic_loss(fake_score - real_score)
            loss = tf.reduce_sum(per_example + CRITIC_WEIGHT * verdict) / self.batch_size
        self.apply_gradients_of(loss, tape)
        self.scalars["generator_loss"].update_state(verdict)
        shifts = Shifts(self._shifts(noise, SHIFTS_SCORE), self._shifts(noise, SHIFTS_PENALTY))
        self._update_critic(audio, tf.stop_gradient(fake), label, shifts)
        return self.end_step()

    def _shifts(self, noise, purpose: int) -> tf.Tensor | None:
        return draw_shifts_for(self.critic, noise, purpose, self.phase_shift)

    def _update_critic(self, real, fake, label, shifts: Shifts) -> None:
        with tf.GradientTape() as tape:
            found = paired_critic_loss(self.critic, real, fake, label, shifts, None, self.gp_weight)
            loss = tf.reduce_sum(found.loss) / self.batch_size
        variables = self.critic.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.critic_optimizer.apply(gradients, variables)
        self.scalars["critic_loss"].update_state(found.loss)
        self.scalars["score_gap"].update_state(found.gap)
        self.scalars["penalty"].update_state(found.penalty)
        self.scalars["input_gradient_norm"].update_state(found.norm)
