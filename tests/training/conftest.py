import pytest

from drumsmith.training.config.presets import preset
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.trainer import train

from ..helpers import random_records as records_module
from ..helpers.made_once import made_once

SETTINGS = [
    "blocks=3",
    "latent_dim=6",
    "embedding_dim=4",
    "kernel_size=9",
    "batch_size=4",
    "critic_updates=1",
    "steps=6",
    "checkpoint_every=2",
    "preview_every=100",
    "log_every=1",
    "keep=10",
    "seed=3",
]


@pytest.fixture(scope="session")
def records(tmp_path_factory):
    """A folder of records of 1024 samples, three classes."""
    return records_module.write_records(tmp_path_factory.mktemp("data") / "records")


@pytest.fixture(scope="session")
def tiny():
    """A configuration that trains a step in milliseconds, on `records`."""
    return preset("tiny").with_settings(SETTINGS)


@pytest.fixture(scope="session")
def whole(tiny, records, tmp_path_factory):
    """A run of six steps, a checkpoint at each second; to be copied, not changed."""

    def make(folder):
        train(tiny.with_settings(["preview_every=3"]), records, folder / "run")

    return RunFolder(made_once(tmp_path_factory, "whole", make) / "run")


@pytest.fixture(scope="session")
def write_records():
    """The function that writes records."""
    return records_module.write_records
