"""Whole runs: files left behind, exact resume, growth, replicas, refusals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from drumsmith.common.errors import UserError
from drumsmith.training.callbacks.scalars import MACHINE_SCALARS
from drumsmith.training.config.config import ConfigError
from drumsmith.training.run.checkpoints import list_checkpoints, newest_whole, read_state, step_of
from drumsmith.training.run.restore import load_generator
from drumsmith.training.run.run_folder import RunError, RunFolder
from drumsmith.training.run.run_log import read_lines
from drumsmith.training.trainer import train

GROWING = ["progressive=1", "stage_steps=3,5", "fade_steps=0,3", "steps=8"]


def losses(run):
    return [
        {name: value for name, value in line.items() if name not in MACHINE_SCALARS}
        for line in read_lines(run.scalars_file)
    ]


def weights(run):
    _, state, _ = newest_whole(run.checkpoints)
    return state


def assert_same_run(left, right):
    assert losses(left) == losses(right)
    assert_same_weights(left, right)


def assert_same_weights(left, right, **tolerance):
    first, second = weights(left), weights(right)
    assert set(first) == set(second)
    for name, array in first.items():
        np.testing.assert_allclose(second[name], array, err_msg=name, **tolerance)


def test_a_run_leaves_everything_that_it_needs_to_go_on(tiny, records, tmp_path):
    run = RunFolder(tmp_path / "run")
    assert train(tiny.with_settings(["preview_every=3"]), records, run) == 6
    assert [step_of(path) for path in list_checkpoints(run.checkpoints)] == [2, 4, 6]
    assert [line["step"] for line in read_lines(run.scalars_file)] == [1, 2, 3, 4, 5, 6]
    assert sorted(path.name for path in run.previews.iterdir()) == [
        "step-00000003",
        "step-00000006",
    ]
    names = {path.name for path in (run.previews / "step-00000003").iterdir()}
    assert {"kick-0.wav", "snare-3.wav", "previews.png"} <= names
    assert run.load()[0].steps == 6


@pytest.mark.parametrize("settings", [[], GROWING], ids=["plain", "progressive"])
def test_a_run_that_stopped_and_went_on_is_the_run_that_did_not(tiny, records, tmp_path, settings):
    config = tiny.with_settings(settings)
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    train(config, records, whole)
    train(config, records, parts)
    for path in list_checkpoints(parts.checkpoints)[1:]:  # back to step 2
        path.unlink()
    train(config, records, parts)
    assert_same_run(whole, parts)


def test_going_on_across_a_change_of_stage_is_exact(tiny, records, tmp_path):
    config = tiny.with_settings([*GROWING, "checkpoint_every=1"])
    whole, parts = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "parts")
    train(config, records, whole)
    train(config, records, parts)
    for path in list_checkpoints(parts.checkpoints):  # back to the last step of stage 0
        if step_of(path) > 3:
            path.unlink()
    train(config, records, parts)
    assert_same_run(whole, parts)


def test_a_finished_run_has_nothing_left_to_do(tiny, records, tmp_path):
    run = RunFolder(tmp_path / "run")
    train(tiny, records, run)
    before = weights(run)
    assert train(tiny, records, run) == 6
    np.testing.assert_array_equal(
        before["critic/score/kernel"], weights(run)["critic/score/kernel"]
    )


def test_the_end_of_a_run_can_be_moved(tiny, records, tmp_path):
    whole, longer = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "longer")
    train(tiny, records, whole)
    train(tiny.with_settings(["steps=3"]), records, longer)
    train(tiny, records, longer)
    assert_same_weights(whole, longer, rtol=0)


def test_a_damaged_newest_checkpoint_is_named_and_passed_over(tiny, records, tmp_path, capsys):
    run = RunFolder(tmp_path / "run")
    train(tiny, records, run)
    list_checkpoints(run.checkpoints)[-1].write_bytes(b"not a checkpoint")
    assert train(tiny, records, run) == 6
    assert "step-00000006.npz is damaged" in capsys.readouterr().out


def test_other_records_are_refused(tiny, records, tmp_path, write_records):
    run = RunFolder(tmp_path / "run")
    train(tiny, records, run)
    others = write_records(tmp_path / "others", seed=1, train=13)
    with pytest.raises(UserError, match="was started on other records"):
        train(tiny, others, run)


def test_records_of_another_length_are_refused(tiny, records, tmp_path):
    with pytest.raises(UserError, match="prepare with --length 4096"):
        train(tiny.with_settings(["blocks=4"]), records, RunFolder(tmp_path / "run"))


def test_a_folder_that_is_no_run_is_left_alone(tiny, records, tmp_path):
    (tmp_path / "song.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty and holds no run"):
        train(tiny, records, RunFolder(tmp_path))


def test_divergence_stops_the_run_and_keeps_the_last_good_checkpoint(tiny, records, tmp_path):
    run = RunFolder(tmp_path / "run")
    train(tiny.with_settings(["steps=2"]), records, run)
    path = list_checkpoints(run.checkpoints)[-1]
    state = read_state(path)
    # Nothing less makes this network diverge in a few steps.
    state["critic/score/kernel"][:] = np.float32(1e38)
    from drumsmith.training.run.checkpoints import write_state

    write_state(path, state)
    with pytest.raises(UserError, match=r"diverged: .* the checkpoint of step 2 is kept"):
        train(tiny, records, run)
    assert [step_of(path) for path in list_checkpoints(run.checkpoints)] == [2]


@pytest.mark.parametrize("averaged", [True, False])
def test_the_generator_comes_back_from_a_run(tiny, records, tmp_path, averaged):
    run = RunFolder(tmp_path / "run")
    train(tiny, records, run)
    trained = load_generator(run.path, averaged=averaged)
    assert (trained.step, trained.sample_rate, trained.length) == (6, 44100, 1024)
    role = "averaged" if averaged else "generator"
    np.testing.assert_array_equal(
        trained.generator.seed.kernel.numpy(), weights(run)[f"{role}/seed/kernel"]
    )


def test_an_early_stage_has_a_lower_sample_rate(tiny, records, tmp_path):
    run = RunFolder(tmp_path / "run")
    train(tiny.with_settings([*GROWING, "checkpoint_every=1"]), records, run)
    for path in list_checkpoints(run.checkpoints):
        if step_of(path) > 2:
            path.unlink()
    trained = load_generator(run.path)
    assert (trained.stage, trained.length, trained.sample_rate) == (0, 256, 11025)


def test_the_light_evaluation_is_logged_and_the_best_checkpoint_kept(tiny, records, tmp_path):
    run = RunFolder(tmp_path / "run")
    train(tiny.with_settings(["evaluate_every=3"]), records, run)
    scored = [line for line in read_lines(run.scalars_file) if "evaluation/score" in line]
    assert [line["step"] for line in scored] == [3, 6]
    best = min(scored, key=lambda line: line["evaluation/score"])
    assert load_generator(run.path, best=True).step == best["step"]


def command(records, run, config, *options):
    settings = [f"--set={name}={value}" for name, value in config.items()]
    return [
        sys.executable,
        *("-m", "drumsmith.cli.main", "train", str(records), str(run), "--preset", "tiny"),
        *settings,
        *options,
    ]


SMALLEST = {
    "blocks": 3,
    "latent_dim": 6,
    "embedding_dim": 4,
    "kernel_size": 9,
    "batch_size": 4,
    "critic_updates": 2,
    "checkpoint_every": 2,
    "preview_every": 1000,
    "log_every": 1,
    "keep": 10,
    "seed": 3,
}


def in_process(arguments):
    """Run the command to its end with nothing of this process's TensorFlow."""
    return subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def three_steps(records, tmp_path_factory):
    """A run of three steps on one device, in a process of its own."""
    run = RunFolder(tmp_path_factory.mktemp("one") / "run")
    done = in_process(command(records, run.path, SMALLEST | {"steps": 3}))
    assert done.returncode == 0, done.stderr
    return run


