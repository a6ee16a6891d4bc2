"""Runs in processes of their own: replicas, workers, signals, kills, a full disk."""

import json
import os
import signal
import socket
import subprocess
import time

import numpy as np
import pytest

from drumsmith.cli.main import main
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import read_lines

from ..helpers.runs import (
    assert_same_run,
    assert_same_weights,
    command,
    copied,
    in_process,
    steps_saved,
    weights,
)

SMALLEST = {
    "blocks": 2,
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


@pytest.fixture(scope="module")
def short(write_records, tmp_path_factory):
    """Records of 256 samples, which the smallest networks make."""
    return write_records(tmp_path_factory.mktemp("short") / "records", length=256)


def options(**changes):
    settings = [f"--set={name}={value}" for name, value in (SMALLEST | changes).items()]
    return ["--preset=tiny", *settings]


@pytest.fixture(scope="module")
def three_steps(short, tmp_path_factory):
    """A run of three steps on one device."""
    run = RunFolder(tmp_path_factory.mktemp("one") / "run")
    assert main(["train", str(short), str(run.path), *options(steps=3)]) == 0
    return run


def test_replicas_change_nothing_but_rounding(short, tmp_path, three_steps):
    run = RunFolder(tmp_path / "run")
    strategy = ("--strategy", "mirrored:2")
    done = in_process(command(short, run.path, *options(steps=3), *strategy))
    assert done.returncode == 0, done.stderr
    assert_same_weights(three_steps, run, rtol=1e-4, atol=1e-5)


def test_two_worker_processes_train_as_one(short, tmp_path, three_steps):
    run = RunFolder(tmp_path / "run")
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    workers = [
        subprocess.Popen(
            command(short, run.path, *options(steps=3), "--strategy", "multiworker"),
            env=os.environ | {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task(index)})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for index in range(2)
    ]
    errors = [worker.communicate(timeout=600)[1] for worker in workers]
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


def test_a_batch_that_does_not_divide_is_refused(short, tmp_path):
    done = in_process(command(short, tmp_path / "run", *options(), "--strategy", "mirrored:3"))
    assert done.returncode == 2
    assert "batch_size 4 does not divide among 3 replicas" in done.stderr


def test_sigterm_saves_and_the_next_call_goes_on(short, tmp_path):
    run = RunFolder(tmp_path / "run")
    process = subprocess.Popen(
        command(short, run.path, *options(steps=100_000, checkpoint_every=50_000)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: len(read_lines(run.scalars_file)) >= 3)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=600)
    (saved,) = steps_saved(run)
    assert process.returncode == 0
    assert saved >= 3
    assert f"stopped at step {saved} of 100000".encode() in out


def wait_for(condition, seconds=600):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_killed_run_goes_on_as_if_it_had_not_been(short, tmp_path):
    whole, killed = RunFolder(tmp_path / "whole"), RunFolder(tmp_path / "killed")
    assert main(["train", str(short), str(whole.path), *options(steps=30)]) == 0
    process = subprocess.Popen(
        command(short, killed.path, *options(steps=30)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: len(read_lines(killed.scalars_file)) >= 3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert main(["train", str(short), str(killed.path)]) == 0
    assert_same_run(whole, killed)


def test_a_full_disk_is_one_line_and_loses_nothing_saved(short, tmp_path, three_steps):
    run = copied(three_steps, tmp_path / "run", until=2)
    before = weights(run)
    # A checkpoint has some 100 kB; no file may grow beyond 30.
    done = in_process(["prlimit", "--fsize=30000", *command(short, run.path)])
    assert done.returncode == 2
    assert "free some space and call again, nothing that was saved before is lost" in done.stderr
    np.testing.assert_array_equal(
        before["critic/score/kernel"], weights(run)["critic/score/kernel"]
    )
    assert main(["train", str(short), str(run.path)]) == 0
    assert steps_saved(run) == [2, 3]
