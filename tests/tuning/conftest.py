import sys

import pytest

from drumsmith.cli.main import main
from drumsmith.tfrecords.collection.synthesis import synthesise_collection
from drumsmith.tfrecords.preparing.preparation import Preparation
from drumsmith.tfrecords.preparing.prepare import Options, prepare
from drumsmith.training.callbacks import light_evaluation
from drumsmith.training.config.presets import preset
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.trainer import train
from drumsmith.tuning import collection, outcome, settings
from drumsmith.tuning import tune as tune_module

SMALLEST = ["latent_dim=6", "batch_size=6", "critic_updates=1", "steps=4", "blocks=3"]

WITH_AN_ENCODER = [
    "generator=tones-and-noise",
    "update=reconstruction",
    "width=8",
    "latent_dim=6",
    "batch_size=6",
    "steps=1",
    "blocks=4",
]
"""As `drums`, without its augmentation and lines; it takes several times as long to trace."""


FEW = (
    (collection, "REHEARSED", 24),
    (outcome, "JUDGED", 24),
    (light_evaluation, "SOUNDS_PER_CLASS", 24),
    (settings, "FEWEST_STEPS", 4),
    (tune_module, "COMPARED", 8),
)
"""Numbers of sounds and of steps that give figures worth reading, here far smaller."""


@pytest.fixture(scope="session", autouse=True)
def few():
    with pytest.MonkeyPatch.context() as patch:
        for module, name, number in FEW:
            patch.setattr(module, name, number)
        yield


@pytest.fixture(scope="session")
def program():
    """Command line that runs drumsmith in a process of its own, with the same few."""
    lines = [f"import {module.__name__} as at; at.{name} = {few}" for module, name, few in FEW]
    lines += ["from drumsmith.cli.main import main", "raise SystemExit(main())"]
    return [sys.executable, "-c", "\n".join(lines)]


@pytest.fixture(scope="session")
def old_run(tmp_path_factory):
    """A run of a few steps that knows kick and snare."""
    return trained(tmp_path_factory.mktemp("old"), SMALLEST, length=1024)


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """A folder of `models` of one version that training can go on from, and of its `run`."""
    folder = tmp_path_factory.mktemp("exported")
    run = trained(folder, WITH_AN_ENCODER, length=4096)
    assert main(["export", str(run), str(folder / "models")]) == 0
    return folder


def trained(folder, settings, length):
    synthesise_collection(folder / "sounds", counts={"kick": 16, "snare": 16}, seed=1)
    options = Options(preparation=Preparation(length=length), valid_share=0.3)
    prepare(folder / "sounds", folder / "records", options)
    run = RunFolder(folder / "run")
    train(preset("tiny").with_settings(settings), folder / "records", run)
    return run.path


@pytest.fixture(scope="session")
def sounds(tmp_path_factory):
    """One's own sounds: kicks, and cymbals, which the old run does not know."""
    folder = tmp_path_factory.mktemp("own") / "sounds"
    synthesise_collection(folder, counts={"kick": 26, "cymbal": 26}, seed=2)
    return folder
