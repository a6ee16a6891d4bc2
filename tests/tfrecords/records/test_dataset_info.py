import json

import pytest

from drumsmith.tfrecords.records.dataset_info import DatasetInfo, RecordsError


@pytest.fixture
def records(make_records):
    return make_records(train=[0, 1, 1, 2], valid=[1])


def test_what_was_saved_is_loaded(records):
    info = DatasetInfo.load(records)
    assert info.labels == ("cymbal", "kick", "snare")
    assert info.counts["train"] == {"cymbal": 1, "kick": 2, "snare": 1}
    numbers, labels = info.entries("train")
    assert (numbers.tolist(), labels.tolist()) == ([0, 1, 2, 3], [0, 1, 1, 2])
    assert DatasetInfo.from_dict(json.loads(json.dumps(info.to_dict()))) == info


def test_records_of_an_earlier_drumsmith_have_no_test_part(records):
    values = DatasetInfo.load(records).to_dict()
    del values["counts"]["test"]
    assert DatasetInfo.from_dict(values).count("test") == 0


def test_kinds_count_as_their_family_too(make_records):
    families = {"cymbal": ["snare", "ride"]}
    info = DatasetInfo.load(make_records(train=[2, 0, 1, 2], valid=[2], families=families))
    assert info.families == {"cymbal": ("snare",)}
    numbers, labels = info.entries("train")
    assert (numbers.tolist(), labels.tolist()) == ([0, 1, 2, 3, 0, 3], [2, 0, 1, 2, 0, 0])
    assert [info.count_of("train", label) for label in info.labels] == [3, 1, 2]
    assert info.count_of("valid", "cymbal") == 1


def test_the_digest_follows_the_content(records):
    info = DatasetInfo.load(records)
    values = info.to_dict()
    values["sources"][0]["sha256"] = "another"
    assert len(info.digest) == 64
    assert DatasetInfo.from_dict(info.to_dict()).digest == info.digest
    assert DatasetInfo.from_dict(values).digest != info.digest


def remove(records):
    (records / "train-00001-of-00002.tfrecord").unlink()


def shorten(records):
    shard = records / "valid-00000-of-00002.tfrecord"
    shard.write_bytes(shard.read_bytes()[:-1] + b"xx")


def spoil(text):
    return lambda records: (records / "dataset.json").write_text(text)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (remove, r"train-00001-of-00002.tfrecord cannot be read \(No such file"),
        (shorten, r"has \d+ bytes, \d+ were written"),
        (spoil(""), "is damaged"),
        (spoil("[]"), "is damaged"),
        (spoil('{"format": 1, "labels": ["a"]}'), "is damaged"),
        (spoil('{"format": 9}'), "has records of format 9"),
        (lambda records: (records / "dataset.json").unlink(), "has no dataset.json"),
    ],
)
def test_a_damaged_folder_is_told_in_one_line(records, harm, words):
    harm(records)
    with pytest.raises(RecordsError, match=words) as caught:
        DatasetInfo.load(records)
    assert "\n" not in str(caught.value)


def test_a_missing_folder_and_a_file_are_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordsError, match="make one with 'drumsmith prepare"):
        DatasetInfo.load(tmp_path / "none")
    with pytest.raises(RecordsError, match="is a file, not a folder of records"):
        DatasetInfo.load(tmp_path / "file")
