import numpy as np
import pytest
import tensorflow as tf

from drumsmith.tfrecords.records import schema
from drumsmith.tfrecords.records.pcm import to_pcm


def test_a_record_survives_the_round_trip():
    audio = np.array([0.0, 1.0, -1.0, 0.25], np.float32)
    record = schema.encode(to_pcm(audio), 2, "kick/a.wav")
    back, label, source = schema.decode(tf.constant([record]), 4)
    np.testing.assert_allclose(back[0], audio, atol=0.5 / schema.FULL_SCALE)
    assert (int(label[0]), source[0].numpy()) == (2, b"kick/a.wav")


def test_peak_and_zero_are_exact():
    record = schema.encode(to_pcm(np.array([0.0, 1.0, -1.0])), 0, "")
    audio, _, _ = schema.decode(tf.constant([record]), 3)
    assert audio.numpy().tolist() == [[0.0, 1.0, -1.0]]


def test_a_file_name_that_is_no_utf8_is_kept():
    record = schema.encode(np.zeros(2, np.int16), 0, "kick/\udcff.wav")
    assert schema.decode(tf.constant([record]), 2)[2][0].numpy() == b"kick/\xff.wav"


@pytest.mark.parametrize("record", [b"", b"no record", None])
def test_a_record_that_is_none_is_refused(record):
    record = schema.encode(np.zeros(3, np.int16), 0, "") if record is None else record
    with pytest.raises(tf.errors.InvalidArgumentError):
        schema.decode(tf.constant([record]), 2)
