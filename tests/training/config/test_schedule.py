"""Which stage and fade belongs to which step: tables."""

import pytest
import tensorflow as tf

from drumsmith.training.config.config import TrainingConfig, divide_steps
from drumsmith.training.config.schedule import plain_schedule, progressive_schedule

GROWING = progressive_schedule((100, 200, 200, 500), (0, 100, 50, 200))

TABLE = [
    (0, 0, 1.0),
    (99, 0, 1.0),
    (100, 1, 0.0),
    (150, 1, 0.5),
    (199, 1, 0.99),
    (200, 1, 1.0),
    (299, 1, 1.0),
    (300, 2, 0.0),
    (325, 2, 0.5),
    (350, 2, 1.0),
    (500, 3, 0.0),
    (600, 3, 0.5),
    (700, 3, 1.0),
    (999, 3, 1.0),
    (5000, 3, 1.0),
]


@pytest.mark.parametrize(("step", "stage", "fade"), TABLE)
def test_a_step_has_its_stage_and_fade(step, stage, fade):
    assert GROWING.stage_and_fade(step) == (stage, pytest.approx(fade))


@pytest.mark.parametrize(("step", "stage", "fade"), TABLE[:-1])
def test_fade_is_the_same_inside_a_graph(step, stage, fade):
    assert float(GROWING.at(step).fade(tf.constant(step, tf.int64))) == pytest.approx(fade)


def test_phases_follow_each_other_without_a_gap():
    ends = [phase.end for phase in GROWING.phases]
    assert [phase.start for phase in GROWING.phases] == [0, *ends[:-1]]
    assert GROWING.steps == 1000


def test_the_last_phase_is_the_plain_network():
    assert not GROWING.phases[-1].fading
    assert GROWING.phases[-1].stage == 3


def test_a_stage_without_steps_is_passed_over():
    assert [phase.stage for phase in progressive_schedule((0, 5, 5), (0, 0, 0)).phases] == [1, 2]


def test_plain_training_is_one_phase():
    assert plain_schedule(10, 3).stage_and_fade(0) == (3, 1.0)


def test_default_shares_use_every_step():
    assert sum(divide_steps(1003, 4)) == 1003
    assert TrainingConfig(progressive=True, steps=1003).schedule.steps == 1003
