"""Estimates: operations counted by hand, and what a person reads."""

import pytest

from drumsmith.training.config.estimates import estimate, step_operations
from drumsmith.training.config.presets import preset


def test_operations_of_a_step_are_counted_by_hand():
    config = preset("tiny").with_settings(["width=1", "blocks=2", "batch_size=1"])
    # Folded: 7 taps. Generator: 16 steps x 2 channels -> 4 x 1, then 64 steps x 1 -> 4 x 1.
    generator = 2 * (16 * 7 * 2 * 4 * 1 + 64 * 7 * 1 * 4 * 1)
    # Critic: the mirror, with two channels at the waveform.
    critic = 2 * (16 * 7 * 2 * 4 * 1 + 64 * 7 * 1 * 4 * 2)
    expected = critic * (10 * 5 + 2) + generator * (5 + 3)
    assert step_operations(config, config.schedule.phases[-1]) == pytest.approx(expected)


def test_an_earlier_stage_costs_less():
    config = preset("small-progressive")
    costs = [step_operations(config, phase) for phase in config.schedule.phases if not phase.fading]
    assert costs == sorted(costs)
    assert costs[0] < 0.5 * costs[-1]


def test_the_estimate_names_sizes_memory_and_time(records):
    lines = "\n".join(estimate(preset("tiny"), records))
    for word in ("generator parameters", "critic parameters", "memory", "time on this machine"):
        assert word in lines
