"""The critic: a sound and a label in, a score out."""

import dataclasses
from typing import Self

import keras
import tensorflow as tf

from .argument_checks import require_positive
from .class_axis import ClassAxis
from .growth import FACTOR, SEED_LENGTH, channels_at, resolve_stage, stage_length
from .layers.activations import leaky_relu
from .layers.class_embedding import ClassEmbedding
from .layers.downsampling_conv import DownsamplingConv
from .layers.minibatch_deviation import with_deviation
from .layers.phase_shuffle import PHASE_SHIFT, PhaseShuffle
from .network_config import NetworkConfig


@keras.saving.register_keras_serializable("drumsmith")
class Critic(keras.Model):
    """Scores how real sounds of a class are, without bound and without normalisation layers::

        audio (T, 1) --------------------------+
                                               +-> (T, 2) -> 5 x [conv 25 / 4, LeakyReLU 0.2,
        label -> embedding 50 -> dense T ------+             phase shuffle but in the last]
                                                    -> flatten -> dense 1 -> score
                                                    channels 64, 128, 256, 512, 1024

    Args:
        config: what the networks are; this one mirrors the generator. Its ``conditioning`` is
            ``channel``, the paper's; or ``projection``, which adds to the score what the flattened
            features weigh in the label's own direction (Miyato and Koyama 2018, "cGANs with
            Projection Discriminator", equation 3). With ``minibatch_deviation`` the features before
            the score have one more channel, see `layers.minibatch_deviation`; sounds are then
            scored in groups, and the batch is a multiple of such a group.
        classes: number of labels.
        stage: growth stage, None for the complete network.
        fading: also build the previous stage's input block, fed with the waveform averaged down
            by 4, and blend it in by ``fade``.
        xla: shuffle phases in the form that XLA can compile, see `PhaseShuffle`.

    Call arguments:
        audio: float32 (batch, length, 1) or (batch, length).
        label: int32 (batch,).
        shifts: int32 (blocks at this stage - 1,), phase shuffle's shifts from the waveform
            inwards; None leaves the features where they are.
        fade: scalar in [0, 1]; needed when ``fading``.

    Returns:
        Scores, float32 (batch,).

    Reference:
        Drysdale et al. 2020, section 3.2 and, for growth, 3.3.

    """

    grows = True
    """Whether there are stages below the complete network."""

    def __init__(
        self,
        config: NetworkConfig,
        classes: int,
        *,
        stage: int | None = None,
        fading: bool = False,
        xla: bool = False,
        **kwargs,
    ):
        # As the generator: what must be cast, is cast below.
        super().__init__(autocast=False, **kwargs)
        self.config = config
        self.classes = require_positive("classes", classes)
        self.stage = resolve_stage(stage, config.blocks, fading)
        self.fading = fading
        self.length = stage_length(self.stage)
        dtype = self.dtype_policy
        self.embedding = ClassEmbedding(
            classes, config.embedding_dim, name="embedding", dtype=dtype
        )
        self.label_map, self.from_audio = self._input_block(self.length)
        if fading:
            self.skip_label_map, self.skip_from_audio = self._input_block(self.length // FACTOR)
        self.features = [
            self._conv(f"down_{steps}", steps // FACTOR) for steps in self._feature_lengths()
        ]
        self.xla = xla
        self.shuffle = PhaseShuffle(xla=xla, name="phase_shuffle", dtype=dtype)
        # Under mixed precision the score itself is still float32.
        self.score = keras.layers.Dense(1, name="score", dtype="float32")
        if config.conditioning == "projection":
            self.projection = keras.layers.Dense(
                classes, use_bias=False, name="projection", dtype="float32"
            )

    @property
    def shuffles(self) -> int:
        """How many shifts a call takes: one for every block but the last."""
        return self.stage + 1

    def _feature_lengths(self) -> list[int]:
        """Input lengths of the blocks after the first, from the waveform inwards."""
        return [self.length // FACTOR ** (block + 1) for block in range(self.stage + 1)]

    def _input_block(self, length: int) -> tuple[keras.layers.Dense, DownsamplingConv]:
        label_map = keras.layers.Dense(length, name=f"label_map_{length}", dtype=self.dtype_policy)
        return label_map, self._conv(f"from_audio_{length}", length // FACTOR)

    def _conv(self, name: str, steps: int) -> DownsamplingConv:
        return DownsamplingConv(
            channels_at(steps, self.config.critic_width or self.config.width, self.config.blocks),
            self.config.kernel_size,
            FACTOR,
            name=name,
            dtype=self.dtype_policy,
        )

    @property
    def class_axes(self) -> dict[str, ClassAxis]:
        """Where the classes lie in the variables, by the variable's name in `growth.by_name`."""
        return {
            "embedding/embeddings": ClassAxis(0),
            "projection/kernel": ClassAxis(1),
        }

    def build(self, audio_shape=None, label_shape=None):
        self.embedding.build((None, self.classes))
        for label_map, conv, length in self._input_blocks():
            label_map.build((None, self.config.embedding_dim))
            conv.build((None, length, 2))
        channels = self.from_audio.filters
        for block, steps in zip(self.features, self._feature_lengths(), strict=True):
            self.shuffle.build((None, steps, channels))
            block.build((None, steps, channels))
            channels = block.filters
        if self.config.minibatch_deviation:
            channels += 1
        self.score.build((None, SEED_LENGTH * channels))
        if self.config.conditioning == "projection":
            self.projection.build((None, SEED_LENGTH * channels))
        self.built = True

    def _input_blocks(self):
        yield self.label_map, self.from_audio, self.length
        if self.fading:
            yield self.skip_label_map, self.skip_from_audio, self.length // FACTOR

    def call(self, audio, label, shifts=None, fade=None):
        if self.fading and fade is None:
            raise ValueError("a critic that fades in its newest block needs fade")
        audio = tf.reshape(tf.cast(audio, self.compute_dtype), (-1, self.length, 1))
        one_hot = tf.one_hot(tf.cast(label, tf.int32), self.classes, dtype=self.compute_dtype)
        embedded = self.embedding(one_hot)
        x = self._enter(audio, embedded, self.label_map, self.from_audio)
        for depth, block in enumerate(self.features):
            x = self._shuffled(x, shifts, depth)
            x = leaky_relu(block(x))
            if depth == 0 and self.fading:
                x = self._blend(x, audio, embedded, fade)
        if self.config.minibatch_deviation:
            x = with_deviation(x)
        flat = tf.cast(tf.reshape(x, (-1, x.shape[1] * x.shape[2])), tf.float32)
        score = tf.squeeze(self.score(flat), axis=1)
        if self.config.conditioning == "projection":
            score += tf.reduce_sum(self.projection(flat) * tf.cast(one_hot, tf.float32), axis=1)
        return score

    def _enter(self, audio, embedded, label_map, conv) -> tf.Tensor:
        channel = tf.reshape(label_map(embedded), (-1, audio.shape[1], 1))
        return leaky_relu(conv(tf.concat([audio, channel], axis=2)))

    def _shuffled(self, x: tf.Tensor, shifts: tf.Tensor | None, depth: int) -> tf.Tensor:
        return x if shifts is None else self.shuffle(x, shifts[depth])

    def _blend(self, x, audio, embedded, fade) -> tf.Tensor:
        coarse = tf.reduce_mean(
            tf.reshape(audio, (-1, self.length // FACTOR, FACTOR)), axis=2, keepdims=True
        )
        old = self._enter(coarse, embedded, self.skip_label_map, self.skip_from_audio)
        fade = tf.cast(fade, x.dtype)
        # (1 - r) * old + r * new, section 3.3; at 0 exactly the old network's score.
        return (1.0 - fade) * old + fade * x

    def get_config(self):
        return super().get_config() | {
            "config": dataclasses.asdict(self.config),
            "classes": self.classes,
            "stage": self.stage,
            "fading": self.fading,
            "xla": self.xla,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None) -> Self:
        """Make a critic again from what `get_config` returned."""
        return cls(**config | {"config": NetworkConfig(**config["config"])})


def draw_shifts(seed: tf.Tensor, count: int, reach: int = PHASE_SHIFT) -> tf.Tensor:
    """Draw phase shuffle's shifts, int32 (count,), uniform over -reach ... reach.

    Args:
        seed: int (2,); the same seed gives the same shifts, on every replica.
        count: how many, see `Critic.shuffles`.
        reach: the largest shift; 0 turns phase shuffle off.

    """
    return tf.random.stateless_uniform((count,), seed, -reach, reach + 1, tf.int32, alg="philox")
