import numpy as np
import pytest
import tensorflow as tf

from drumsmith.tfrecords.records.example import ExampleError, audio_of, encode


@pytest.mark.parametrize("length", [0, 1, 100, 16384])
@pytest.mark.parametrize(("label", "source"), [(0, ""), (2, "kick/\udcff.wav"), (300, "x" * 200)])
def test_a_record_is_what_tensorflow_writes_and_reads(length, label, source):
    pcm = np.arange(length, dtype=np.int16)
    record = encode(pcm, label, source)
    example = tf.train.Example.FromString(record)
    assert example.SerializeToString(deterministic=True) == record
    features = example.features.feature
    assert features["audio"].bytes_list.value[0] == pcm.tobytes()
    assert list(features["label"].int64_list.value) == [label]
    assert features["source"].bytes_list.value[0] == source.encode("utf-8", "surrogateescape")
    assert audio_of(record) == pcm.tobytes()


@pytest.mark.parametrize("record", [b"", b"no record", encode(np.zeros(9, np.int16), 0, "")[:-1]])
def test_bytes_that_are_no_record_are_told(record):
    with pytest.raises(ExampleError):
        audio_of(record)
