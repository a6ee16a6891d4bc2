"""A model of the kind that is in the box, as small as it can be: training can go on from it."""

from drumsmith.cli.main import main
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


def export_small_drums(folder):
    """Write ``records`` of cymbals, kicks and snares, a ``run`` on them, and its ``models``."""
    records = write_records(folder / "records", length=4096)
    run = untrained(preset("tiny").with_settings(SETTINGS), records, folder / "run")
    assert main(["export", str(run.path), str(folder / "models")]) == 0
