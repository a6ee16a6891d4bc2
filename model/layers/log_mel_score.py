"""A score of log-mel spectrograms: what a critic of the waveform hears last."""

import keras
import tensorflow as tf

from ..argument_checks import require_positive
from ..tones_and_noise.layout import RATE
from .activations import leaky_relu

BANDS = 64
LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0
"""At 44.1 kHz; at another rate they move with it."""

FLOOR = 1e-5
"""Power under which nothing is told apart, of a sine at full scale: -50 dB. A lower one would make
the score steep in silence, and the penalties all about it."""

WIDTHS = (2, 4, 6, 8)
"""Channels of the convolutions, in widths of the critic."""


@keras.saving.register_keras_serializable("drumsmith")
class LogMelScore(keras.layers.Layer):
    """Scores the log-mel spectrogram of one window::

        audio -> log mel (frames, 64) -> 4 x [conv 3 x 3 / 2, LeakyReLU 0.2] -> flatten -> dense 1
                                                          class's direction of the features --> +

    Args:
        width: of the critic.
        classes: number of labels; the score has a direction of its own for each (Miyato and Koyama
            2018, equation 3).
        window: samples of the Hann window; frames are a quarter of it apart.

    Call arguments:
        audio: float32 (batch, length).
        one_hot: float32 (batch, classes).

    Returns:
        Scores, float32 (batch,).

    """

    def __init__(self, width: int, classes: int, window: int, **kwargs):
        super().__init__(autocast=False, **kwargs)
        self.width = require_positive("width", width)
        self.classes = require_positive("classes", classes)
        self.window = require_positive("window", window)
        self.convs = [
            keras.layers.Conv2D(
                width * times, 3, strides=2, padding="same", name=f"conv_{i}", dtype=self.dtype
            )
            for i, times in enumerate(WIDTHS)
        ]
        self.score = keras.layers.Dense(1, name="score", dtype=self.dtype)
        self.projection = keras.layers.Dense(
            classes, use_bias=False, name="projection", dtype=self.dtype
        )

    def build(self, input_shape):
        shape = (None, *self.spectrogram_shape(input_shape[1]), 1)
        for conv in self.convs:
            conv.build(shape)
            shape = conv.compute_output_shape(shape)
        features = (None, shape[1] * shape[2] * shape[3])
        self.score.build(features)
        self.projection.build(features)
        self.built = True

    def spectrogram_shape(self, length: int) -> tuple[int, int]:
        """Return the frames and bands of a sound of ``length`` samples."""
        return 1 + (length - self.window) // (self.window // 4), BANDS

    def call(self, audio, one_hot):
        x = log_mel(audio, self.window)[..., tf.newaxis]
        for conv in self.convs:
            x = leaky_relu(conv(x))
        flat = tf.reshape(x, (-1, x.shape[1] * x.shape[2] * x.shape[3]))
        of_class = tf.reduce_sum(self.projection(flat) * one_hot, axis=1)
        return tf.squeeze(self.score(flat), axis=1) + of_class

    def get_config(self):
        return super().get_config() | {
            "width": self.width,
            "classes": self.classes,
            "window": self.window,
        }


def log_mel(audio: tf.Tensor, window: int) -> tf.Tensor:
    """Return log(power + FLOOR) in mel bands, float32 (batch, frames, BANDS).

    Args:
        audio: float32 (batch, length).
        window: samples of the Hann window. Power is that of a sine, about 1 at full scale.

    """
    spectra = tf.signal.stft(audio, window, window // 4)
    # Squares of both parts: the magnitude has no finite gradient in silence.
    power = tf.square(tf.math.real(spectra)) + tf.square(tf.math.imag(spectra))
    bins = spectra.shape[2]
    # The transform is longer than the window, and a sine then stands in more of its bins.
    power *= (4.0 / window) ** 2 * window / (2 * (bins - 1))
    bands = tf.signal.linear_to_mel_weight_matrix(BANDS, bins, RATE, LOWEST_HZ, HIGHEST_HZ)
    return tf.math.log(tf.tensordot(power, bands, 1) + FLOOR)
