"""A model of the pretrained model's kind, as small as it can be: training can go on from it."""

import pytest

from drumsmith.cli.main import main
from drumsmith.model import latent_flow
from drumsmith.training.config.presets import preset

from .random_records import write_records
from .runs import untrained

SETTINGS = [
    "generator=tones-and-noise",
    "update=reconstruction",
    "width=8",
    "latent_dim=6",
    "batch_size=6",
    "steps=1",
    "blocks=4",
]
"""As `drums`, without its augmentation and lines; it takes several times as long to trace."""

FLOW_STEPS = 1
"""Of the way to a code: each is traced on its own, in every signature."""


def export_small_drums(folder):
    """Write ``records`` of cymbals, kicks and snares, a ``run`` on them, and its ``models``."""
    records = write_records(folder / "records", length=4096)
    run = untrained(preset("tiny").with_settings(SETTINGS), records, folder / "run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent_flow, "STEPS", FLOW_STEPS)
        assert main(["export", str(run.path), str(folder / "models")]) == 0
