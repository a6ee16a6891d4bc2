"""Learns to make real sounds again, and how their codes are spread: no critic."""

from typing import ClassVar, Self

import tensorflow as tf

from ...model.encoder import Encoder
from ...model.generator import Generator
from ...model.latent_flow import flow_loss
from ...model.network_config import refuse
from ...model.tones_and_noise.tracks import Scaled
from ..building import build_encoder, build_generator, build_optimizer
from ..config.config import TrainingConfig
from ..config.schedule import Phase
from .adam import GrowingAdam
from .noise import CODE, CODE_FOR_FLOW, DROPOUT, START_OF_FLOW, TIME_OF_FLOW, StepNoise
from .reconstruction_losses import (
    attack_distance,
    classification,
    divergence,
    lasting_distance,
    level_distances,
    line_distance,
    tone_distances,
)
from .track_augmentation import NONE, TrackAugmentation
from .trainable import TrainableModel

TONE_LEVEL_WEIGHT, PITCH_WEIGHT, ROUGHNESS_WEIGHT, PHASE_WEIGHT = 0.5, 5.0, 0.1, 0.2
LASTING_WEIGHT, LINES_WEIGHT, BEGINNING_WEIGHT = 1.0, 1.0, 1.0
"""Of the distances, beside the noise's levels."""

FLOW_DRAWS = 6
"""Points on the flow's ways for each sound: they cost little beside the sound itself."""

DROPPED = 0.5
"""Share of what the encoder hears that is hidden from its classifier."""


