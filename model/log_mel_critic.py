"""A critic that also hears log-mel spectrograms, beside the waveform and never alone."""

import keras
import tensorflow as tf

from .class_axis import ClassAxis
from .critic import Critic
from .layers.log_mel_score import LogMelScore
from .network_config import NetworkConfig, refuse

WINDOWS = (377, 610, 987)
"""Samples of the windows. Their ratios are near the golden one, so that the frames of one begin
where those of the others do not."""


@keras.saving.register_keras_serializable("drumsmith")
class WaveformAndLogMelCritic(Critic):
    """The waveform's score plus one for each of three log-mel spectrograms.

    A spectrogram of one window has sounds that it cannot tell apart, and a generator finds them;
    the waveform's critic and windows of other lengths can. Arguments and calls are those of
    `Critic`; there is the complete network only.

    Reference:
        Discriminators of several resolutions: Jang et al., "UnivNet", Interspeech 2021,
        section 2.2.

    """

    grows = False

    def __init__(self, config: NetworkConfig, classes: int, **kwargs):
        super().__init__(config, classes, **kwargs)
        if self.length < max(WINDOWS):
            refuse(
                config, "critic", f"a sound of {self.length} samples is shorter than its windows"
            )
        self.log_mel_scores = [
            LogMelScore(
                config.critic_width or config.width,
                classes,
                window,
                name=f"log_mel_{window}",
                dtype="float32",
            )
            for window in WINDOWS
        ]

    @property
    def class_axes(self) -> dict[str, ClassAxis]:
        projections = (f"{layer.name}/projection/kernel" for layer in self.log_mel_scores)
        return super().class_axes | {name: ClassAxis(1) for name in projections}

    def build(self, audio_shape=None, label_shape=None):
        super().build()
        for layer in self.log_mel_scores:
            layer.build((None, self.length))
        self.built = True

    def call(self, audio, label, shifts=None, fade=None):
        score = super().call(audio, label, shifts, fade)
        sound = tf.reshape(tf.cast(audio, tf.float32), (-1, self.length))
        one_hot = tf.one_hot(tf.cast(label, tf.int32), self.classes)
        return score + tf.add_n([layer(sound, one_hot) for layer in self.log_mel_scores])
