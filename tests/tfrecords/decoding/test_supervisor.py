import os
import signal
import time
from pathlib import Path

from drumsmith.tfrecords.decoding.supervisor import decode_all
from drumsmith.tfrecords.preparing.preparation import Preparation

from ...helpers import audio_files as files


def children():
    tasks = Path(f"/proc/{os.getpid()}/task")
    return {int(n) for task in tasks.iterdir() for n in (task / "children").read_text().split()}


def write(folder, contents):
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return {number: str(folder / name) for number, name in enumerate(contents)}


def test_every_kind_comes_out_once_and_damage_is_told(tmp_path):
    kinds = files.FAST | files.SLOW
    right = {name: files.encoded(*kind, rate=48000) for name, kind in kinds.items()}
    contents = right | files.odd_files() | files.useless_files()
    names = list(contents)
    results = list(decode_all(write(tmp_path, contents), Preparation(), stalled_s=10))
    assert sorted(result.number for result in results) == list(range(len(names)))
    skipped = {names[result.number]: result.reason for result in results if result.reason}
    assert set(skipped) == set(files.useless_files())
    assert skipped["empty.ogg"] == "is an empty file"
    assert skipped["silent.wav"] == "is silent"
    assert all(len(result.pcm) == 2 * 16384 for result in results if not result.reason)


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost_or_doubled(tmp_path):
    wav = files.encoded("WAV", "PCM_16")
    paths = write(tmp_path, {f"{n}.wav": wav for n in range(60)})
    before = children()
    numbers = []
    for result in decode_all(paths, Preparation(), parallel=2):
        assert not result.reason
        numbers.append(result.number)
        if len(numbers) == 5:
            for worker in children() - before:
                os.kill(worker, signal.SIGKILL)
    assert sorted(numbers) == list(range(60))
    assert children() == before


def test_giving_up_leaves_no_worker_behind(tmp_path):
    before = children()
    results = decode_all(write(tmp_path, {"a.wav": files.encoded("WAV", "PCM_16")}), Preparation())
    next(results)
    results.close()
    time.sleep(0.1)
    assert children() == before


def test_a_file_that_kills_its_worker_twice_is_skipped_by_name_and_no_other(tmp_path):
    paths = write(tmp_path, {f"{n}.wav": files.encoded("WAV", "PCM_16") for n in range(6)})
    # A pipe that nobody writes to: reading it never returns.
    os.mkfifo(tmp_path / "endless.wav")
    paths[6] = str(tmp_path / "endless.wav")
    results = {r.number: r for r in decode_all(paths, Preparation(), parallel=2, stalled_s=1)}
    assert sorted(results) == list(range(7))
    assert [n for n, result in results.items() if result.reason] == [6]
    assert results[6].reason == "makes the decoder crash or hang"