class Reconstruction(TrainableModel):
    """A variational autoencoder of tones and noise, and a flow to its codes.

    One step minimises, over a batch of real sounds,

        distance(decoder(code), sound) + kl_weight * KL(encoder's Gaussian, N(0, I)) + flow's loss

    with the code drawn from the encoder's Gaussian. The flow learns the same codes, but does not
    move them; nor do the classes, which the encoder learns to tell from what it hears anyway.

    Args:
        generator, averaged: see `TrainableModel`.
        encoder: built.
        kl_weight: of the divergence; more makes codes vaguer, and new sounds further from the real.
        augmentation: what is changed of the real sounds; by default nothing.
        **options: those of `TrainableModel`.

    Reference:
        Kingma and Welling 2014; Lipman et al. 2023. A flow behind an autoencoder: Dao et al., "Flow
        matching in latent space", 2023.

    """

    SCALARS: ClassVar[tuple[str, ...]] = (
        *("noise", "tone_level", "pitch", "roughness", "phase", "lasting", "lines", "attack"),
        *("divergence", "flow", "classes"),
    )
    HEADLINE: ClassVar[dict[str, str]] = {"noise": "noise", "tones": "tone_level", "flow": "flow"}

    def __init__(
        self,
        generator: Generator,
        averaged: Generator,
        encoder: Encoder,
        *,
        kl_weight: float = 0.003,
        augmentation: TrackAugmentation = NONE,
        **options,
    ):
        super().__init__(generator, averaged, name="reconstruction", **options)
        self.encoder = encoder
        self.kl_weight = kl_weight
        self.augmentation = augmentation

    @classmethod
    def create(cls, config: TrainingConfig, classes: int, phase: Phase) -> Self:
        """Make a compiled model; its networks are built here."""
        model = cls(
            build_generator(config, classes, phase),
            build_generator(config, classes, phase),
            build_encoder(config, classes),
            phase=phase,
            kl_weight=config.kl_weight,
            augmentation=TrackAugmentation.of(config),
            batch_size=config.batch_size,
            average_decay=config.average_decay,
            seed=config.seed,
        )
        model.compile(
            build_optimizer(config, config.learning_rate, config.steps),
            build_optimizer(config, config.learning_rate, config.steps),
            jit_compile=config.xla,
        )
        return model

    @staticmethod
    def check(config: TrainingConfig) -> None:
        """Refuse a configuration whose networks cannot be trained so."""
        if config.generator != "tones-and-noise":
            refuse(config, "generator", f"update {config.update} trains generator tones-and-noise")
        if config.augment_generated:
            refuse(config, "augment_generated", f"update {config.update} makes no new sounds")

    def compile(self, generator_optimizer: GrowingAdam, encoder_optimizer: GrowingAdam, **kwargs):
        """Give each network its optimizer; ``kwargs`` are Keras' (``jit_compile``, ...)."""
        # Keras wants an optimizer of its own to call a model compiled.
        super().compile(optimizer=generator_optimizer, **kwargs)
        self.generator_optimizer = generator_optimizer
        self.encoder_optimizer = encoder_optimizer
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.encoder_optimizer.build(self.encoder.trainable_variables)

    def train_step(self, data):
        """One update of encoder, decoder and flow."""
        audio, label = data[0][:, 0], data[1][:, 0]
        _, noise = self.step_noise(audio.shape[0])
        with tf.GradientTape() as tape:
            per_example, _ = self.make_again(audio, label, noise)
            loss = tf.reduce_sum(per_example) / self.batch_size
        self.apply_gradients_of(loss, tape)
        return self.end_step()

    def make_again(
        self, audio: tf.Tensor, label: tf.Tensor, noise: StepNoise
    ) -> tuple[tf.Tensor, Scaled]:
        """Bring sounds through encoder and decoder.

        Args:
            audio: real sounds, float32 (batch, length).
            label: int32 (batch,).
            noise: of the step.

        Returns:
            What is to be minimised, float32 (batch,), and what the decoder makes of the sounds.

        """
        real = self.augmentation(self.encoder.prepare(audio), label, noise)
        class_weights = tf.one_hot(label, self.generator.classes)
        mean, log_variance = self.encoder(real, class_weights)
        deviation = tf.exp(0.5 * log_variance)
        code = mean + deviation * noise.normal(CODE, mean.shape[1])
        made = self.generator.decode(code, class_weights)
        vague = divergence(mean, log_variance)
        flow = self._flow_loss(
            noise, tf.stop_gradient(mean), tf.stop_gradient(deviation), class_weights
        )
        drawn = noise.uniform(DROPOUT, self.encoder.heard)
        kept = tf.cast(drawn >= DROPPED, tf.float32) / (1.0 - DROPPED)
        classes = classification(self.encoder.classify(real, kept), class_weights)
        self.scalars["divergence"].update_state(vague)
        self.scalars["flow"].update_state(flow)
        self.scalars["classes"].update_state(classes)
        return self._distance(made, real) + self.kl_weight * vague + flow + classes, made

    def apply_gradients_of(self, loss: tf.Tensor, tape: tf.GradientTape) -> None:
        """Update decoder, flow and encoder."""
        generator, encoder = self.generator.trainable_variables, self.encoder.trainable_variables
        gradients = tape.gradient(loss, generator + encoder)
        self.generator_optimizer.apply(gradients[: len(generator)], generator)
        self.encoder_optimizer.apply(gradients[len(generator) :], encoder)

    def _distance(self, made, real) -> tf.Tensor:
        noise, tone_level = level_distances(made, real)
        pitch, roughness, phase = tone_distances(made, real)
        lines = line_distance(made, real)
        lasting = lasting_distance(made, real)
        attack = attack_distance(made, real)
        found = (noise, tone_level, pitch, roughness, phase, lasting, lines, attack)
        for name, distance in zip(self.SCALARS, found, strict=False):
            self.scalars[name].update_state(distance)
        return (
            noise
            + TONE_LEVEL_WEIGHT * tone_level
            + PITCH_WEIGHT * pitch
            + ROUGHNESS_WEIGHT * roughness
            + PHASE_WEIGHT * phase
            + LASTING_WEIGHT * lasting
            + LINES_WEIGHT * lines
            + BEGINNING_WEIGHT * attack
        )

    def _flow_loss(self, noise, mean, deviation, class_weights) -> tf.Tensor:
        """Return the flow's loss per sound, over `FLOW_DRAWS` codes of each, (batch,)."""
        shape = (FLOW_DRAWS, mean.shape[1])
        code = mean[:, None] + deviation[:, None] * noise.normal(CODE_FOR_FLOW, *shape)
        losses = flow_loss(
            self.generator.velocity(tf.repeat(class_weights, FLOW_DRAWS, axis=0)),
            tf.reshape(code, (-1, mean.shape[1])),
            tf.reshape(noise.normal(START_OF_FLOW, *shape), (-1, mean.shape[1])),
            tf.reshape(noise.uniform(TIME_OF_FLOW, FLOW_DRAWS), (-1, 1)),
        )
        return tf.reduce_mean(tf.reshape(losses, (-1, FLOW_DRAWS)), axis=1)
