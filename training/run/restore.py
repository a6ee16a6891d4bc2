"""The trained generator out of a run, for export."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...model.encoder import Encoder
from ...model.generator import Generator
from ...model.growth import by_name, stage_length
from ..building import build_encoder, build_generator
from ..config.config import TrainingConfig
from .checkpoints import newest_whole, read_state
from .config_stamp import require_stamp
from .run_folder import RunError, RunFolder
from .state import AVERAGED, ENCODER, GENERATOR, step_in


@dataclass(frozen=True)
class TrainedGenerator:
    """A generator and what there is to say about it.

    Attributes:
        generator: built, with the weights of ``step``.
        labels: names of the classes, in the order of label.
        sample_rate: Hz; an early stage's is as much lower as its sounds are shorter.
        length: samples of a sound.
        latent_dim: length of z.
        latent_prior: what z is drawn from.
        preparation: how the sounds were prepared; empty in runs that did not keep it.
        step: generator updates done.
        stage: growth stage.
        fade: share of that stage's newest block; below 1 while it fades in.
        averaged: whether these are the averaged weights.
        encoder: trained with the generator; None where the run has none.
        summary: preset, steps, configuration and data, for the export's description.

    """

    generator: Generator
    labels: tuple[str, ...]
    sample_rate: int
    length: int
    latent_dim: int
    latent_prior: str
    preparation: Mapping[str, Any]
    step: int
    stage: int
    fade: float
    averaged: bool
    summary: dict[str, Any]
    encoder: Encoder | None = None


def load_generator(run: Path, *, averaged: bool = True, best: bool = False) -> TrainedGenerator:
    """Restore the generator of a run's newest whole checkpoint.

    Args:
        run: the run's folder.
        averaged: take the averaged weights instead of the last ones.
        best: take the checkpoint that the light evaluation liked best.

    Raises:
        RunError: no run, no checkpoint, or none that can be read.

    """
    folder = RunFolder(run)
    config, data = folder.load()
    state = _state(folder, best)
    require_stamp(state, config)
    step = step_in(state)
    phase = config.schedule.before(step)
    generator = build_generator(config, len(data["labels"]), phase)
    role = AVERAGED if averaged else GENERATOR
    for name, variable in by_name(generator.variables).items():
        if f"{role}/{name}" not in state:
            raise RunError(f"{run} has no {role}/{name} in its checkpoint: it is of other networks")
        variable.assign(state[f"{role}/{name}"])
    encoder = _encoder(config, len(data["labels"]), state)
    length = stage_length(phase.stage)
    return TrainedGenerator(
        generator=generator,
        labels=tuple(data["labels"]),
        sample_rate=data["sample_rate"] * length // data["length"],
        length=length,
        latent_dim=config.latent_dim,
        latent_prior=config.latent_prior,
        preparation=data.get("preparation", {}),
        step=step,
        stage=phase.stage,
        fade=float(phase.fade(step)),
        averaged=averaged,
        summary={
            "preset": config.preset,
            "step": step,
            "stage": phase.stage,
            "fade": float(phase.fade(step)),
            "averaged": averaged,
            "config": config.to_json(),
            "data": data,
        },
        encoder=encoder,
    )


def _encoder(config: TrainingConfig, classes: int, state: Mapping[str, Any]) -> Encoder | None:
    """Return the encoder that was trained with the generator, if one was."""
    if not any(name.startswith(f"{ENCODER}/") for name in state):
        return None
    encoder = build_encoder(config, classes)
    for name, variable in by_name(encoder.variables).items():
        variable.assign(state[f"{ENCODER}/{name}"])
    return encoder


def _state(folder: RunFolder, best: bool) -> dict:
    if best:
        if not folder.best_checkpoint.is_file():
            raise RunError(f"{folder.path} has no best checkpoint; train with --evaluate-every")
        return read_state(folder.best_checkpoint)
    path, state, _ = newest_whole(folder.checkpoints)
    if path is None:
        raise RunError(f"{folder.path} has no checkpoint yet; train for longer")
    return state
