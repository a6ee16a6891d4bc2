"""Everything that decides what a run does, frozen, stored in the run and restored from it."""

import dataclasses
import types
import typing
from dataclasses import dataclass
from typing import Any

from ...common.errors import ConfigError
from ...common.likely import no_such
from ...model.growth import SEED_LENGTH, last_stage, stage_length
from ...model.network_config import NetworkConfig, refuse, require_at_least, require_choice
from .schedule import Schedule, plain_schedule, progressive_schedule

PRECISIONS = ("auto", "float32", "bfloat16")

BEST_BY = ("score", "distance")


@dataclass(frozen=True)
class TrainingConfig(NetworkConfig):
    """A run's configuration; the defaults are the paper's (Drysdale et al. 2020, section 4).

    The networks' options come first, see `NetworkConfig`: all options are reached by one name,
    whatever part reads them.
    """

    # Name of the preset that this started from.
    preset: str = "paper"

    # Training
    # What one step computes, see `updates.registry.UPDATES`.
    update: str = "wgan-gp"
    # Generator updates in all.
    steps: int = 50_000
    # Sounds in each update, over all replicas.
    batch_size: int = 64
    # Critic updates before each generator update.
    critic_updates: int = 5
    # Adam's learning rate, of both networks.
    learning_rate: float = 2e-4
    # The critic's own learning rate; None takes learning_rate (two time-scale updates).
    critic_learning_rate: float | None = None
    # Share of the learning rate that is left at the last step; it falls linearly from the start.
    learning_rate_end: float = 1.0
    # Adam's decay of the mean gradient.
    beta_1: float = 0.5
    # Adam's decay of the mean squared gradient.
    beta_2: float = 0.99
    # Weight of the gradient penalty.
    gp_weight: float = 10.0
    # Reach of phase shuffle, in samples of each layer's rate; 0 turns it off.
    phase_shift: int = 2
    # Of update reconstruction: weight of the codes' divergence from N(0, 1).
    kl_weight: float = 0.003
    # Decay of the averaged generator, reached by a warm-up from 0.1.
    average_decay: float = 0.999
    # Seed of everything: initial weights, order of the data, z, mixes, shifts, augmentation.
    seed: int = 0

    # Growth
    # Grow through the stages instead of training the complete network from the start.
    progressive: bool = False
    # Steps of each stage, from the first; None divides steps as `stage_shares` says.
    stage_steps: tuple[int, ...] | None = None
    # Of those, steps in which the new block fades in; None is half of each stage's.
    fade_steps: tuple[int, ...] | None = None

    # Data
    # Draw every class equally often instead of every sound.
    balanced: bool = False
    # Augmentation: lower the level by up to so many dB.
    augment_gain_db: float = 0.0
    # Augmentation: start later by up to so many ms.
    augment_shift_ms: float = 0.0
    # Augmentation: turn half the sounds upside down.
    augment_polarity: bool = False
    # Augmentation: largest change of speed, as a share, to either side.
    augment_resample: float = 0.0
    # Of critics: generated sounds, too, change in level and polarity before a critic hears them.
    augment_generated: bool = False
    # Of update reconstruction: each sound dies away slower or faster by up to this share.
    augment_stretch: float = 0.0
    # Of update reconstruction: deviation in dB of a smooth filter of the noise.
    augment_tilt_db: float = 0.0
    # Of update reconstruction: share of the sounds that get the tones of another of their label.
    augment_exchange: float = 0.0

    # Arithmetic
    # float32, or bfloat16 for the convolutions alone: variables, penalty and losses stay float32.
    # auto takes the one in which this machine convolves faster; on a GPU float32.
    precision: str = "auto"
    # Compile the step with XLA.
    xla: bool = False

    # What the run leaves behind
    # Steps between checkpoints.
    checkpoint_every: int = 500
    # How many checkpoints to keep.
    keep: int = 3
    # Steps between previews.
    preview_every: int = 500
    # Steps between lines of scalars.jsonl.
    log_every: int = 10
    # Steps between light evaluations on the validation sounds; 0 for none.
    evaluate_every: int = 0
    # By what the light evaluation chooses the best checkpoint: score, or distance, the log-mel one
    # alone, where held-out sounds are so few that the score's other terms are mostly chance.
    best_by: str = "score"
    # Light evaluations in a row without a better one, or one that finds copies of training sounds,
    # after which the run ends; 0 goes on to the last step.
    patience: int = 0

    def __post_init__(self):
        super().__post_init__()
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, list):
                object.__setattr__(self, field.name, tuple(value))
        _check(self)

    @property
    def length(self) -> int:
        """Samples of a complete sound."""
        return SEED_LENGTH * 4**self.blocks

    @property
    def schedule(self) -> Schedule:
        """What trains when."""
        last = last_stage(self.blocks)
        if not self.progressive:
            return plain_schedule(self.steps, last)
        stage_steps = self.stage_steps or divide_steps(self.steps, last + 1)
        fade_steps = self.fade_steps or tuple(steps // 2 for steps in stage_steps)
        return progressive_schedule(stage_steps, fade_steps)

    def to_json(self) -> dict[str, Any]:
        """As JSON's types."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainingConfig":
        """Restore; options that this version does not know are refused by name."""
        unknown = sorted(set(values) - {field.name for field in dataclasses.fields(cls)})
        if unknown:
            raise ConfigError(f"unknown option {', '.join(unknown)}; {_known_options(cls)}")
        if values.get("generator") == "tones-and-noise":
            values = {"measures": 1} | values  # as long as there were no others, they were not said
        return cls(**values)

    def with_settings(self, settings: list[str]) -> "TrainingConfig":
        """Apply ``key=value`` texts, each value parsed as its option's type says.

        Raises:
            ConfigError: an unknown key, a value of the wrong type, or a contradiction.

        """
        changes = dict(_parse_setting(setting) for setting in settings)
        return dataclasses.replace(self, **changes)


# Options that say what a run leaves behind, not what it computes.
HOUSEKEEPING = (
    *("checkpoint_every", "keep", "preview_every", "log_every"),
    *("evaluate_every", "best_by", "patience"),
)

# Options that decide what a trained network makes, but that no step reads.
FREE = ("spread",)

MAY_CHANGE = (*HOUSEKEEPING, *FREE, "precision")


def contradiction(stored: TrainingConfig, wanted: TrainingConfig, step: int) -> str | None:
    """Return the first option with which ``wanted`` cannot go on where ``stored`` stands, or None.

    What a run leaves behind may change, and its end may move, as long as every step that was done
    would have been the same. So may the precision: it shapes no variable, and a machine that lacks
    the one the run began with must not be bound to it; the run's history tells of the change.
    """
    for field in dataclasses.fields(stored):
        if getattr(stored, field.name) == getattr(wanted, field.name):
            continue
        if field.name in MAY_CHANGE:
            continue
        if field.name == "steps" and _same_past(stored, wanted, step):
            continue
        return field.name
    return None


def _same_past(stored: TrainingConfig, wanted: TrainingConfig, step: int) -> bool:
    if stored.learning_rate_end != 1 or wanted.steps < step:
        return False
    before, after = stored.schedule, wanted.schedule
    ends = [phase.start for phase in (*before.phases, *after.phases)]
    return all(
        before.stage_and_fade(at) == after.stage_and_fade(at)
        for at in {*ends, *(max(end - 1, 0) for end in ends), max(step - 1, 0)}
        if at < step
    )


def stage_shares(stages: int) -> tuple[float, ...]:
    """How the steps divide among the stages by default: half of them to the last.

    The paper gives no durations. Early stages converge in few steps, and their steps cost less.
    """
    early = 0.5 / max(stages - 1, 1)
    return (early,) * (stages - 1) + (1.0 - early * (stages - 1),)


def divide_steps(steps: int, stages: int) -> tuple[int, ...]:
    """Whole steps of each stage by `stage_shares`, adding up to ``steps``."""
    early = [round(steps * share) for share in stage_shares(stages)[:-1]]
    return (*early, steps - sum(early))


def option_types() -> dict[str, Any]:
    """Every option's type."""
    return typing.get_type_hints(TrainingConfig)


def _known_options(cls: type) -> str:
    return "known are " + ", ".join(field.name for field in dataclasses.fields(cls))


def _parse_setting(text: str) -> tuple[str, Any]:
    key, separator, value = text.partition("=")
    key = key.strip().replace("-", "_")
    if not separator:
        raise ConfigError(f"--set takes key=value, not {text!r}")
    if key not in option_types():
        raise ConfigError(no_such("option", key, option_types()))
    try:
        return key, _parse(value.strip(), option_types()[key])
    except ValueError:
        raise ConfigError(f"{key} cannot be {value!r}: it is {_describe(key)}") from None


def _describe(key: str) -> str:
    kind = option_types()[key]
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _parse(value: str, kind: Any) -> Any:
    if typing.get_origin(kind) is types.UnionType:
        if value.lower() == "none":
            return None
        kind = next(choice for choice in typing.get_args(kind) if choice is not type(None))
    if typing.get_origin(kind) is tuple:
        (element, _) = typing.get_args(kind)
        return tuple(element(part) for part in value.split(","))
    if kind is bool:
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if value.lower() not in words:
            raise ValueError(value)
        return words[value.lower()]
    return kind(value)


_AT_LEAST_ONE = (
    "steps",
    "batch_size",
    "critic_updates",
    "checkpoint_every",
    "keep",
    "preview_every",
    "log_every",
)

_LARGEST_SEED = 2**31 - 1
"""Seeds are int32 where a step draws its noise."""


def _check(config: TrainingConfig) -> None:
    """Refuse what cannot work, by name, before any work is done."""
    # Both lead to classes whose modules read configurations.
    from ...model.networks import critic_class, generator_class
    from ..updates.registry import update_class

    update_class(config).check(config)
    for kind, network in (("generator", generator_class), ("critic", critic_class)):
        if not network(config).grows and config.progressive:
            refuse(config, "progressive", f"{kind} {getattr(config, kind)} does not grow")
    for name in _AT_LEAST_ONE:
        require_at_least(config, name, 1)
    for name in ("learning_rate", "critic_learning_rate"):
        if (rate := getattr(config, name)) is not None and not rate > 0:
            refuse(config, name, "it must be above 0")
    for name in ("beta_1", "beta_2", "average_decay"):
        if not 0 <= getattr(config, name) < 1:
            refuse(config, name, "it must be in [0, 1)")
    for name in ("learning_rate_end", "augment_resample", "augment_stretch", "augment_exchange"):
        if not 0 <= getattr(config, name) <= 1:
            refuse(config, name, "it must be in [0, 1]")
    for name in (
        "gp_weight",
        "kl_weight",
        "augment_gain_db",
        "augment_shift_ms",
        "augment_tilt_db",
        "evaluate_every",
        "patience",
    ):
        if getattr(config, name) < 0:
            refuse(config, name, "it must not be negative")
    if not 0 <= config.seed <= _LARGEST_SEED:
        refuse(config, "seed", f"it must be 0 to {_LARGEST_SEED}")
    if not 0 <= config.phase_shift < SEED_LENGTH:
        refuse(config, "phase_shift", f"it must be 0 to {SEED_LENGTH - 1}")
    require_choice(config, "precision", PRECISIONS)
    require_choice(config, "best_by", BEST_BY)
    _check_growth(config)


def _check_growth(config: TrainingConfig) -> None:
    stages = last_stage(config.blocks) + 1
    for name in ("stage_steps", "fade_steps"):
        steps = getattr(config, name)
        if steps is None:
            continue
        if not config.progressive:
            refuse(config, name, "it needs progressive")
        if len(steps) != stages or min(steps) < 0:
            refuse(
                config,
                name,
                f"it takes {stages} numbers of steps, one for each stage of {_lengths(stages)}",
            )
    if config.stage_steps and sum(config.stage_steps) != config.steps:
        refuse(
            config,
            "stage_steps",
            f"they add up to {sum(config.stage_steps)}, steps is {config.steps}",
        )


def _lengths(stages: int) -> str:
    return ", ".join(str(stage_length(stage)) for stage in range(stages)) + " samples"
