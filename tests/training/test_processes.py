"""Runs in processes of their own: replicas, workers, signals, kills, a full disk."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from drumsmith.cli.main import main
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import read_lines

from ..helpers.runs import (
    assert_same_run,
    assert_same_weights,
    command,
    copied,
    full_disk,
    in_process,
    steps_saved,
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
    "keep": 100,
    "seed": 3,
}


@pytest.fixture(scope="module")
def short(write_records, tmp_path_factory):
    """Records of 256 samples, which the smallest networks make."""
    return write_records(tmp_path_factory.mktemp("short") / "records", length=256)


def options(**changes):
    settings = [f"--set={name}={value}" for name, value in (SMALLEST | changes).items()]
    return ["--preset=tiny", *settings]


# Each critic update is traced on its own; several are for the runs that replicas divide.
FIFTY = options(steps=50, critic_updates=1)


@pytest.fixture(scope="module")
def three_steps(short, tmp_path_factory):
    """A run of three steps of two critic updates on one device."""
    run = RunFolder(tmp_path_factory.mktemp("one") / "run")
    assert main(["train", str(short), str(run.path), *options(steps=3)]) == 0
    return run


@pytest.fixture(scope="module")
def fifty_steps(short, tmp_path_factory):
    """A run of fifty steps of one critic update, with a checkpoint at each second."""
    run = RunFolder(tmp_path_factory.mktemp("fifty") / "run")
    assert main(["train", str(short), str(run.path), *FIFTY]) == 0
    return run


# Devices are divided once in a process, and a second call finds enough of them.
MIRRORED = """
import sys
from drumsmith.cli.main import main

refused, trained = (main([*sys.argv[1:], f"--strategy=mirrored:{n}"]) for n in (3, 2))
print(refused, trained)
"""


@pytest.fixture(scope="module")
def mirrored(short, tmp_path_factory):
    """A run of three steps on two replicas, and its process, where three were refused before."""
    run = RunFolder(tmp_path_factory.mktemp("mirrored") / "run")
    arguments = command(short, run.path, *options(steps=3))
    after = arguments.index("train")
    return run, in_process([sys.executable, "-c", MIRRORED, *arguments[after:]])


def test_replicas_change_nothing_but_rounding(mirrored, three_steps):
    run, done = mirrored
    assert done.stdout.splitlines()[-1].split()[-1] == "0", done.stderr
    assert_same_weights(three_steps, run, rtol=1e-4, atol=1e-5)


def test_a_batch_that_does_not_divide_is_refused(mirrored):
    _, done = mirrored
    assert done.stdout.splitlines()[-1].split()[0] == "2"
    assert "batch_size 4 does not divide among 3 replicas" in done.stderr


def test_two_worker_processes_train_as_one(short, tmp_path, fifty_steps):
    run = RunFolder(tmp_path / "run")
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    workers = [
        subprocess.Popen(
            command(
                short, run.path, *options(steps=4, critic_updates=1), "--strategy", "multiworker"
            ),
            env=os.environ | {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task(index)})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for index in range(2)
    ]
    errors = [worker.communicate(timeout=600)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], errors
    one = copied(fifty_steps, tmp_path / "one", until=4)
    assert_same_weights(one, run, rtol=1e-4, atol=1e-5)


def task(index):
    return {"type": "worker", "index": index}


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


def test_sigterm_saves_and_ends_the_run_in_good_order(short, tmp_path, capsys):
    run = RunFolder(tmp_path / "run")

    def ask_to_end():
        wait_for(lambda: len(read_lines(run.scalars_file)) >= 3)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=ask_to_end, daemon=True).start()
    long = options(steps=100_000, checkpoint_every=50_000, critic_updates=1)
    assert main(["train", str(short), str(run.path), *long]) == 0
    (saved,) = steps_saved(run)
    assert saved >= 3
    assert f"stopped at step {saved} of 100000" in capsys.readouterr().out


def wait_for(condition, seconds=600):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_a_killed_run_goes_on_as_if_it_had_not_been_and_a_full_disk_loses_nothing(
    short, fifty_steps, tmp_path, capsys
):
    killed = RunFolder(tmp_path / "killed")
    process = subprocess.Popen(
        command(short, killed.path, *FIFTY),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: len(read_lines(killed.scalars_file)) >= 3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    saved = contents(killed.checkpoints)
    with full_disk():
        assert main(["train", str(short), str(killed.path)]) == 2
    words = "free some space and call again, nothing that was saved before is lost"
    assert words in capsys.readouterr().err
    assert saved.items() <= contents(killed.checkpoints).items()
    assert main(["train", str(short), str(killed.path)]) == 0
    assert_same_run(fifty_steps, killed)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.npz")}
