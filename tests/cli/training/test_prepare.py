import argparse
from dataclasses import asdict

import pytest

from drumsmith.cli.main import main
from drumsmith.cli.training import prepare
from drumsmith.tfrecords.collection.synthesis import synthesise_collection
from drumsmith.tfrecords.preparing.preparation import Preparation
from drumsmith.tfrecords.records.dataset_info import DatasetInfo


@pytest.fixture(scope="module")
def collection(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "drums"
    synthesise_collection(folder, counts={"kick": 3, "snare": 2}, seed=1)
    (folder / "snare" / "bad.wav").write_text("no sound")
    return folder


def test_it_makes_records_and_says_what_is_in_them(collection, tmp_path, capsys):
    records = tmp_path / "records"
    code = main(["prepare", str(collection), str(records), "--length", "4096", "--jobs", "1"])
    output = " ".join(capsys.readouterr().out.split())
    assert code == 0
    assert DatasetInfo.load(records).length == 4096
    assert "│ kick │ 2 │ 1 │ 0 │" in output
    assert "│ snare/bad.wav │ is not readable as audio" in output
    assert "attention: label snare: 1 of its 3 files could not be used" in output
    assert "5 sounds of 0.0929 s at 44100 Hz" in output


def test_a_family_has_the_sounds_of_its_kinds(collection, tmp_path, capsys):
    records = tmp_path / "records"
    assert (
        main(
            [
                "prepare",
                str(collection),
                str(records),
                "--family",
                "drum=kick,snare",
                "--family=drum=tom,kick",
            ]
        )
        == 0
    )
    output = " ".join(capsys.readouterr().out.split())
    assert "drum: kick, snare count as drum, too, 5 sounds in all" in output
    assert "label drum has no" not in output
    assert "attention: family drum: there is no label tom" in output
    info = DatasetInfo.load(records)
    assert info.labels == ("drum", "kick", "snare")
    assert len(info.entries("train")[0]) == 2 * info.count("train")


def test_a_dry_run_notices_a_family_without_kinds(collection, tmp_path, capsys):
    dry = ["prepare", str(collection), str(tmp_path / "records"), "--dry-run"]
    assert main([*dry, "--family", "drum=tom"]) == 2
    assert "family drum: there is no label tom" in capsys.readouterr().err


def test_the_printed_defaults_are_the_librarys():
    parser = argparse.ArgumentParser()
    prepare.add_arguments(parser)
    args = vars(parser.parse_args(["a", "b"]))
    for name, value in asdict(Preparation()).items():
        assert args[name] == value


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--where", "licence"], "--where 'licence' is not of the form COLUMN=VALUE"),
        (["--where", "a=b"], "need the columns of a CSV"),
        (["--length", "10"], "length 10 is below 256"),
        (["--valid-share", "1"], "valid_share 1.0 is not in [0, 1)"),
        (["--valid-share", ".5", "--test-share", ".5"], "leave nothing for training"),
        (["--fade-in-ms", "-1"], "fade_in_ms -1.0 is not a number from 0 upwards"),
        (["--jobs", "0"], "--jobs 0 is below 1"),
        (["--family", "drum"], "--family 'drum' is not of the form LABEL=KIND,KIND,..."),
        (["--family", "drum=drum"], "family drum cannot hold drum, which is one itself"),
        (["--family", "drum=tom"], "family drum: there is no label tom in the collection"),
    ],
)
def test_a_wrong_option_is_one_line_and_code_2(collection, tmp_path, capsys, options, words):
    assert main(["prepare", str(collection), str(tmp_path / "records"), *options]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert not (tmp_path / "records").exists()


def test_an_empty_folder_is_one_line_and_code_2(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert main(["prepare", str(tmp_path / "empty"), str(tmp_path / "records")]) == 2
    assert "has no sounds: put audio files into one sub-folder" in capsys.readouterr().err
    assert not (tmp_path / "records").exists()


def test_a_text_named_wav_is_one_line_and_code_2(tmp_path, capsys):
    (tmp_path / "c" / "kick").mkdir(parents=True)
    (tmp_path / "c" / "kick" / "a.wav").write_text("words")
    assert main(["prepare", str(tmp_path / "c"), str(tmp_path / "records")]) == 2
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("drumsmith: none of 1 files can be used; the first, kick/a.wav, is not")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c"]


def test_a_dry_run_shows_which_name_gave_which_label_and_does_nothing(tmp_path, capsys):
    packs = tmp_path / "packs"
    for name in ("Vintage/BD 01.wav", "Vintage/Snare.wav", "To sort/kick.wav", "To sort/zzz.wav"):
        (packs / name).parent.mkdir(parents=True, exist_ok=True)
        (packs / name).write_bytes(b"RIFF")
    records = tmp_path / "records"
    assert main(["prepare", str(packs), str(records), "--labels", "names", "--dry-run"]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "kick │ bd │ 1 │ Vintage/BD 01.wav" in output
    assert "left out: To sort/zzz.wav is unlabelled: no rule knows its name" in output
    assert "3 sounds would be decoded, 1 left out" in output
    quick = ["--labels", "boom=bd*,k*", "--dry-run"]
    assert main(["prepare", str(packs), str(records), *quick]) == 0
    assert "2 sounds would be decoded" in capsys.readouterr().out
    assert not records.exists()


def test_packs_are_not_taken_for_labels_unasked(tmp_path, capsys):
    for name in ("Vintage/BD 01.wav", "Vintage/Snare.wav"):
        (tmp_path / "packs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "packs" / name).write_bytes(b"RIFF")
    command = ["prepare", str(tmp_path / "packs"), str(tmp_path / "records"), "--dry-run"]
    assert main(command) == 2
    error = capsys.readouterr().err
    assert "look like packs, not like labels ('Vintage' holds kick, snare by their names)" in error
    assert "--labels names" in error
    assert main([*command, "--labels", "folders"]) == 0


def test_struck_sounds_beside_the_records_are_read_unasked(collection, tmp_path, capsys):
    (tmp_path / "records.exclude.txt").write_text("kick/kick-0001.wav\n# a comment\n")
    command = ["prepare", str(collection), str(tmp_path / "records"), "--dry-run"]
    assert main(command) == 0
    assert "left out: kick/kick-0001.wav is struck out" in capsys.readouterr().out
