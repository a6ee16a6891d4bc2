"""What both networks are: every option that decides their variables, or what these mean."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from ..common.errors import ConfigError
from ..common.latent_prior import LATENT_PRIORS
from .growth import last_stage
from .layers.folding import INTERPOLATIONS

CONDITIONINGS = ("channel", "projection")
"""How a label reaches the networks: the paper's way, and a stronger one."""

MEASURES = 2
"""Counts what the numbers of generator tones-and-noise have meant; of 1, tones were steady or not,
lines were measured without a window, and nothing said how the noise begins."""

_AT_LEAST_ONE = ("latent_dim", "width", "kernel_size", "embedding_dim")

_CHOICES = {
    "upsampling": INTERPOLATIONS,
    "conditioning": CONDITIONINGS,
    "latent_prior": LATENT_PRIORS,
}


@dataclass(frozen=True)
class NetworkConfig:
    """Generator and critic; the defaults are the paper's (Drysdale et al. 2020, section 3).

    A run's configuration has these options among its own, a run that starts from another takes them
    over, and a network is made again from them. How many classes there are is the data's.

    Raises:
        ConfigError: a value cannot work; the message names it.

    """

    # Which generator, see `networks.GENERATORS`.
    generator: str = "upsampling"
    # Which critic, see `networks.CRITICS`.
    critic: str = "waveform"
    # Length of z.
    latent_dim: int = 100
    # Distribution of z: normal, or uniform on [-1, 1].
    latent_prior: str = "normal"
    # Channels of the blocks beside the waveform; the others follow by doubling.
    width: int = 64
    # The same of the critic; None takes width.
    critic_width: int | None = None
    # Whether the critic also hears how much the sounds of a batch differ.
    minibatch_deviation: bool = False
    # Blocks of each network; the audio has 16 * 4 ** blocks samples.
    blocks: int = 5
    # Taps of every convolution.
    kernel_size: int = 25
    # Length of a label's embedding.
    embedding_dim: int = 50
    # How the generator's blocks interpolate: nearest, the paper's, or cubic, with weaker images.
    upsampling: str = "nearest"
    # How a label reaches the networks: channel, the paper's, or projection, which separates the
    # classes in fewer steps.
    conditioning: str = "channel"
    # Of generator tones-and-noise: whether its noise has spectral lines of its own, as metal has.
    lines: bool = False
    # Of generator tones-and-noise: whether it says how the noise begins, finer than its frames.
    attack: bool = False
    # Of generator tones-and-noise: what its numbers mean. Not to be chosen: networks that have
    # learned others are refused.
    measures: int = MEASURES
    # Of generator tones-and-noise: z is multiplied by this, so that above 1 sounds are more varied.
    # One number for all classes, or one for each in their order; classes beyond have 1. Training
    # does not read it.
    spread: tuple[float, ...] = (1.0,)

    def __post_init__(self):
        for name in _AT_LEAST_ONE:
            require_at_least(self, name, 1)
        if self.critic_width is not None:
            require_at_least(self, "critic_width", 1)
        if last_stage(self.blocks) < 0:
            refuse(self, "blocks", "it must be at least 2")
        if not self.spread or not all(value > 0 for value in self.spread):
            refuse(self, "spread", "every number must be above 0")
        for name, choices in _CHOICES.items():
            require_choice(self, name, choices)
        if self.generator == "tones-and-noise" and self.measures != MEASURES:
            refuse(
                self,
                "measures",
                f"this version takes sounds apart otherwise ({MEASURES}), so these networks cannot "
                "be used or trained further by it; train anew. Exported models still work",
            )

    @property
    def networks(self) -> "NetworkConfig":
        """The options of this class alone, where a subclass has more."""
        return NetworkConfig(**{name: getattr(self, name) for name in NETWORK_OPTIONS})


NETWORK_OPTIONS = tuple(field.name for field in dataclasses.fields(NetworkConfig))

ADDED = ("lines", "attack")
"""Options whose layers start at 0, so that a run with them may start from one without."""

OF_THE_CRITIC = ("critic", "critic_width", "minibatch_deviation")
"""Options that no variable of a generator depends on."""


def refuse(config: Any, name: str, why: str) -> None:
    """Raise the ConfigError that names an option and its value."""
    raise ConfigError(f"{name} cannot be {getattr(config, name)!r}: {why}")


def require_at_least(config: Any, name: str, least: int) -> None:
    """Refuse the option ``name`` unless it is a whole number from ``least``."""
    value = getattr(config, name)
    if not isinstance(value, int) or value < least:
        refuse(config, name, f"it must be at least {least}")


def require_choice(config: Any, name: str, choices: tuple[str, ...]) -> None:
    """Refuse the option ``name`` unless it is one of ``choices``."""
    if getattr(config, name) not in choices:
        refuse(config, name, f"it is one of {', '.join(choices)}")
