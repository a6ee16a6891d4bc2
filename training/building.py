"""Networks and optimizers as a configuration and a phase say."""

import keras

from ..model import networks
from ..model.critic import Critic
from ..model.encoder import Encoder
from ..model.generator import Generator
from .config.config import TrainingConfig
from .config.schedule import Phase
from .updates.adam import GrowingAdam


def build_generator(config: TrainingConfig, classes: int, phase: Phase) -> Generator:
    """Return a built generator of ``phase``."""
    return networks.build_generator(
        config, classes, stage=phase.stage, fading=phase.fading, dtype=_policy(config)
    )


def build_critic(config: TrainingConfig, classes: int, phase: Phase) -> Critic:
    """Return a built critic of ``phase``."""
    return networks.build_critic(
        config,
        classes,
        stage=phase.stage,
        fading=phase.fading,
        xla=config.xla,
        dtype=_policy(config),
    )


def build_encoder(config: TrainingConfig, classes: int) -> Encoder:
    """Build the encoder that goes with generator ``tones-and-noise``."""
    return networks.build_encoder(config, classes)


def build_optimizer(config: TrainingConfig, rate: float, updates: int) -> GrowingAdam:
    """Adam at ``rate``, falling over so many ``updates`` as the configuration says."""
    if config.learning_rate_end < 1:
        rate = keras.optimizers.schedules.PolynomialDecay(
            rate, updates, rate * config.learning_rate_end
        )
    return GrowingAdam(rate, config.beta_1, config.beta_2)


def _policy(config: TrainingConfig) -> str:
    return "mixed_bfloat16" if config.precision == "bfloat16" else "float32"
