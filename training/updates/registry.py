"""The kinds of training step by name, and the model that a run trains."""

import keras

from ...common.errors import ConfigError
from ...common.likely import no_such
from ..config.config import TrainingConfig
from ..config.schedule import Phase
from .reconstruction import Reconstruction
from .reconstruction_and_critic import ReconstructionAndCritic
from .relativistic import RelativisticGan
from .trainable import TrainableModel
from .wgan_gp import WassersteinGan

UPDATES: dict[str, type[TrainableModel]] = {
    "wgan-gp": WassersteinGan,
    "relativistic": RelativisticGan,
    "reconstruction": Reconstruction,
    "reconstruction-and-critic": ReconstructionAndCritic,
}


def update_class(config: TrainingConfig) -> type[TrainableModel]:
    """Return the model whose step ``config`` names.

    Raises:
        ConfigError: there is none of that name.

    """
    if config.update not in UPDATES:
        raise ConfigError(no_such("update", config.update, UPDATES))
    return UPDATES[config.update]


def build_trainable(config: TrainingConfig, classes: int, phase: Phase) -> TrainableModel:
    """Return a compiled model of ``phase``; call inside the strategy's scope.

    Initial weights follow from the seed, whatever was built before.
    """
    keras.utils.set_random_seed(config.seed)
    model = update_class(config).create(config, classes, phase)
    model.made_by = config
    return model
