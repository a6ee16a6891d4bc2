"""Needs Apache Beam: pip install -e '.[beam]', or the extra dev."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import soundfile

from drumsmith.cli.main import main
from drumsmith.tfrecords.collection.synthesis import synthesise, synthesise_collection
from drumsmith.tfrecords.preparing.options import Options
from drumsmith.tfrecords.preparing.prepare import prepare

pytest.importorskip("apache_beam", reason="no Apache Beam")
# Of Apache Beam and what it imports; nothing of ours.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_messy_collection_gives_the_very_bytes_of_the_ordinary_form(
    messy, messy_options, tmp_path
):
    from drumsmith.tfrecords.beam.prepare import prepare_with_beam

    root, _, expected, records = messy
    info = prepare_with_beam(root, tmp_path / "records", messy_options, parallel=2)
    assert any(item.copy_of for item in info.skipped)
    assert info == expected
    assert contents(tmp_path / "records") == contents(records)
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


def test_records_of_the_ordinary_form_are_brought_up_to_date(tmp_path):
    from drumsmith.tfrecords.beam.prepare import prepare_with_beam

    root, options = tmp_path / "c", Options(compression="GZIP", copies="keep", test_share=0.2)
    synthesise_collection(root, counts={"kick": 6, "snare": 4}, seed=1)
    prepare(root, tmp_path / "records", options)
    (root / "kick" / "kick-0001.wav").unlink()
    audio, rate = soundfile.read(root / "kick" / "kick-0000.wav")
    soundfile.write(root / "kick" / "quiet.wav", audio / 2, rate)
    soundfile.write(root / "snare" / "new.wav", synthesise("snare", 30, seed=1), rate)
    prepare_with_beam(root, tmp_path / "records", options, parallel=1)
    prepare(root, tmp_path / "anew", options)
    assert contents(tmp_path / "records") == contents(tmp_path / "anew")


@pytest.mark.slow
def test_a_killed_run_loses_nothing_and_the_next_one_works(tmp_path):
    from drumsmith.tfrecords.beam.prepare import prepare_with_beam

    root, records = tmp_path / "c", tmp_path / "records"
    synthesise_collection(root, counts={"kick": 12}, seed=1)
    prepare(root, records)
    before = contents(records)
    soundfile.write(root / "kick" / "new.wav", synthesise("kick", 90, seed=1), 44100)
    command = [sys.executable, "-m", "drumsmith", "prepare", "c", "records", "--beam"]
    run = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while run.poll() is None and not list(tmp_path.glob(".*.partial/.spool/*")):
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert contents(records) == before
    prepare_with_beam(root, records)
    prepare(root, tmp_path / "anew")
    assert contents(records) == contents(tmp_path / "anew")
    shutil.rmtree(tmp_path / "anew")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "records"]


def test_a_runner_that_does_not_exist_is_one_line_and_leaves_nothing(tmp_path, capsys):
    synthesise_collection(tmp_path / "c", counts={"kick": 2}, seed=1)
    words = ["prepare", str(tmp_path / "c"), str(tmp_path / "records"), "--beam", "--runner=Walker"]
    assert main(words) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("drumsmith: Apache Beam does not take --runner=Walker")
    assert not (tmp_path / "records").exists()


@pytest.mark.slow
def test_nothing_of_it_loads_tensorflow():
    code = "import sys, drumsmith.tfrecords.beam.prepare; assert 'tensorflow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
