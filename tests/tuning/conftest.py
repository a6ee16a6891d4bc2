import sys

import pytest

from drumsmith.model import latent_flow
from drumsmith.tfrecords.collection.synthesis import synthesise_collection
from drumsmith.tfrecords.preparing.preparation import Preparation
from drumsmith.tfrecords.preparing.prepare import Options, prepare
from drumsmith.training.callbacks import light_evaluation
from drumsmith.training.config.presets import preset
from drumsmith.tuning import collection, outcome, settings
from drumsmith.tuning import tune as tune_module

from ..helpers.made_once import made_once
from ..helpers.runs import untrained
from ..helpers.small_drums import FLOW_STEPS

SMALLEST = ["latent_dim=6", "batch_size=6", "critic_updates=1", "steps=4", "blocks=3"]

FEW = (
    (collection, "REHEARSED", 24),
    (outcome, "JUDGED", 24),
    (light_evaluation, "SOUNDS_PER_CLASS", 24),
    (settings, "FEWEST_STEPS", 4),
    (tune_module, "COMPARED", 8),
    (latent_flow, "STEPS", FLOW_STEPS),
)
"""Numbers of sounds and of steps that give figures worth reading, here far smaller."""


@pytest.fixture(scope="module", autouse=True)
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
    """A run that knows kick and snare."""

    def make(folder):
        synthesise_collection(folder / "sounds", counts={"kick": 16, "snare": 16}, seed=1)
        options = Options(preparation=Preparation(length=1024), valid_share=0.3)
        prepare(folder / "sounds", folder / "records", options)
        untrained(preset("tiny").with_settings(SMALLEST), folder / "records", folder / "run")

    return made_once(tmp_path_factory, "old", make) / "run"


@pytest.fixture(scope="session")
def sounds(tmp_path_factory):
    """One's own sounds: kicks, and cymbals, which the old run does not know."""
    folder = tmp_path_factory.mktemp("own") / "sounds"
    synthesise_collection(folder, counts={"kick": 26, "cymbal": 26}, seed=2)
    return folder
