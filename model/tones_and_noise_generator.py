"""A generator that says which tones and which noise a drum is, and has them synthesised."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from .class_axis import ClassAxis
from .generator import Generator, Use
from .latent_flow import time_features, to_code, to_latent
from .layers.activations import swish
from .layers.frozen import as_it_is
from .layers.time_conv import TimeConv
from .network_config import NetworkConfig
from .tones_and_noise import attack, layout, lines
from .tones_and_noise.synthesis import synthesise
from .tones_and_noise.texture import Texture
from .tones_and_noise.tracks import CHANNELS, Scaled, unscale

GROUP = 4
"""Frames that leave the last layer at once."""

HALVES = 2
"""Layers behind which the number of steps doubles."""

FLOW_BLOCKS = 3

SHORTEST = layout.HOP * GROUP * 2**HALVES
"""Fewest samples of a sound; every length is a multiple."""


@keras.saving.register_keras_serializable("drumsmith")
class TonesAndNoiseGenerator(Generator):
    """Makes a drum of three tones below 560 Hz and of noise above::

        z, class -> flow -> code, class -> dense -> (8, c) -> conv -> x2 -> conv -> x2 -> conv
            +-> texture of the noise     -> (32, 4 x 73) -> tones and noise -> audio

    The flow brings z, which is N(0, I), to the codes of an encoder (see `Encoder`), so that new
    sounds are spread as real ones are. The decoder then gives, for each of 128 frames of 2.9 ms,
    the noise's level in 64 bands and level, pitch and roughness of each tone, and, where the
    configuration has ``lines`` and ``attack``, how far lines stand out of the noise and how it
    begins (see `tones_and_noise`). The width is c; arguments are those of `Generator`. It computes
    in float32.

    Example:
        >>> config = NetworkConfig(generator="tones-and-noise", latent_dim=64, width=256)
        >>> generator = TonesAndNoiseGenerator(config, classes=3)
        >>> generator.build()
        >>> generator(keras.random.normal((8, 64)), np.zeros(8, np.int32)).shape
        TensorShape([8, 16384, 1])

    """

    def __init__(self, config: NetworkConfig, classes: int, **kwargs):
        super().__init__(config, classes, **kwargs)
        if self.length % SHORTEST:
            raise ValueError(
                f"generator {config.generator!r} makes sounds of {SHORTEST} samples or a multiple, "
                f"not of {self.length}: blocks must be larger"
            )
        width, self.steps = config.width, self.length // SHORTEST
        self.texture = Texture(config.latent_dim, self.length)
        self.flow_enter = self._dense("flow_enter", 3 * width // 2, None)
        self.flow_inner = [
            self._dense(f"flow_inner_{i}", 3 * width // 2, swish) for i in range(FLOW_BLOCKS)
        ]
        self.flow_outer = [
            self._dense(f"flow_outer_{i}", 3 * width // 2, None) for i in range(FLOW_BLOCKS)
        ]
        # From 0: the flow starts as standing still.
        self.flow_leave = self._dense("flow_leave", config.latent_dim, None, "zeros")
        self.enter = self._dense("enter", 2 * width, "gelu")
        self.seed = self._dense("seed", self.steps * width, "gelu")
        self.convs = [
            TimeConv(width, activation="gelu", name=f"conv_{i}", dtype="float32")
            for i in range(HALVES + 1)
        ]
        self.to_frames = TimeConv(GROUP * CHANNELS, name="to_frames", dtype="float32")
        self.to_start = self._dense("to_start", 2 * layout.TONES, None)
        # From 0: the noise starts without lines.
        self.to_contrast = (
            self._dense("to_contrast", lines.CONTRASTS, None, "zeros") if config.lines else None
        )
        # From 0: it starts as its frames say.
        self.to_attack = (
            self._dense("to_attack", attack.BLOCKS, None, "zeros") if config.attack else None
        )

    @staticmethod
    def _dense(
        name: str, units: int, activation: str | Callable | None, kernel: str = "glorot_uniform"
    ):
        return keras.layers.Dense(
            units, activation, kernel_initializer=kernel, name=name, dtype="float32"
        )

    def build(self, z_shape=None, label_shape=None):
        width, latent_dim, classes = self.config.width, self.latent_dim, self.classes
        self.flow_enter.build((None, latent_dim + classes + 9))
        for layer in (*self.flow_inner, *self.flow_outer, self.flow_leave):
            layer.build((None, 3 * width // 2))
        self.enter.build((None, latent_dim + classes))
        self.seed.build((None, 2 * width))
        for layer in (self.to_start, self.to_contrast, self.to_attack):
            if layer:
                layer.build((None, 2 * width))
        for layer in (*self.convs, self.to_frames):
            layer.build((None, None, width))
        self.built = True

    @property
    def class_axes(self) -> dict[str, ClassAxis]:
        return {
            "flow_enter/kernel": ClassAxis(0, self.latent_dim),
            "enter/kernel": ClassAxis(0, self.latent_dim),
        }

    def synthesise(self, z, class_weights, fade, use: Use):
        z, class_weights = tf.cast(z, tf.float32), tf.cast(class_weights, tf.float32)
        code = to_code(self._velocity(class_weights, use), self._spread(class_weights) * z)
        return self.render(self.decode(code, class_weights, use), z)[:, :, tf.newaxis]

    def render(self, scaled: Scaled, z: tf.Tensor) -> tf.Tensor:
        """Make the sounds that `decode` describes, float32 (batch, length), with the noise of z."""
        return synthesise(unscale(scaled), *self.texture(z))

    def velocity(self, class_weights: tf.Tensor):
        """Return the flow's velocity for sounds of ``class_weights``, see `latent_flow`."""
        return self._velocity(class_weights, as_it_is)

    def latent(self, code: tf.Tensor, class_weights: tf.Tensor, use: Use = as_it_is) -> tf.Tensor:
        """Return the z, (batch, latent_dim), that the flow brings to ``code``."""
        z = to_latent(self._velocity(class_weights, use), code)
        return z / self._spread(class_weights)

    def _spread(self, class_weights: tf.Tensor) -> tf.Tensor:
        """Return what z is multiplied by, (batch, 1) or a constant."""
        given = self.config.spread
        if len(given) == 1:
            return tf.constant(given[0], tf.float32)
        more = np.ones((self.classes, 1), np.float32)
        more[: len(given), 0] = given[: self.classes]
        # About 1, so that weights that add to nothing do not take z away.
        return 1.0 + tf.matmul(class_weights, more - 1.0)

    def _velocity(self, class_weights: tf.Tensor, use: Use):
        def velocity(point: tf.Tensor, time: tf.Tensor) -> tf.Tensor:
            x = use(self.flow_enter)(tf.concat([point, class_weights, time_features(time)], axis=1))
            for inner, outer in zip(self.flow_inner, self.flow_outer, strict=True):
                x += use(outer)(use(inner)(swish(x)))
            return use(self.flow_leave)(x)

        return velocity

    def decode(self, code: tf.Tensor, class_weights: tf.Tensor, use: Use = as_it_is) -> Scaled:
        """Return what the sounds of ``code`` (batch, latent_dim) are made of."""
        entered = use(self.enter)(tf.concat([code, class_weights], axis=1))
        x = tf.reshape(use(self.seed)(entered), (-1, self.steps, self.config.width))
        for index, conv in enumerate(self.convs):
            x = use(conv)(tf.repeat(x, 2, axis=1) if index else x)
        frames = tf.reshape(use(self.to_frames)(x), (-1, self.length // layout.HOP, CHANNELS))
        # The frame at the very end, which the fade silences, repeats the one before.
        frames = tf.concat([frames, frames[:, -1:]], axis=1)
        start, contrast, begins = (
            use(layer)(entered) if layer else None
            for layer in (self.to_start, self.to_contrast, self.to_attack)
        )
        return Scaled(frames, start, contrast, begins)
