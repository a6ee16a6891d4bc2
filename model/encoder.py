"""The encoder: where in latent space a sound lies."""

import dataclasses
from collections.abc import Callable
from typing import Self

import keras
import tensorflow as tf

from .argument_checks import require_positive
from .class_axis import ClassAxis
from .generator import Use
from .growth import last_stage, stage_length
from .layers.frozen import FrozenLayers, as_it_is
from .layers.time_conv import TimeConv
from .network_config import NetworkConfig
from .tones_and_noise import attack, layout, lines
from .tones_and_noise.analysis import analyse
from .tones_and_noise.tracks import CHANNELS, Scaled, scale, split

GROUP = 4
"""Frames that enter the first layer together."""

_AUDIBLE = 0.3
"""Scaled level under which a tone's pitch says nothing: 31 dB over its floor."""


@keras.saving.register_keras_serializable("drumsmith")
class Encoder(keras.Model):
    """Finds the code of a sound, as a Gaussian: what is known of it::

        audio -> tones and noise -> (32, 4 x 73) -> conv -> conv / 2 -> conv / 2 --+
                                                                         class ----+-> dense ->
        mean, log variance

    Beside it, what the convolutions and the beginning make of a sound says of which class it is::

        (convolutions, start) -> dropped in training -> dense -> log of the classes' chances

    Args:
        config: what the networks are; ``width`` and ``latent_dim`` count here.
        classes: number of labels.

    Call arguments:
        scaled: the sounds taken apart and scaled, see `prepare`.
        class_weights: float32 (batch, classes).

    Returns:
        Mean and logarithm of the variance, each float32 (batch, latent_dim).

    """

    def __init__(self, config: NetworkConfig, classes: int, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.config = config
        self.classes = require_positive("classes", classes)
        self.length = stage_length(last_stage(config.blocks))
        width = config.width
        self.convs = [
            TimeConv(channels, stride=stride, activation="gelu", name=f"conv_{i}", dtype="float32")
            for i, (channels, stride) in enumerate([(3 * width // 4, 1), (width, 2), (width, 2)])
        ]
        self.dense = keras.layers.Dense(3 * width // 2, "gelu", name="dense", dtype="float32")
        # From 0, as the generator's: what these say is added to what is known of the rest.
        self.of_contrast = self._added("of_contrast") if config.lines else None
        self.of_attack = self._added("of_attack") if config.attack else None
        self.to_code = keras.layers.Dense(2 * config.latent_dim, name="to_code", dtype="float32")
        self.class_dense = keras.layers.Dense(
            width // 4, "gelu", name="class_dense", dtype="float32"
        )
        self.to_class = keras.layers.Dense(self.classes, name="to_class", dtype="float32")

    def _added(self, name: str) -> keras.layers.Dense:
        return keras.layers.Dense(
            self.dense.units,
            use_bias=False,
            kernel_initializer="zeros",
            name=name,
            dtype="float32",
        )

    @property
    def class_axes(self) -> dict[str, ClassAxis]:
        """Where the classes lie in the variables, by the variable's name in `growth.by_name`."""
        return {
            "dense/kernel": ClassAxis(0, self.dense.kernel.shape[0] - self.classes),
            "to_class/kernel": ClassAxis(1),
            "to_class/bias": ClassAxis(0),
        }

    def build(self, *_):
        steps, channels = self.length // layout.HOP // GROUP, GROUP * CHANNELS
        for conv in self.convs:
            conv.build((None, steps, channels))
            steps, channels = -(-steps // conv.stride), conv.filters
        self.heard = steps * channels + 2 * layout.TONES
        self.dense.build((None, self.heard + self.classes))
        self.class_dense.build((None, self.heard))
        self.to_class.build((None, self.class_dense.units))
        if self.of_contrast:
            self.of_contrast.build((None, lines.CONTRASTS))
        if self.of_attack:
            self.of_attack.build((None, attack.BLOCKS))
        self.to_code.build((None, self.dense.units))
        self.built = True

    @staticmethod
    def prepare(audio: tf.Tensor) -> Scaled:
        """Take sounds (batch, length) apart, see `tones_and_noise.analysis`."""
        return scale(analyse(audio))

    def call(self, scaled: Scaled, class_weights):
        return self._encode(scaled, class_weights, as_it_is)

    def classify(
        self, scaled: Scaled, kept: tf.Tensor | None = None, use: Use = as_it_is
    ) -> tf.Tensor:
        """Return how likely each class is, as unscaled logarithms, float32 (batch, classes).

        Classes are learned from what the encoder hears anyway; it does not learn to hear for them.

        Args:
            scaled: the sounds, see `prepare`.
            kept: float32 (batch, `heard`), by which what was heard is multiplied: dropout.
            use: how layers are called.

        """
        heard = tf.stop_gradient(self._hear(scaled, use))
        if kept is not None:
            heard *= kept
        return use(self.to_class)(use(self.class_dense)(heard))

    def frozen(
        self,
    ) -> tuple[Callable[[Scaled, tf.Tensor], tf.Tensor], Callable[[Scaled], tf.Tensor]]:
        """Return this encoder as functions of constants: what an export holds.

        Returns:
            A function (`prepare`d sounds, class_weights float32 (batch, classes)) -> the code's
            mean, float32 (batch, latent_dim), and `classify` of sounds alone; both of standard
            TensorFlow operations.

        """
        layers = FrozenLayers(self)
        return (
            lambda scaled, class_weights: self._encode(scaled, class_weights, layers)[0],
            lambda scaled: self.classify(scaled, use=layers),
        )

    def _encode(self, scaled: Scaled, class_weights: tf.Tensor, use: Use):
        x = use(self.dense)(tf.concat([self._hear(scaled, use), class_weights], axis=1))
        if self.of_contrast:
            x += use(self.of_contrast)(scaled.contrast)
        if self.of_attack:
            x += use(self.of_attack)(scaled.attack)
        mean, log_variance = tf.split(use(self.to_code)(x), 2, axis=1)
        return mean, tf.clip_by_value(log_variance, -10.0, 4.0)

    def _hear(self, scaled: Scaled, use: Use) -> tf.Tensor:
        noise, level, pitch, roughness = split(scaled.frames)
        heard = pitch * tf.nn.sigmoid(8.0 * (level + _AUDIBLE))
        frames = tf.concat([noise, level, heard, roughness], axis=2)[:, :-1]
        x = tf.reshape(frames, (-1, frames.shape[1] // GROUP, GROUP * CHANNELS))
        for conv in self.convs:
            x = use(conv)(x)
        return tf.concat([tf.reshape(x, (-1, x.shape[1] * x.shape[2])), scaled.start], axis=1)

    def get_config(self):
        return super().get_config() | {
            "config": dataclasses.asdict(self.config),
            "classes": self.classes,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None) -> Self:
        """Make an encoder again from what `get_config` returned."""
        return cls(**config | {"config": NetworkConfig(**config["config"])})
