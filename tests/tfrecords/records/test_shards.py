import numpy as np
import pytest
import tensorflow as tf

from drumsmith.tfrecords.records.dataset_info import DatasetInfo, RecordsError
from drumsmith.tfrecords.records.shards import RecordReader, shard_name

LABELS = [0, 1, 2, 1, 0, 2, 2]


def in_sequence(folder, info):
    files = [str(folder / shard.file) for shard in info.shards_of("train")]
    return [
        record.numpy()
        for record in tf.data.TFRecordDataset(files, compression_type=info.compression)
    ]


@pytest.mark.parametrize("compression", ["", "GZIP"])
@pytest.mark.parametrize("shards", [1, 3])
def test_any_record_is_the_one_that_tensorflow_reads_there(make_records, compression, shards):
    folder = make_records(LABELS, shards=shards, compression=compression)
    info = DatasetInfo.load(folder)
    expected = in_sequence(folder, info)
    reader = RecordReader(folder, info, "train")
    assert len(reader) == len(LABELS)
    assert reader.read([6, 0, 3, 3]) == [expected[i] for i in (6, 0, 3, 3)]
    assert reader.read(np.array([], int)) == []


def test_a_split_without_records_has_none(make_records):
    folder = make_records(LABELS)
    assert len(RecordReader(folder, DatasetInfo.load(folder), "valid")) == 0


def test_a_shard_damaged_at_the_same_size_is_told(make_records):
    folder = make_records(LABELS, shards=1)
    info = DatasetInfo.load(folder)
    path = folder / shard_name("train", 0, 1)
    data = bytearray(path.read_bytes())
    data[0] ^= 1  # the first record's length
    path.write_bytes(data)
    with pytest.raises(RecordsError, match="is damaged"):
        RecordReader(folder, info, "train")


def test_a_compressed_shard_that_is_none_is_told(make_records):
    folder = make_records(LABELS, shards=1, compression="GZIP")
    info = DatasetInfo.load(folder)
    path = folder / shard_name("train", 0, 1)
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(RecordsError, match="cannot be read"):
        RecordReader(folder, info, "train")


def test_shards_are_named_as_everywhere():
    assert shard_name("train", 3, 8) == "train-00003-of-00008.tfrecord"