@pytest.mark.parametrize("replicas", [2, 4])
def test_replicas_change_nothing_but_rounding(records, tmp_path, three_steps, replicas):
    run = RunFolder(tmp_path / "run")
    strategy = ("--strategy", f"mirrored:{replicas}")
    done = in_process(command(records, run.path, SMALLEST | {"steps": 3}, *strategy))
    assert done.returncode == 0, done.stderr
    assert_same_weights(three_steps, run, rtol=1e-4, atol=1e-5)


def test_two_worker_processes_train_as_one(records, tmp_path, three_steps):
    run = RunFolder(tmp_path / "run")
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    workers = [
        subprocess.Popen(
            command(records, run.path, SMALLEST | {"steps": 3}, "--strategy", "multiworker"),
            env=os.environ | {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task(index)})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for index in range(2)
    ]
    errors = [worker.communicate(timeout=120)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], errors
    assert_same_weights(three_steps, run, rtol=1e-4, atol=1e-5)


def task(index):
    return {"type": "worker", "index": index}


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


def test_multiworker_without_a_cluster_is_refused(records, tmp_path):
    done = in_process(
        command(records, tmp_path / "run", SMALLEST | {"steps": 3}, "--strategy", "multiworker")
    )
    assert done.returncode == 2
    assert "TF_CONFIG" in done.stderr


