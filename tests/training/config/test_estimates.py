"""Estimates: operations counted by hand, and what a person reads."""

import pytest

from drumsmith.common.durations import duration
from drumsmith.training.config import step_timing
from drumsmith.training.config.estimates import estimate
from drumsmith.training.config.operations import counted, step_operations
from drumsmith.training.config.presets import preset
from drumsmith.training.config.step_timing import StepTime, time_step


def test_operations_of_a_step_are_counted_by_hand():
    config = preset("tiny").with_settings(["width=1", "blocks=2", "batch_size=1"])
    # Folded: 7 taps. Generator: 16 steps x 2 channels -> 4 x 1, then 64 steps x 1 -> 4 x 1.
    generator = 2 * (16 * 7 * 2 * 4 * 1 + 64 * 7 * 1 * 4 * 1)
    # Critic: the mirror, with two channels at the waveform.
    critic = 2 * (16 * 7 * 2 * 4 * 1 + 64 * 7 * 1 * 4 * 2)
    expected = critic * (10 * 5 + 2) + generator * (5 + 3)
    assert step_operations(config, config.schedule.phases[-1]) == pytest.approx(expected)


@pytest.mark.parametrize(
    "setting",
    ["update=relativistic", "critic=waveform-and-log-mel", "minibatch_deviation=true"],
)
def test_a_step_that_is_not_counted_is_known_as_one(setting):
    assert counted(preset("small"))
    assert not counted(preset("small").with_settings([setting]))


def test_an_earlier_stage_costs_less():
    config = preset("small-progressive")
    costs = [step_operations(config, phase) for phase in config.schedule.phases if not phase.fading]
    assert costs == sorted(costs)
    assert costs[0] < 0.5 * costs[-1]


@pytest.fixture
def untimed(monkeypatch):
    """Take no steps: a second each, for what is said of them."""
    monkeypatch.setattr(step_timing, "_take", lambda *_: StepTime(1.0, 2.0))


def test_the_estimate_of_a_growing_run_lists_its_stages(tiny, records, untimed):
    growing = tiny.with_settings(["progressive=1", "stage_steps=3,5", "fade_steps=0,4", "steps=8"])
    stages = [line for line in estimate(growing, records) if line.startswith("stage")]
    assert len(stages) == 2
    assert "256 samples at 11,025 Hz, 3 steps, fading in for 0, " in stages[0]
    assert "1,024 samples at 44,100 Hz, 5 steps, fading in for 4, " in stages[1]


def test_what_is_done_is_not_counted_again(tiny, records, untimed):
    (line,) = [line for line in estimate(tiny, records, done=4) if line.startswith("time")]
    assert "for the 2 steps that are left" in line


def test_the_time_of_a_part_is_multiplied_by_what_is_left_out(tiny, untimed, monkeypatch):
    phase = tiny.schedule.phases[-1]
    assert time_step(tiny, 3, phase).seconds == 1.0
    monkeypatch.setattr(step_timing, "LONGEST_S", 0.0)
    monkeypatch.setattr(step_timing, "LEAST_ROWS", tiny.batch_size)
    one = tiny.with_settings(["critic_updates=1"])
    scale = step_operations(tiny, phase) / step_operations(one, phase)
    assert time_step(tiny, 3, phase).seconds == pytest.approx(scale)
    assert time_step(one, 3, phase).seconds == 1.0


DURATIONS = [(0.034, "0.034 s"), (42, "42 s"), (700, "12 minutes"), (19_000, "5.3 hours")]


@pytest.mark.parametrize(("seconds", "words"), [*DURATIONS, (400_000, "4.6 days")])
def test_a_duration_is_said_in_the_unit_that_suits(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(("share", "changed"), [(0.0, False), (0.1, True)])
def test_what_is_changed_of_the_sounds_is_timed_with_the_step(tiny, monkeypatch, share, changed):
    """Without it, steps of preset drums took 1.4 times what a dry run foretold."""
    calls = []
    monkeypatch.setattr(step_timing, "augment", lambda *given: calls.append(given) or given[0])
    monkeypatch.setattr(step_timing, "TIMED_S", 0.0)
    config = tiny.with_settings([f"augment_resample={share}"])
    time_step(config, 3, config.schedule.phases[-1])
    assert bool(calls) == changed
