"""The networks by name, and how they are made from a configuration."""

from collections.abc import Mapping
from typing import Any, TypeVar

from ..common.errors import ConfigError
from ..common.likely import no_such
from .critic import Critic
from .encoder import Encoder
from .generator import Generator
from .log_mel_critic import WaveformAndLogMelCritic
from .network_config import NetworkConfig
from .tones_and_noise_generator import TonesAndNoiseGenerator
from .upsampling_generator import UpsamplingGenerator

GENERATORS: dict[str, type[Generator]] = {
    "upsampling": UpsamplingGenerator,
    "tones-and-noise": TonesAndNoiseGenerator,
}

CRITICS: dict[str, type[Critic]] = {
    "waveform": Critic,
    "waveform-and-log-mel": WaveformAndLogMelCritic,
}

_Network = TypeVar("_Network")


def generator_class(config: NetworkConfig) -> type[Generator]:
    """Return the generator that ``config`` names.

    Raises:
        ConfigError: there is none of that name.

    """
    return _named("generator", config.generator, GENERATORS)


def critic_class(config: NetworkConfig) -> type[Critic]:
    """Return the critic that ``config`` names.

    Raises:
        ConfigError: there is none of that name.

    """
    return _named("critic", config.critic, CRITICS)


def build_generator(config: NetworkConfig, classes: int, **options: Any) -> Generator:
    """Make a built generator; ``options`` are its class's own: stage, fading, dtype."""
    generator = generator_class(config)(config.networks, classes, **options)
    generator.build()
    return generator


def build_critic(config: NetworkConfig, classes: int, **options: Any) -> Critic:
    """Make a built critic; ``options`` are its class's own: stage, fading, dtype, xla."""
    critic = critic_class(config)(config.networks, classes, **options)
    critic.build()
    return critic


def build_encoder(config: NetworkConfig, classes: int) -> Encoder:
    """Make a built encoder, which goes with generator ``tones-and-noise``."""
    encoder = Encoder(config.networks, classes)
    encoder.build()
    return encoder


def _named(kind: str, name: str, known: Mapping[str, type[_Network]]) -> type[_Network]:
    if name not in known:
        raise ConfigError(no_such(kind, name, known))
    return known[name]
