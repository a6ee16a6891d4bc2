"""Named configurations: the paper's experiments, and their small forms for a CPU."""

import dataclasses

from .config import ConfigError, TrainingConfig

_SMALL = {"width": 16, "steps": 10_000}
# What the small network gains most from in the first hour, on real drums: many cheap updates at
# higher rates, two time-scale updates (Heusel et al. 2017) instead of five critic updates, and
# labels that both networks cannot overlook. Not the paper's; RESULTS.md has what was measured.
_FAST = _SMALL | {
    "batch_size": 32,
    "critic_updates": 2,
    "learning_rate": 5e-4,
    "critic_learning_rate": 1e-3,
    "conditioning": "projection",
    "balanced": True,
    "steps": 20_000,
}
# Not the paper's either: no critic, and a generator of tones and noise.
_DRUMS = {
    "generator": "tones-and-noise",
    "lines": True,
    "attack": True,
    "update": "reconstruction",
    "latent_dim": 64,
    "width": 256,
    "batch_size": 48,
    "learning_rate": 1e-3,
    "learning_rate_end": 0.02,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "balanced": True,
    # Without these three, new sounds are nearer to training sounds than real ones are.
    "augment_resample": 0.1,
    "augment_stretch": 0.2,
    "augment_tilt_db": 3.0,
    "augment_exchange": 0.3,
    "kl_weight": 0.006,
    "steps": 8_000,
}
_DEMO = {
    "width": 8,
    "batch_size": 16,
    "steps": 500,
    "checkpoint_every": 100,
    "preview_every": 250,
}
_TINY = {
    "width": 2,
    "steps": 20,
    "batch_size": 8,
    "checkpoint_every": 10,
    "preview_every": 10,
    # Tests compare runs bit for bit, which a choice by time would not survive.
    "precision": "float32",
}

_CHANGES: dict[str, dict] = {
    "paper": {},
    "paper-z3": {"latent_dim": 3},
    "paper-progressive": {"progressive": True},
    "small": _SMALL,
    "small-z3": _SMALL | {"latent_dim": 3},
    "small-progressive": _SMALL | {"progressive": True},
    "small-fast": _FAST,
    "drums": _DRUMS,
    "demo": _DEMO,
    "tiny": _TINY,
}


def preset(name: str) -> TrainingConfig:
    """Return the preset of that name.

    Raises:
        ConfigError: there is none; the message lists those there are.

    """
    if name not in _CHANGES:
        raise ConfigError(f"unknown preset {name!r}; known are {', '.join(_CHANGES)}")
    return dataclasses.replace(TrainingConfig(), preset=name, **_CHANGES[name])
