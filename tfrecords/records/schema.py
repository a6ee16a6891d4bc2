"""What one record holds, as TensorFlow reads it; ``example`` beside this file writes it.

Audio is stored as 16-bit PCM. Sounds are peak-normalised before they are stored, so that the
rounding error lies 98 dB below full scale, under the noise of any sample library; a record is half
as long as in float32, and reading is bound by bytes. Full scale is 32767 in both directions: a
peak of exactly 1, and the exact 0 at both ends, survive the round trip.
"""

import tensorflow as tf

from .example import AUDIO, LABEL, SOURCE, encode
from .pcm import FULL_SCALE

__all__ = ["FEATURES", "FULL_SCALE", "decode", "encode"]

FEATURES = {
    AUDIO: tf.io.FixedLenFeature([], tf.string),  # int16, little endian, `length` samples
    LABEL: tf.io.FixedLenFeature([], tf.int64),  # index into DatasetInfo.labels
    SOURCE: tf.io.FixedLenFeature([], tf.string),  # path in the collection
}


def decode(serialized: tf.Tensor, length: int) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Parse a batch of records.

    Args:
        serialized: string (batch,).
        length: samples per sound.

    Returns:
        audio float32 (batch, length) in [-1, 1], label int32 (batch,), source string (batch,).

    Raises:
        tf.errors.InvalidArgumentError: a record is damaged or has another length.
    """
    parsed = tf.io.parse_example(serialized, FEATURES)
    pcm = tf.io.decode_raw(parsed[AUDIO], tf.int16, little_endian=True)
    audio = tf.cast(tf.ensure_shape(pcm, (None, length)), tf.float32) / FULL_SCALE
    return audio, tf.cast(parsed[LABEL], tf.int32), parsed[SOURCE]
