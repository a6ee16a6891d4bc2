import json
import shutil

import jsonschema
import pytest

from drumsmith.tfrecords.reading.pipeline import training_dataset
from drumsmith.tfrecords.records.dataset_info import DatasetInfo, RecordsError, shard_name
from drumsmith.tfrecords.records.published import DATASET_SCHEMA
from drumsmith.tfrecords.records.verification import check_records, verify_checksums

LABELS = [0, 1, 2, 1, 0, 2, 2]
SHARD = shard_name("train", 1, 2)


def size_of_record(folder):
    return (folder / SHARD).stat().st_size // 4


def flip(folder, place):
    data = bytearray((folder / SHARD).read_bytes())
    data[place] ^= 1
    (folder / SHARD).write_bytes(data)


@pytest.fixture
def records(make_records):
    return make_records(LABELS, valid=[1])


def test_sound_records_are_found_sound(records):
    info = DatasetInfo.load(records)
    check_records(records, info, "train")
    assert list(verify_checksums(records, info)) == []


@pytest.mark.parametrize("number", [0, 2, 3])
def test_a_damaged_record_is_named_with_its_shard_and_place(records, number):
    place = number * size_of_record(records)
    flip(records, place + 100)
    info = DatasetInfo.load(records)
    words = rf"{SHARD}, record {number} at byte {place}: its check sum does not fit"
    with pytest.raises(RecordsError, match=words):
        check_records(records, info, "train")
    assert [str(damage) for damage in verify_checksums(records, info)] == [words]
    check_records(records, info, "valid")


def test_training_stops_before_it_starts(records):
    flip(records, 100)
    with pytest.raises(RecordsError, match=f"{SHARD}, record 0 at byte 0"):
        training_dataset(records, batch_size=2, seed=1)


def test_a_shard_of_another_data_set_is_told(records, make_records):
    other = make_records(LABELS, length=260, name="other")
    shutil.copy(other / SHARD, records / SHARD)
    values = json.loads((records / "dataset.json").read_text())
    for shard in values["shards"]:
        shard["bytes"] = (records / shard["file"]).stat().st_size
    (records / "dataset.json").write_text(json.dumps(values))
    with pytest.raises(RecordsError, match="record 0: it is no record of this data set"):
        check_records(records, DatasetInfo.load(records), "train")


def test_bytes_that_only_the_check_sum_tells_are_told(records):
    info = DatasetInfo.load(records)
    shards = [shard_name("train", number, 2) for number in (0, 1)]
    contents = [(records / name).read_bytes() for name in shards]
    # The same number of records each, so that only their order differs.
    (records / shards[1]).write_bytes(
        contents[1][len(contents[1]) // 4 :] + contents[1][: len(contents[1]) // 4]
    )
    assert [str(damage) for damage in verify_checksums(records, info)] == [
        f"{shards[1]}: its bytes are not those that were written"
    ]


def test_dataset_json_follows_the_published_schema(records):
    values = json.loads((records / "dataset.json").read_text())
    jsonschema.Draft202012Validator.check_schema(DATASET_SCHEMA)
    jsonschema.validate(values, DATASET_SCHEMA)
    values["sources"][0]["split"] = "later"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(values, DATASET_SCHEMA)
