import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drumsmith.common.errors import UserError
from drumsmith.tfrecords.collection.collection import RowFilter
from drumsmith.tfrecords.collection.synthesis import synthesise, synthesise_collection
from drumsmith.tfrecords.decoding.supervisor import decode_all
from drumsmith.tfrecords.preparing import engine
from drumsmith.tfrecords.preparing.options import Options
from drumsmith.tfrecords.preparing.preparation import Preparation
from drumsmith.tfrecords.preparing.prepare import prepare
from drumsmith.tfrecords.reading.pipeline import load_split
from drumsmith.tfrecords.records.dataset_info import SPLITS, DatasetInfo

from ...helpers import audio_files as files

DRUMS = Path(__file__).parents[3].parent / "shared" / "data" / "drums"


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_sound_is_in_the_records_with_its_label(collection, prepared):
    info = DatasetInfo.load(prepared)
    assert info.labels == ("cymbal", "kick", "snare")
    assert info.counts["valid"] == {"cymbal": 1, "kick": 1, "snare": 1}
    seen = set()
    for split in ("train", "valid"):
        audio, label, sources = load_split(prepared, split)
        assert [info.labels[i] for i in label] == [source.split("/")[0] for source in sources]
        assert not audio[:, [0, -1]].any()
        np.testing.assert_array_equal(np.abs(audio).max(1), 1)
        seen.update(sources)
    assert seen == {str(path.relative_to(collection)) for path in collection.rglob("*.wav")}


def test_dataset_json_says_what_was_done(collection, prepared):
    info = DatasetInfo.load(prepared)
    assert (info.sample_rate, info.length, info.skipped) == (44100, 16384, [])
    assert info.preparation["fade_in_samples"] == 22
    source = info.sources[0]
    assert source.sha256 == hashlib.sha256((collection / source.path).read_bytes()).hexdigest()


def test_the_same_collection_gives_the_same_bytes(collection, prepared, tmp_path):
    prepare(collection, tmp_path / "again", parallel=2)
    assert contents(tmp_path / "again") == contents(prepared)


def test_a_csv_with_groups_rates_and_kinds_mixed(tmp_path):
    rows = ["path,label,machine,free"]
    for number in range(12):
        name = f"{number}.{('wav', 'flac', 'aiff')[number % 3]}"
        audio = np.stack([synthesise("kick", number, seed=1)] * (1 + number % 2), 1)
        soundfile.write(tmp_path / name, audio, (44100, 48000)[number % 2])
        rows.append(f"{name},{'ab'[number % 2]},m{number // 4},{'no' if number == 11 else 'yes'}")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    options = Options(rows=RowFilter({"free": ["yes"]}), group="machine", valid_share=0.3)
    info = prepare(tmp_path / "list.csv", tmp_path / "records", options)
    split_of = {source.group: source.split for source in info.sources}
    assert len(info.sources) == 11
    assert all(source.split == split_of[source.group] for source in info.sources)
    assert set(split_of.values()) == {"train", "valid"}


def test_a_test_part_is_written_and_read_back(collection, tmp_path):
    info = prepare(collection, tmp_path / "r", Options(valid_share=0.2, test_share=0.2))
    assert info.counts["test"] == {"cymbal": 2, "kick": 2, "snare": 2}
    assert info.counts["valid"] == {"cymbal": 2, "kick": 2, "snare": 2}
    assert len(load_split(tmp_path / "r", "test")[0]) == 6
    parts = [set(load_split(tmp_path / "r", split)[2]) for split in SPLITS]
    assert len(set.union(*parts)) == sum(map(len, parts)) == 30


def test_a_column_of_a_csv_may_say_the_part(tmp_path):
    rows = ["path,label,part"]
    for number, part in enumerate(["train", "test", "valid", "train", "later"]):
        soundfile.write(tmp_path / f"{number}.wav", synthesise("kick", number, seed=1), 44100)
        rows.append(f"{number}.wav,kick,{part}")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    info = prepare(tmp_path / "list.csv", tmp_path / "records", Options(split="part"))
    assert {source.path[0]: source.split for source in info.sources} == {
        "0": "train",
        "1": "test",
        "2": "valid",
        "3": "train",
    }
    assert "not one of train, valid, test" in info.skipped[0].reason


