"""What is tuned: a run, or an exported model turned into the start of one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..common.errors import UserError
from ..serving.export.trained_networks import read_networks
from ..serving.pretrained import pretrained_models
from ..serving.saved_model.description import Description
from ..serving.saved_model.versions import find_version
from ..training.config.config import TrainingConfig
from ..training.run.checkpoints import save_checkpoint
from ..training.run.run_folder import RunFolder
from ..training.run.state import AVERAGED, GENERATOR

PRETRAINED = "pretrained"


def find_origin(source: str, place: Path) -> RunFolder:
    """Return the run that tuning starts from.

    Args:
        source: "pretrained", a folder of exported models, or a run.
        place: folder in which an exported model is laid out as a run.

    Raises:
        UserError: there is nothing at ``source`` that can be trained further.

    """
    if source == PRETRAINED:
        return run_of_export(pretrained_models(), place)
    folder = RunFolder(Path(source))
    if folder.exists():
        return folder
    if not folder.path.is_dir():
        raise UserError(
            f"--from takes {PRETRAINED}, a run or a models folder; there is no {source}"
        )
    return run_of_export(folder.path, place)


def run_of_export(models: Path, place: Path) -> RunFolder:
    """Lay the newest exported version out as a run with one checkpoint.

    Raises:
        UserError: there is no version, or none that can be trained further.

    """
    run = RunFolder(place)
    if run.exists():
        return run
    _, version = find_version(models)
    description = Description.read(version)
    state = _state(read_networks(version), description.summary)
    save_checkpoint(run.checkpoints, int(state["generator_optimizer/iterations"]), state, keep=1)
    summary = description.summary
    run.describe(TrainingConfig.from_json(summary["config"]), dict(summary["data"]))
    return run


def _state(networks: Mapping[str, np.ndarray], summary: Mapping[str, Any]) -> dict[str, Any]:
    # An export has the averaged generator alone: both go on from it.
    averaged = {
        name.replace(GENERATOR, AVERAGED, 1): array
        for name, array in networks.items()
        if name.split("/")[0] == GENERATOR
    }
    steps = np.array(int(summary["step"]))
    return {**networks, **averaged, "generator_optimizer/iterations": steps}
