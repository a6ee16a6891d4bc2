"""Runs as tests compare, copy and start them."""

import resource
import shutil
import subprocess
import sys
from contextlib import contextmanager

import numpy as np

from drumsmith.tfrecords.records.dataset_info import DatasetInfo
from drumsmith.training.callbacks.scalars import MACHINE_SCALARS
from drumsmith.training.run.checkpoints import (
    list_checkpoints,
    newest_whole,
    save_checkpoint,
    step_of,
)
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import read_lines
from drumsmith.training.run.state import state_of
from drumsmith.training.trainer import describe_data
from drumsmith.training.updates.registry import build_trainable

GROWING = ["progressive=1", "stage_steps=3,5", "fade_steps=0,3", "steps=8"]


def losses(run):
    """Lines of scalars without what depends on the machine."""
    return [
        {name: value for name, value in line.items() if name not in MACHINE_SCALARS}
        for line in read_lines(run.scalars_file)
    ]


def weights(run):
    """The newest state."""
    return newest_whole(run.checkpoints)[1]


def untrained(config, records, folder):
    """A run that has saved the networks it begins with, and has made no step.

    It is all that an export or another run reads, without tracing a step, which takes far longer.
    """
    run, info = RunFolder(folder), DatasetInfo.load(records)
    model = build_trainable(config, len(info.labels), config.schedule.at(0))
    save_checkpoint(run.checkpoints, 0, state_of(model), config.keep)
    run.describe(config, describe_data(info))
    return run


def steps_saved(run):
    return [step_of(path) for path in list_checkpoints(run.checkpoints)]


def assert_same_run(left, right):
    assert losses(left) == losses(right)
    assert_same_weights(left, right)


def assert_same_weights(left, right, **tolerance):
    first, second = weights(left), weights(right)
    assert set(first) == set(second)
    for name, array in first.items():
        np.testing.assert_allclose(second[name], array, err_msg=name, **tolerance)


def copied(run, folder, until=None):
    """Copy a run to ``folder``, without checkpoints after step ``until``."""
    copy = RunFolder(folder)
    shutil.copytree(run.path, copy.path)
    for path in list_checkpoints(copy.checkpoints):
        if until is not None and step_of(path) > until:
            path.unlink()
    return copy


def command(records, run, *options):
    """The command that trains, for a process of its own."""
    program = (sys.executable, "-m", "drumsmith.cli.main", "train")
    return [*program, str(records), str(run), *options]


def in_process(arguments):
    """Run a command to its end with nothing of this process's TensorFlow."""
    return subprocess.run(arguments, capture_output=True, text=True, timeout=600, check=False)


@contextmanager
def full_disk(most=30_000):
    """No file of this process may grow beyond ``most`` bytes; a checkpoint has some 100,000."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