def test_useless_files_are_skipped_with_reasons(tmp_path):
    (tmp_path / "c" / "kick").mkdir(parents=True)
    for name, data in files.useless_files().items():
        (tmp_path / "c" / "kick" / name).write_bytes(data)
    synthesise_collection(tmp_path / "c", counts={"kick": 9}, seed=1)
    options = Options(valid_share=0.3, compression="GZIP")
    info = prepare(tmp_path / "c", tmp_path / "records", options)
    skipped = {item.path: item.reason for item in info.skipped}
    assert set(skipped) == {f"kick/{name}" for name in files.useless_files()}
    assert all(skipped.values())
    assert load_split(tmp_path / "records", "valid")[0].shape == (3, 16384)


def test_copies_are_kept_once_or_on_one_side(tmp_path):
    for name, level in (("a", 1.0), ("b", 0.5), ("c", -0.25)):
        synthesise_collection(tmp_path / "c", counts={"kick": 4}, seed=1)
        for file in sorted((tmp_path / "c" / "kick").glob("kick-*.wav")):
            audio, rate = soundfile.read(file)
            file.unlink()
            soundfile.write(file.with_name(f"{name}{file.name}"), level * audio, rate)
    once = prepare(tmp_path / "c", tmp_path / "once")
    assert {source.path[5] for source in once.sources} == {"a"}
    assert {item.copy_of for item in once.skipped} == {source.path for source in once.sources}
    kept = prepare(tmp_path / "c", tmp_path / "kept", Options(copies="keep", valid_share=0.4))
    parts = {}
    for source in kept.sources:
        parts.setdefault(source.path[6:], set()).add(source.split)
    assert all(len(splits) == 1 for splits in parts.values())
    assert set.union(*parts.values()) == {"train", "valid"}


def test_the_same_sound_under_two_labels_is_named(tmp_path):
    for label in ("kick", "boom"):
        (tmp_path / "c" / label).mkdir(parents=True)
        for number in range(3):
            audio = synthesise("kick", number + 2 * (label == "boom"), seed=1)
            soundfile.write(tmp_path / "c" / label / f"{number}.wav", audio, 44100)
    info = prepare(tmp_path / "c", tmp_path / "records")
    assert [(item.path, item.reason) for item in info.skipped] == [
        ("kick/2.wav", "is the same sound as boom/0.wav, which lies under boom")
    ]


def test_nothing_usable_leaves_nothing_behind(tmp_path):
    (tmp_path / "c" / "kick").mkdir(parents=True)
    (tmp_path / "c" / "kick" / "a.wav").write_text("this is a text")
    with pytest.raises(UserError, match=r"none of 1 files can be used; the first, kick/a\.wav, is"):
        prepare(tmp_path / "c", tmp_path / "out" / "records")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_place_that_is_taken_is_refused_before_any_work(collection, prepared, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("")
    (tmp_path / "file").write_text("")
    for place, words in (
        (tmp_path / "mine", "holds no records"),
        (tmp_path / "file", "is a file"),
        (collection / "records", "lies inside the collection"),
    ):
        with pytest.raises(UserError, match=words):
            prepare(collection, place)
    with pytest.raises(UserError, match="holds no records"):
        prepare(collection, tmp_path / "mine", Options(overwrite=True))


def test_records_of_another_collection_or_other_options_need_to_be_overwritten(tmp_path):
    for name, label in (("a", "kick"), ("b", "snare")):
        synthesise_collection(tmp_path / name, counts={label: 2}, seed=1)
    records = tmp_path / "records"
    prepare(tmp_path / "a", records)
    with pytest.raises(UserError, match="holds the sounds of another collection, such as kick/"):
        prepare(tmp_path / "b", records)
    with pytest.raises(UserError, match=r"was prepared otherwise \(length\)"):
        prepare(tmp_path / "a", records, Options(Preparation(length=4096)))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError):
        prepare(tmp_path / "empty", records, Options(overwrite=True))
    assert DatasetInfo.load(records).labels == ("kick",)
    prepare(tmp_path / "b", records, Options(overwrite=True))
    assert DatasetInfo.load(records).labels == ("snare",)
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


