"""Operations of a step, counted."""

from ...model.growth import FACTOR, SEED_LENGTH
from ...model.layers.folding import downsampling_fold, upsampling_fold
from .config import TrainingConfig
from .schedule import Phase

CRITIC_PASSES = 10
"""Forward passes of one batch that a critic update costs: real and fake forward (2) and backward
(4), the penalty's forward and gradient (2), and that gradient's own backward (2)."""

GENERATOR_PASSES = 3
"""Forward passes of the generator that its update costs; the critic's forward and input gradient
(2) come on top."""


def counted(config: TrainingConfig) -> bool:
    """Whether `step_operations` knows what a step of ``config`` computes."""
    plain = config.critic == "waveform" and not config.minibatch_deviation
    return config.update == "wgan-gp" and config.generator == "upsampling" and plain


def step_operations(config: TrainingConfig, phase: Phase) -> float:
    """Floating-point operations of one step in the folded form (a multiply-add is two)."""
    up = upsampling_fold(config.kernel_size, FACTOR, config.upsampling).shape[0]
    down = downsampling_fold(config.kernel_size, FACTOR).shape[0]
    critic = down * _operations_per_tap(config, phase, waveform_channels=2)
    generator = up * _operations_per_tap(config, phase, waveform_channels=1)
    updates = config.critic_updates
    passes = critic * (CRITIC_PASSES * updates + 2) + generator * (updates + GENERATOR_PASSES)
    return passes * config.batch_size


def _operations_per_tap(config: TrainingConfig, phase: Phase, waveform_channels: int) -> float:
    """Of one forward pass of one sound; generator and critic mirror each other."""
    blocks = phase.stage + 2
    channels = [config.width * 2 ** (config.blocks - 1 - block) for block in range(blocks)]
    total = 0.0
    for block in range(blocks):
        steps = SEED_LENGTH * FACTOR**block
        outer = channels[block + 1] if block + 1 < blocks else waveform_channels
        total += 2.0 * steps * channels[block] * FACTOR * outer
    return total