def test_a_batch_that_does_not_divide_is_refused(records, tmp_path):
    done = in_process(
        command(records, tmp_path / "run", SMALLEST | {"steps": 3}, "--strategy", "mirrored:3")
    )
    assert done.returncode == 2
    assert "batch_size 4 does not divide among 3 replicas" in done.stderr


def test_sigterm_saves_and_the_next_call_goes_on(records, tmp_path):
    run = RunFolder(tmp_path / "run")
    config = SMALLEST | {"steps": 100_000, "checkpoint_every": 50_000, "log_every": 1}
    process = subprocess.Popen(
        command(records, run.path, config), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: len(read_lines(run.scalars_file)) >= 3)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    saved = [step_of(path) for path in list_checkpoints(run.checkpoints)]
    assert process.returncode == 0
    assert len(saved) == 1
    assert saved[0] >= 3
    assert f"stopped at step {saved[0]} of 100000".encode() in out


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_killed_run_goes_on_as_if_it_had_not_been(records, tmp_path):
    whole, killed = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "killed")
    config = SMALLEST | {"steps": 40}
    assert in_process(command(records, whole.path, config)).returncode == 0
    process = subprocess.Popen(
        command(records, killed.path, config), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: len(read_lines(killed.scalars_file)) >= 7)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert in_process(command(records, killed.path, config)).returncode == 0
    assert_same_run(whole, killed)


def test_a_full_disk_is_one_line_and_loses_nothing_saved(records, tmp_path):
    run = RunFolder(tmp_path / "run")
    assert in_process(command(records, run.path, SMALLEST | {"steps": 2})).returncode == 0
    before = weights(run)
    # A checkpoint has some 200 kB; no file may grow beyond 50.
    limited = ["prlimit", "--fsize=50000", *command(records, run.path, SMALLEST | {"steps": 6})]
    done = in_process(limited)
    assert done.returncode == 2
    assert "free some space and call again, nothing that was saved before is lost" in done.stderr
    after = weights(run)
    np.testing.assert_array_equal(before["critic/score/kernel"], after["critic/score/kernel"])
    assert in_process(command(records, run.path, SMALLEST | {"steps": 6})).returncode == 0


def test_a_run_starts_from_another_ones_networks_and_its_own_step_0(tiny, records, tmp_path):
    first, second = RunFolder(tmp_path / "first"), RunFolder(tmp_path / "second")
    train(tiny, records, first)
    still = tiny.with_settings(["steps=1", "learning_rate=1e-30", "seed=9"])
    assert train(still, records, second, start_from=first.path) == 1
    old, new = weights(first), weights(second)
    for name in (name for name in old if name.startswith(("generator/", "critic/"))):
        np.testing.assert_allclose(new[name], old[name], atol=1e-6, err_msg=name)
    origin = second.load()[1]["started_from"]
    assert (origin["step"], origin["started_from"]) == (6, None)
    assert 0 < origin["hours"] < 0.1
    third = RunFolder(tmp_path / "third")
    train(still, records, third, start_from=second.path)
    assert third.load()[1]["started_from"]["started_from"] == origin


def test_a_run_that_started_from_another_goes_on_as_if_it_had_not_stopped(tiny, records, tmp_path):
    first, whole, parts = (RunFolder(tmp_path / name) for name in ("first", "whole", "parts"))
    train(tiny, records, first)
    train(tiny, records, whole, start_from=first.path)
    train(tiny.with_settings(["steps=3"]), records, parts, start_from=first.path)
    train(tiny, records, parts, start_from=first.path)
    assert_same_weights(whole, parts, rtol=0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["width=3"], "the run to start from has width=2, this one 3"),
        (["progressive=yes"], "cannot start from a trained run"),
    ],
)
def test_networks_that_differ_cannot_start_a_run(tiny, records, tmp_path, settings, message):
    first = RunFolder(tmp_path / "first")
    train(tiny.with_settings(["steps=2"]), records, first)
    with pytest.raises(ConfigError, match=message):
        train(
            tiny.with_settings(settings), records, RunFolder(tmp_path / "b"), start_from=first.path
        )
    assert not (tmp_path / "b").exists()


def test_a_run_that_exists_is_not_started_from_another(tiny, records, tmp_path):
    first, second = RunFolder(tmp_path / "first"), RunFolder(tmp_path / "second")
    train(tiny.with_settings(["steps=2"]), records, first)
    train(tiny.with_settings(["steps=2"]), records, second)
    with pytest.raises(RunError, match="was started from nothing"):
        train(tiny, records, second, start_from=first.path)
