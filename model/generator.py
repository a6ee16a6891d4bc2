"""What every generator is: z and a label, or weights over the classes, in; a sound out."""

import dataclasses
from collections.abc import Callable
from typing import Any, Self

import keras
import tensorflow as tf

from .argument_checks import require_positive
from .class_axis import ClassAxis
from .growth import last_stage, resolve_stage, stage_length
from .layers.frozen import FrozenLayers, as_it_is
from .network_config import NetworkConfig

FrozenGenerator = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
"""(z float32 (batch, latent_dim), class_weights float32 (batch, classes)) -> audio float32 (batch,
length), of standard TensorFlow operations over constants."""

Use = Callable[[Any], Callable[[tf.Tensor], tf.Tensor]]
"""Maps a layer to the function that stands for it: itself, or its frozen form."""


class Generator(keras.Model):
    """Makes sounds of a class from latent vectors, in one forward pass for every use.

    A subclass states that pass, `synthesise`, once. Training, mixtures and the export all run it:
    a label is turned into weights over the classes first, and an export puts functions of constants
    in place of the layers. A subclass also creates its layers in ``__init__``, builds them in
    ``build``, and is entered in `networks.GENERATORS` by a name.

    Args:
        config: what the networks are.
        classes: number of labels.
        stage: growth stage, None for the complete network; only where the class `grows`.
        fading: also build the previous stage's output, and blend it in by ``fade``.

    Call arguments:
        z: float32 (batch, latent_dim), see `latent_prior`.
        label: int32 (batch,).
        fade: scalar in [0, 1], the share of the newest block; needed when ``fading``.

    Returns:
        Audio, float32 (batch, length, 1) in [-1, 1].

    """

    grows = False
    """Whether there are stages below the complete network."""

    def __init__(
        self,
        config: NetworkConfig,
        classes: int,
        *,
        stage: int | None = None,
        fading: bool = False,
        **kwargs,
    ):
        # Keras would cast fade as well, and the waveform that it blends stays float32.
        super().__init__(autocast=False, **kwargs)
        self.config = config
        self.classes = require_positive("classes", classes)
        self.latent_dim = config.latent_dim
        self.latent_prior = config.latent_prior
        self.stage = resolve_stage(stage, config.blocks, fading)
        if not self.grows and (fading or self.stage < last_stage(config.blocks)):
            raise ValueError(
                f"generator {config.generator!r} does not grow: it has no stage {stage}"
            )
        self.fading = fading
        self.length = stage_length(self.stage)

    @property
    def class_axes(self) -> dict[str, ClassAxis]:
        """Where the classes lie in the variables, by the variable's name in `growth.by_name`."""
        raise NotImplementedError

    def synthesise(
        self, z: tf.Tensor, class_weights: tf.Tensor, fade: tf.Tensor | float | None, use: Use
    ) -> tf.Tensor:
        """Make sounds: the forward pass.

        Args:
            z: (batch, latent_dim), in the dtype that is computed in.
            class_weights: (batch, classes), likewise.
            fade: share of the newest block; a number where it is known beforehand.
            use: takes a layer and returns what to call in its place.

        Returns:
            Audio, float32 (batch, length, 1).

        """
        raise NotImplementedError

    def call(self, z, label, fade=None):
        return self.mix(z, tf.one_hot(tf.cast(label, tf.int32), self.classes), fade)

    def mix(
        self, z: tf.Tensor, class_weights: tf.Tensor, fade: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Generate from weights over the classes, (batch, classes), instead of a label."""
        if self.fading and fade is None:
            raise ValueError("a generator that fades in its newest block needs fade")
        z, class_weights = (tf.cast(value, self.compute_dtype) for value in (z, class_weights))
        return self.synthesise(z, class_weights, fade, as_it_is)

    def frozen(self, fade: float = 1.0) -> FrozenGenerator:
        """Return this generator as a function of constants: what an export holds.

        Args:
            fade: the newest block's share at which a fading generator is frozen.

        Returns:
            A function of z and weights over the classes; it no longer changes with this generator.

        """
        layers, length = FrozenLayers(self), self.length

        def generate(z: tf.Tensor, class_weights: tf.Tensor) -> tf.Tensor:
            audio = self.synthesise(z, class_weights, fade, layers)
            return tf.reshape(audio, (-1, length))

        return generate

    def get_config(self):
        return super().get_config() | {
            "config": dataclasses.asdict(self.config),
            "classes": self.classes,
            "stage": self.stage,
            "fading": self.fading,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None) -> Self:
        """Make a generator again from what `get_config` returned."""
        return cls(**config | {"config": NetworkConfig(**config["config"])})
