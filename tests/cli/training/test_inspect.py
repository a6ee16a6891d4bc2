import numpy as np
import pytest
import soundfile

from drumsmith.cli.main import main
from drumsmith.tfrecords.reading.pipeline import load_split

from ...helpers.random_records import write_records


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return write_records(tmp_path_factory.mktemp("inspect") / "records")


def test_it_shows_what_is_in_the_records(records, capsys):
    assert main(["inspect", str(records)]) == 0
    output = " ".join(capsys.readouterr().out.split())
    assert "54 sounds of 0.0232 s at 44100 Hz" in output


def test_a_sound_comes_back_out_sample_by_sample(records, tmp_path, capsys):
    audio, _, sources = load_split(records, "train")
    out = tmp_path / "a.wav"
    assert main(["inspect", str(records), "--sound", sources[5], "--out", str(out)]) == 0
    pcm, rate = soundfile.read(out, dtype="int16")
    assert rate == 44100
    np.testing.assert_array_equal(pcm, np.rint(audio[5] * 32767))
    assert main(["inspect", str(records), "--sound", "no.wav"]) == 2
    assert "has no sound no.wav" in capsys.readouterr().err


def test_verify_says_that_all_is_well_or_what_is_not(records, tmp_path, capsys):
    assert main(["inspect", str(records), "--verify"]) == 0
    assert "54 records in 2 shards, all as they were written" in capsys.readouterr().out
    damaged = write_records(tmp_path / "damaged")
    shard = damaged / "valid-00000-of-00001.tfrecord"
    data = bytearray(shard.read_bytes())
    data[-3] ^= 1
    shard.write_bytes(data)
    assert main(["inspect", str(damaged), "--verify"]) == 1
    assert "valid-00000-of-00001.tfrecord, record 17 at byte" in capsys.readouterr().out


def test_the_schema_is_printed(capsys):
    assert main(["inspect", "any", "--schema"]) == 0
    assert '"x-record"' in capsys.readouterr().out
