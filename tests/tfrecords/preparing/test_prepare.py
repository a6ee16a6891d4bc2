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
from drumsmith.tfrecords.preparing.preparation import Preparation
from drumsmith.tfrecords.preparing.prepare import Options, prepare
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


def test_the_audio_is_the_files(collection, prepared):
    audio, _, sources = load_split(prepared, "train")
    options = Preparation()
    for row, source in zip(audio[:5], sources[:5], strict=True):
        original, _ = soundfile.read(collection / source)
        place = slice(options.fade_in_samples, 3000)
        lag = np.argmax(np.correlate(original[:4200], row[place])) - place.start
        piece = original[lag + place.start : lag + place.stop]
        assert np.corrcoef(piece, row[place])[0, 1] > 0.9999


def test_dataset_json_says_what_was_done(collection, prepared):
    info = DatasetInfo.load(prepared)
    assert (info.sample_rate, info.length, info.skipped) == (44100, 16384, [])
    assert info.preparation["fade_in_samples"] == 22
    source = info.sources[0]
    assert source.sha256 == hashlib.sha256((collection / source.path).read_bytes()).hexdigest()


def test_the_same_collection_gives_the_same_bytes(collection, prepared, tmp_path):
    prepare(collection, tmp_path / "again", parallel=1)
    assert contents(tmp_path / "again") == contents(prepared)


def test_a_csv_with_groups_rates_and_kinds_mixed(tmp_path):
    rows = ["path,label,machine,free"]
    for number in range(12):
        name = f"{number}.{('wav', 'flac', 'aiff')[number % 3]}"
        audio = files.drum(1 + number % 2) * (1 - 0.01 * number)
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
        soundfile.write(tmp_path / f"{number}.wav", files.drum() * (1 - 0.1 * number), 44100)
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


def test_useless_files_are_skipped_with_reasons_and_duplicates_stay_together(tmp_path):
    for name, data in files.useless_files().items():
        (tmp_path / "c" / "kick").mkdir(parents=True, exist_ok=True)
        (tmp_path / "c" / "kick" / name).write_bytes(data)
    for number in range(9):
        data = files.encoded("WAV", "PCM_16", audio=files.drum() * (1 - 0.1 * (number // 3)))
        (tmp_path / "c" / "kick" / f"good{number}.wav").write_bytes(data)
    options = Options(valid_share=0.3, compression="GZIP")
    info = prepare(tmp_path / "c", tmp_path / "records", options)
    skipped = {item.path: item.reason for item in info.skipped}
    assert set(skipped) == {f"kick/{name}" for name in files.useless_files()}
    assert all(skipped.values())
    assert info.count("valid") == 3
    by_content = {source.sha256: source.split for source in info.sources}
    assert all(by_content[source.sha256] == source.split for source in info.sources)
    assert load_split(tmp_path / "records", "valid")[0].shape == (3, 16384)


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
        (prepared, "replace it by --overwrite"),
        (tmp_path / "mine", "holds no records"),
        (tmp_path / "file", "is a file"),
        (collection / "records", "lies inside the collection"),
    ):
        with pytest.raises(UserError, match=words):
            prepare(collection, place)
    with pytest.raises(UserError, match="holds no records"):
        prepare(collection, tmp_path / "mine", Options(overwrite=True))


def test_overwriting_replaces_the_records_when_the_new_ones_are_whole(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name / "kick").mkdir(parents=True)
        (tmp_path / name / "kick" / f"{name}.wav").write_bytes(files.encoded("WAV", "PCM_16"))
    records = tmp_path / "records"
    prepare(tmp_path / "a", records)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError):
        prepare(tmp_path / "empty", records, Options(overwrite=True))
    assert DatasetInfo.load(records).sources[0].path == "kick/a.wav"
    prepare(tmp_path / "b", records, Options(overwrite=True))
    assert DatasetInfo.load(records).sources[0].path == "kick/b.wav"
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


@pytest.mark.slow
def test_a_killed_run_leaves_no_half_records_and_the_next_one_works(collection, tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from drumsmith.tfrecords.preparing.prepare import prepare;"
        "prepare(Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    records = tmp_path / "records"
    for seconds in (0.5, 3.0, 5.0):
        run = subprocess.Popen(
            [sys.executable, "-c", code, str(collection), str(records)], stderr=subprocess.DEVNULL
        )
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
    assert not info.skipped
    assert len(info.sources) == len(chosen) - 1
    assert os.path.isabs(info.sources[0].path)
