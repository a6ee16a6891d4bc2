"""What a tuning run does with its time."""

import dataclasses
from collections.abc import Sequence

from ..training.config.config import TrainingConfig
from ..training.config.step_timing import time_step

RATE = 0.4
"""Of the learning rate that the networks were trained with."""

RATE_END = 0.02
"""Share of that rate that is left when the time is over."""

FEWEST_EVALUATIONS, MOST_EVALUATIONS = 2, 10
"""Times that the held-out sounds are compared with, spread over the run."""

EVALUATIONS_SHARE = 0.15
"""Of the time, for evaluations with their previews and checkpoints, as long as they are enough."""

EVALUATION_STEPS = 25
"""Steps that take as long as one of them: 5.8 s where a step takes 0.23 s, with three labels."""

PATIENCE = 4
"""Evaluations in a row without a better one after which it is not going to get better."""

AVERAGES = 20
"""How often the weights' running average could be renewed within the run."""

FEWEST_STEPS = 20


def tuning_config(
    origin: TrainingConfig,
    source: Sequence[int],
    *,
    minutes: float,
    steps: int | None = None,
    seed: int,
    judged: bool,
) -> TrainingConfig:
    """Return the configuration of a run that takes about ``minutes`` on this machine.

    The learning rate falls over the steps that fit, so it has fallen when the time is over.

    Args:
        origin: of the run that is tuned.
        source: for each label of the new run, the label of ``origin`` that it starts as.
        minutes: for training and its evaluations.
        steps: instead of ``minutes``.
        seed: of the run.
        judged: whether there are held-out sounds to compare with.

    """
    spread = origin.spread
    if len(spread) > 1:
        spread = tuple((*spread, *[1.0] * (1 + max(source)))[number] for number in source)
    config = dataclasses.replace(
        origin,
        learning_rate=RATE * origin.learning_rate,
        learning_rate_end=RATE_END,
        balanced=True,
        # The tones of one sound under the noise of another are new drums where there are many; of a
        # folder they are drums that it does not have.
        augment_exchange=0.0,
        spread=spread,
        seed=seed,
    )
    evaluations = MOST_EVALUATIONS
    if steps is None:
        steps, evaluations = _fitting(_steps_in(config, len(source), minutes))
    every = max(1, steps // evaluations)
    return dataclasses.replace(
        config,
        steps=steps,
        average_decay=average_decay(origin, steps),
        checkpoint_every=every,
        preview_every=every,
        evaluate_every=every if judged else 0,
        best_by="distance",
        patience=PATIENCE if judged else 0,
        keep=2,
    )


def average_decay(config: TrainingConfig, steps: int) -> float:
    """Return the decay of the weights' average for a run of so many steps.

    Over 1000 steps a short run would hardly leave where it started.
    """
    return min(config.average_decay, 1.0 - min(AVERAGES / steps, 0.5))


def _steps_in(config: TrainingConfig, classes: int, minutes: float) -> float:
    return 60 * minutes / time_step(config, classes, config.schedule.phases[-1]).seconds


def _fitting(steps: float) -> tuple[int, int]:
    """Return the steps and evaluations that take as long as so many steps alone."""
    share = round(EVALUATIONS_SHARE * steps / EVALUATION_STEPS)
    evaluations = min(max(share, FEWEST_EVALUATIONS), MOST_EVALUATIONS)
    return max(FEWEST_STEPS, round(steps - evaluations * EVALUATION_STEPS)), evaluations
