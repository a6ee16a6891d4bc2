"""The paper's generator: a latent vector, upsampled to a drum."""

import keras
import tensorflow as tf

from .class_axis import ClassAxis
from .generator import Generator, Use
from .growth import FACTOR, SEED_LENGTH, channels_at
from .layers.class_embedding import ClassEmbedding
from .layers.upsampling_conv import UpsamplingConv
from .network_config import NetworkConfig


@keras.saving.register_keras_serializable("drumsmith")
class UpsamplingGenerator(Generator):
    """Upsamples a latent vector and a label to a waveform::

        z     -> dense -> (16, 1024) -> ReLU --+
                                               +-> (16, 1025) -> 5 x [x4, conv 25] -> tanh -> audio
        label -> embedding 50 -> dense 16 -----+    channels 512, 256, 128, 64, 1

    Under ``projection`` conditioning the label's embedding also enters the dense layer beside z
    (and see `Critic`). Stage s has s + 2 blocks. Arguments are those of `Generator`.

    Example:
        >>> generator = UpsamplingGenerator(NetworkConfig(latent_dim=100), classes=3)
        >>> generator.build()
        >>> generator(keras.random.normal((8, 100)), np.zeros(8, np.int32)).shape
        TensorShape([8, 16384, 1])

    Reference:
        Drysdale et al. 2020, section 3.1 and, for growth, 3.3.

    """

    grows = True

    def __init__(self, config: NetworkConfig, classes: int, **kwargs):
        super().__init__(config, classes, **kwargs)
        dtype = self.dtype_policy
        self.seed_channels = self._channels(SEED_LENGTH)
        self.embedding = ClassEmbedding(
            classes, config.embedding_dim, name="embedding", dtype=dtype
        )
        self.label_map = keras.layers.Dense(SEED_LENGTH, name="label_map", dtype=dtype)
        self.seed = keras.layers.Dense(
            SEED_LENGTH * self.seed_channels, activation="relu", name="seed", dtype=dtype
        )
        self.features = [
            self._block(f"up_{steps}", self._channels(steps), "relu", dtype)
            for steps in self._feature_lengths()
        ]
        self.to_audio = self._output_block(self.length)
        self.skip_to_audio = self._output_block(self.length // FACTOR) if self.fading else None

    def _channels(self, steps: int) -> int:
        return channels_at(steps, self.config.width, self.config.blocks)

    def _feature_lengths(self) -> list[int]:
        return [SEED_LENGTH * FACTOR ** (block + 1) for block in range(self.stage + 1)]

    def _output_block(self, length: int) -> UpsamplingConv:
        # Under mixed precision the waveform itself is still float32.
        return self._block(f"to_audio_{length}", 1, "tanh", "float32")

    def _block(self, name: str, channels: int, activation: str, dtype) -> UpsamplingConv:
        return UpsamplingConv(
            channels,
            self.config.kernel_size,
            FACTOR,
            activation,
            self.config.upsampling,
            name=name,
            dtype=dtype,
        )

    def build(self, z_shape=None, label_shape=None):
        embedded = self.config.embedding_dim
        self.embedding.build((None, self.classes))
        self.label_map.build((None, embedded))
        beside_z = embedded if self.config.conditioning == "projection" else 0
        self.seed.build((None, self.latent_dim + beside_z))
        steps, channels = SEED_LENGTH, self.seed_channels + 1
        for block in self.features:
            block.build((None, steps, channels))
            steps, channels = steps * FACTOR, block.filters
        self.to_audio.build((None, steps, channels))
        if self.skip_to_audio is not None:
            below = self.features[-2].filters
            self.skip_to_audio.build((None, steps // FACTOR, below))
        self.built = True

    @property
    def class_axes(self) -> dict[str, ClassAxis]:
        return {"embedding/embeddings": ClassAxis(0)}

    def synthesise(self, z, class_weights, fade, use: Use):
        x = below = self._enter(z, class_weights, use)
        for block in self.features:
            below, x = x, use(block)(x)
        audio = use(self.to_audio)(tf.cast(x, tf.float32))
        if self.skip_to_audio is None or _is_one(fade):
            return audio
        skip = use(self.skip_to_audio)(tf.cast(below, tf.float32))
        # (1 - r) * old + r * new, section 3.3; at 0 exactly the old network's output.
        return (1.0 - fade) * tf.repeat(skip, FACTOR, axis=1) + fade * audio

    def _enter(self, z: tf.Tensor, class_weights: tf.Tensor, use: Use) -> tf.Tensor:
        embedded = use(self.embedding)(class_weights)
        label_map = tf.reshape(use(self.label_map)(embedded), (-1, SEED_LENGTH, 1))
        if self.config.conditioning == "projection":
            z = tf.concat([z, embedded], axis=1)
        seed = tf.reshape(use(self.seed)(z), (-1, SEED_LENGTH, self.seed_channels))
        return tf.concat([seed, label_map], axis=2)  # (batch, 16, seed_channels + 1)


def _is_one(fade: tf.Tensor | float | None) -> bool:
    """Tell whether the old path has no share, where that is known before anything runs."""
    return isinstance(fade, int | float) and fade == 1
