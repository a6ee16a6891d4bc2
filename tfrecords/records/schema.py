"""What one record holds; the writer and every reader use this file and nothing else.

Audio is stored as 16-bit PCM. Sounds are peak-normalised before they are stored, so that the
rounding error lies 98 dB below full scale, under the noise of any sample library; a record is half
as long as in float32, and reading is bound by bytes. Full scale is 32767 in both directions: a
peak of exactly 1, and the exact 0 at both ends, survive the round trip.
"""

import os

import numpy as np
import tensorflow as tf

from .pcm import FULL_SCALE

FEATURES = {
    "audio": tf.io.FixedLenFeature([], tf.string),  # int16, little endian, `length` samples
    "label": tf.io.FixedLenFeature([], tf.int64),  # index into DatasetInfo.labels
    "source": tf.io.FixedLenFeature([], tf.string),  # path in the collection
}


def encode(pcm: np.ndarray, label: int, source: str) -> bytes:
    """Serialise one record.

    Args:
        pcm: int16 (length,).
        label: index of the sound's label.
        source: the sound's path in its collection; bytes that are no UTF-8 are kept.
    """
    values = {
        "audio": _bytes(np.ascontiguousarray(pcm, dtype="<i2").tobytes()),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
        "source": _bytes(os.fsencode(source)),
    }
    return tf.train.Example(features=tf.train.Features(feature=values)).SerializeToString()


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
    pcm = tf.io.decode_raw(parsed["audio"], tf.int16, little_endian=True)
    audio = tf.cast(tf.ensure_shape(pcm, (None, length)), tf.float32) / FULL_SCALE
    return audio, tf.cast(parsed["label"], tf.int32), parsed["source"]


def _bytes(value: bytes) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
