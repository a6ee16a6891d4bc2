"""The generator: a latent vector and a label in, a drum out."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from .argument_checks import CONDITIONINGS, require_one_of, require_positive
from .growth import FACTOR, SEED_LENGTH, channels_at, resolve_stage, stage_length
from .layers.folding import folded_upsampling_conv
from .layers.upsampling_conv import UpsamplingConv

PRODUCT_STEPS = 64
"""Steps up to which a block is computed as a matrix product, when frozen.

With few steps the kernel is larger than the signal, and a convolution spends its time in bringing
the kernel into the order that it likes, at every call. Measured at width 64 on two busy cores, a
whole generator with its weights in variables: batch 4 in 37 instead of 75 ms, batch 16 in 73
instead of 110 ms.
"""


@keras.saving.register_keras_serializable("drumsmith")
class Generator(keras.Model):
    """Makes sounds of a class from latent vectors::

        z     -> dense -> (16, 1024) -> ReLU --+
                                               +-> (16, 1025) -> 5 x [x4, conv 25] -> tanh -> audio
        label -> embedding 50 -> dense 16 -----+    channels 512, 256, 128, 64, 1

    A label may be a mixture: it is turned into weights over the classes first, and the embedding
    is their weighted sum.

    Args:
        latent_dim: length of z.
        classes: number of labels.
        width: channels of the block beside the audio; the others follow by doubling.
        blocks: blocks of the complete network; the complete length is 16 * 4 ** blocks samples.
        kernel_size: taps of every convolution, at its output's rate.
        embedding_dim: length of a label's embedding.
        upsampling: how blocks interpolate: ``nearest``, the paper's, or ``cubic``, see
            `UpsamplingConv`.
        conditioning: ``channel``, the paper's, drawn above; or ``projection``, in which the label's
            embedding also enters the dense layer beside z (and see `Critic`).
        stage: growth stage, None for the complete network. Stage s has s + 2 blocks.
        fading: also build the previous stage's output block, and blend it in by ``fade``.

    Call arguments:
        z: float32 (batch, latent_dim), N(0, 1).
        label: int32 (batch,).
        fade: scalar in [0, 1], the share of the newest block; needed when ``fading``.

    Returns:
        Audio, float32 (batch, length, 1) in [-1, 1].

    Example:
        >>> generator = Generator(latent_dim=100, classes=3)
        >>> generator(keras.random.normal((8, 100)), np.zeros(8, np.int32)).shape
        TensorShape([8, 16384, 1])

    Reference:
        Drysdale et al. 2020, section 3.1 and, for growth, 3.3.

    """

    def __init__(
        self,
        latent_dim: int = 100,
        classes: int = 3,
        width: int = 64,
        blocks: int = 5,
        kernel_size: int = 25,
        embedding_dim: int = 50,
        upsampling: str = "nearest",
        conditioning: str = "channel",
        stage: int | None = None,
        fading: bool = False,
        **kwargs,
    ):
        # Keras would cast fade as well, and the waveform that it blends stays float32.
        super().__init__(autocast=False, **kwargs)
        self.latent_dim = require_positive("latent_dim", latent_dim)
        self.classes = require_positive("classes", classes)
        self.width = require_positive("width", width)
        self.blocks = require_positive("blocks", blocks)
        self.kernel_size = require_positive("kernel_size", kernel_size)
        self.embedding_dim = require_positive("embedding_dim", embedding_dim)
        self.upsampling = upsampling
        self.conditioning = require_one_of("conditioning", conditioning, CONDITIONINGS)
        self.stage = resolve_stage(stage, blocks, fading)
        self.fading = fading
        self.length = stage_length(self.stage)
        dtype = self.dtype_policy
        self.seed_channels = channels_at(SEED_LENGTH, width, blocks)
        self.embedding = keras.layers.Embedding(
            classes, embedding_dim, name="embedding", dtype=dtype
        )
        self.label_map = keras.layers.Dense(SEED_LENGTH, name="label_map", dtype=dtype)
        self.seed = keras.layers.Dense(
            SEED_LENGTH * self.seed_channels, activation="relu", name="seed", dtype=dtype
        )
        self.features = [
            UpsamplingConv(
                channels_at(steps, width, blocks),
                kernel_size,
                FACTOR,
                "relu",
                upsampling,
                name=f"up_{steps}",
                dtype=dtype,
            )
            for steps in self._feature_lengths()
        ]
        self.to_audio = self._output_block(self.length)
        self.skip_to_audio = self._output_block(self.length // FACTOR) if fading else None

    def _feature_lengths(self) -> list[int]:
        return [SEED_LENGTH * FACTOR ** (block + 1) for block in range(self.stage + 1)]

    def _output_block(self, length: int) -> UpsamplingConv:
        # Under mixed precision the waveform itself is still float32.
        return UpsamplingConv(
            1,
            self.kernel_size,
            FACTOR,
            "tanh",
            self.upsampling,
            name=f"to_audio_{length}",
            dtype="float32",
        )

    def build(self, z_shape=None, label_shape=None):
        self.embedding.build((None,))
        self.label_map.build((None, self.embedding_dim))
        labelled = self.embedding_dim if self.conditioning == "projection" else 0
        self.seed.build((None, self.latent_dim + labelled))
        steps, channels = SEED_LENGTH, self.seed_channels + 1
        for block in self.features:
            block.build((None, steps, channels))
            steps, channels = steps * FACTOR, block.filters
        self.to_audio.build((None, steps, channels))
        if self.skip_to_audio is not None:
            below = self.features[-2].filters
            self.skip_to_audio.build((None, steps // FACTOR, below))
        self.built = True

    def call(self, z, label, fade=None):
        class_weights = tf.one_hot(tf.cast(label, tf.int32), self.classes, dtype=self.compute_dtype)
        return self.mix(z, class_weights, fade)

    def mix(self, z: tf.Tensor, class_weights: tf.Tensor, fade: tf.Tensor | None = None):
        """Generate from weights over the classes, (batch, classes), instead of a label."""
        x = self._seed(tf.cast(z, self.compute_dtype), class_weights)
        below = x
        for block in self.features:
            below, x = x, block(x)
        audio = self.to_audio(tf.cast(x, tf.float32))
        if self.skip_to_audio is None:
            return audio
        if fade is None:
            raise ValueError("a generator that fades in its newest block needs fade")
        skip = self.skip_to_audio(tf.cast(below, tf.float32))
        # (1 - r) * old + r * new, section 3.3; at 0 exactly the old network's output.
        return (1.0 - fade) * tf.repeat(skip, FACTOR, axis=1) + fade * audio

    def _seed(self, z: tf.Tensor, class_weights: tf.Tensor) -> tf.Tensor:
        table = tf.cast(tf.convert_to_tensor(self.embedding.embeddings), self.compute_dtype)
        embedded = tf.matmul(class_weights, table)
        label_map = tf.reshape(self.label_map(embedded), (-1, SEED_LENGTH, 1))
        if self.conditioning == "projection":
            z = tf.concat([z, embedded], axis=1)
        seed = tf.reshape(self.seed(z), (-1, SEED_LENGTH, self.seed_channels))
        return tf.concat([seed, label_map], axis=2)  # (batch, 16, seed_channels + 1)

    def frozen(self, fade: float = 1.0) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
        """Return this generator as a function of constants: what an export holds.

        The kernels are folded once, here, and there is neither Keras nor a variable left.

        Args:
            fade: the newest block's share at which a fading generator is frozen.

        Returns:
            A function (z float32 (batch, latent_dim), class_weights float32 (batch, classes)) ->
            audio float32 (batch, length), of standard TensorFlow operations.

        """
        table, map_kernel, map_bias, seed_kernel, seed_bias = (
            _constant(variable)
            for variable in (
                self.embedding.embeddings,
                self.label_map.kernel,
                self.label_map.bias,
                self.seed.kernel,
                self.seed.bias,
            )
        )
        blocks = [_frozen_block(block) for block in self.features]
        to_audio = _frozen_block(self.to_audio)
        skip = _frozen_block(self.skip_to_audio) if self.skip_to_audio and fade < 1 else None
        seed_channels, length = self.seed_channels, self.length
        projected = self.conditioning == "projection"

        def generate(z: tf.Tensor, class_weights: tf.Tensor) -> tf.Tensor:
            embedded = tf.matmul(class_weights, table)
            label_map = tf.reshape(tf.matmul(embedded, map_kernel) + map_bias, (-1, SEED_LENGTH, 1))
            if projected:
                z = tf.concat([z, embedded], axis=1)
            seed = tf.nn.relu(tf.matmul(z, seed_kernel) + seed_bias)
            x = tf.concat([tf.reshape(seed, (-1, SEED_LENGTH, seed_channels)), label_map], axis=2)
            below = x
            for block in blocks:
                below, x = x, block(x)
            audio = to_audio(x)
            if skip is not None:
                audio = (1.0 - fade) * tf.repeat(skip(below), FACTOR, axis=1) + fade * audio
            return tf.reshape(audio, (-1, length))

        return generate

    def get_config(self):
        return super().get_config() | {
            "latent_dim": self.latent_dim,
            "classes": self.classes,
            "width": self.width,
            "blocks": self.blocks,
            "kernel_size": self.kernel_size,
            "embedding_dim": self.embedding_dim,
            "upsampling": self.upsampling,
            "conditioning": self.conditioning,
            "stage": self.stage,
            "fading": self.fading,
        }


def _constant(variable: keras.Variable) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(variable), np.float32)


def _frozen_block(block: UpsamplingConv) -> Callable[[tf.Tensor], tf.Tensor]:
    folded = block.fold(tf.constant(_constant(block.kernel))).numpy()
    bias, activation, factor = _constant(block.bias), block.activation, block.factor

    def apply(x: tf.Tensor) -> tf.Tensor:
        convolve = _as_product if x.shape[1] <= PRODUCT_STEPS else folded_upsampling_conv
        y = convolve(x, tf.constant(folded), factor)
        return activation(tf.nn.bias_add(y, tf.constant(bias)))

    return apply


def _as_product(x: tf.Tensor, folded: tf.Tensor, factor: int) -> tf.Tensor:
    """Compute what `folded_upsampling_conv` does, taps side by side and one matrix product."""
    taps, channels, outputs = folded.shape
    steps, reach = x.shape[1], taps // 2
    padded = tf.pad(x, [[0, 0], [reach, reach], [0, 0]])
    rows = tf.concat([padded[:, tap : tap + steps] for tap in range(taps)], axis=2)
    kernel = tf.reshape(folded, (taps * channels, outputs))
    y = tf.matmul(tf.reshape(rows, (-1, taps * channels)), kernel)
    return tf.reshape(y, (-1, factor * steps, outputs // factor))
