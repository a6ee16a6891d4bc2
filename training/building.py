"""Networks, optimizers and the model that trains them, as a configuration and a phase say."""

import keras

from ..model.critic import Critic
from ..model.generator import Generator
from .config.config import TrainingConfig
from .config.schedule import Phase
from .updates.adam import GrowingAdam
from .updates.wgan_gp import WassersteinGan


def build_generator(config: TrainingConfig, classes: int, phase: Phase) -> Generator:
    """A built generator of ``phase``."""
    generator = Generator(
        config.latent_dim,
        upsampling=config.upsampling,
        dtype=_policy(config),
        **_shared(config, classes, phase),
    )
    generator.build()
    return generator


def build_critic(config: TrainingConfig, classes: int, phase: Phase) -> Critic:
    """A built critic of ``phase``."""
    critic = Critic(dtype=_policy(config), xla=config.xla, **_shared(config, classes, phase))
    critic.build()
    return critic


def build_gan(config: TrainingConfig, classes: int, phase: Phase) -> WassersteinGan:
    """A compiled model of ``phase``; call inside the strategy's scope.

    Initial weights follow from the seed, whatever was built before.
    """
    keras.utils.set_random_seed(config.seed)
    gan = WassersteinGan(
        build_generator(config, classes, phase),
        build_generator(config, classes, phase),
        build_critic(config, classes, phase),
        phase=phase,
        batch_size=config.batch_size,
        critic_updates=config.critic_updates,
        gp_weight=config.gp_weight,
        phase_shift=config.phase_shift,
        average_decay=config.average_decay,
        latent_prior=config.latent_prior,
        seed=config.seed,
    )
    critic_rate = config.critic_learning_rate or config.learning_rate
    gan.compile(
        _adam(config, config.learning_rate, config.steps),
        _adam(config, critic_rate, config.steps * config.critic_updates),
        jit_compile=config.xla,
    )
    return gan


def _shared(config: TrainingConfig, classes: int, phase: Phase) -> dict:
    return {
        "classes": classes,
        "width": config.width,
        "blocks": config.blocks,
        "kernel_size": config.kernel_size,
        "embedding_dim": config.embedding_dim,
        "conditioning": config.conditioning,
        "stage": phase.stage,
        "fading": phase.fading,
    }


def _policy(config: TrainingConfig) -> str:
    return "mixed_bfloat16" if config.precision == "bfloat16" else "float32"


def _adam(config: TrainingConfig, rate: float, updates: int) -> GrowingAdam:
    if config.learning_rate_end < 1:
        rate = keras.optimizers.schedules.PolynomialDecay(
            rate, updates, rate * config.learning_rate_end
        )
    return GrowingAdam(rate, config.beta_1, config.beta_2)