def test_a_second_run_decodes_what_is_new_or_changed_and_drops_what_is_gone(tmp_path, monkeypatch):
    folder = tmp_path / "c"
    synthesise_collection(folder, counts={"kick": 6, "snare": 4}, seed=1)
    (folder / "kick" / "bad.wav").write_text("no sound")
    audio, rate = soundfile.read(folder / "kick" / "kick-0000.wav")
    soundfile.write(folder / "kick" / "x-quiet.wav", audio / 2, rate)
    prepare(folder, tmp_path / "records")
    (folder / "kick" / "kick-0001.wav").unlink()
    soundfile.write(folder / "kick" / "new.wav", synthesise("kick", 20, seed=1), rate)
    soundfile.write(folder / "snare" / "snare-0000.wav", synthesise("snare", 21, seed=1), rate)
    decoded = []

    def noted(paths, *args, **options):
        decoded.extend(Path(path).name for path in paths.values())
        return decode_all(paths, *args, **options)

    monkeypatch.setattr(engine, "decode_all", noted)
    prepare(folder, tmp_path / "records")
    assert sorted(decoded) == ["new.wav", "snare-0000.wav"]
    # As if it had all been prepared anew.
    prepare(folder, tmp_path / "anew")
    assert contents(tmp_path / "records") == contents(tmp_path / "anew")
    # The original goes, so that its copy comes in.
    decoded.clear()
    (folder / "kick" / "kick-0000.wav").unlink()
    info = prepare(folder, tmp_path / "records")
    assert decoded == ["x-quiet.wav"]
    assert "kick/x-quiet.wav" in {source.path for source in info.sources}


def test_a_record_damaged_on_disk_is_decoded_again(tmp_path):
    synthesise_collection(tmp_path / "c", counts={"kick": 4}, seed=1)
    info = prepare(tmp_path / "c", tmp_path / "records")
    whole = contents(tmp_path / "records")
    shard = tmp_path / "records" / info.shards_of("train")[0].file
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    prepare(tmp_path / "c", tmp_path / "records")
    assert contents(tmp_path / "records") == whole


@pytest.mark.slow
def test_a_killed_run_leaves_no_half_records_and_the_next_one_works(collection, tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from drumsmith.tfrecords.preparing.prepare import prepare;"
        "prepare(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    records = tmp_path / "records"
    for seconds in (0.0, 0.5):
        before = set(tmp_path.iterdir())
        run = subprocess.Popen(
            [sys.executable, "-c", code, str(collection), str(records)], stderr=subprocess.DEVNULL
        )
        while set(tmp_path.iterdir()) <= before and run.poll() is None:
            time.sleep(0.01)  # until there is something half-written
        time.sleep(seconds)
        run.send_signal(signal.SIGKILL)
        run.wait()
        if records.exists():
            DatasetInfo.load(records)
    prepare(collection, records, Options(overwrite=True))
    assert DatasetInfo.load(records).count("train") == 27
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


def test_a_place_that_cannot_be_written_is_told(collection, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write .*file/records"):
        prepare(collection, tmp_path / "file" / "records")


@pytest.mark.slow
@pytest.mark.skipif(not DRUMS.is_dir(), reason="the real drums are not here")
def test_real_drums_are_all_usable(tmp_path):
    rows = (DRUMS / "manifest.csv").read_text("utf-8").splitlines()
    chosen = [rows[0], *(f"{DRUMS}/{row}" for row in rows[1::25])]
    (tmp_path / "list.csv").write_text("\n".join(chosen))
    options = Options(group="machine")
    info = prepare(tmp_path / "list.csv", tmp_path / "records", options)
    assert all(item.copy_of for item in info.skipped)
    assert len(info.sources) > 0.98 * (len(chosen) - 1)
    assert os.path.isabs(info.sources[0].path)
