"""Reasons of a slow run, each planted."""

import dataclasses

import pytest

from drumsmith.training.pace import Pace, Usage, examine_pace, others_between, swapped_share

FAST = Pace(
    seconds=2.0,
    expected=1.9,
    precision="float32",
    gain=0.6,
    cores=4,
    threads=4,
    others=0.1,
    swapped=0.0,
)

REASONS = [
    ({"precision": "bfloat16", "gain": 8.8}, "bfloat16 takes 8.8 times as long"),
    ({"threads": 1}, "operations use 1 of 4 cores"),
    ({"others": 2.5}, "other processes use 2.5 of 4 cores"),
    ({"swapped": 0.4}, "40% of its memory is swapped"),
    ({}, "slow disk"),
]


@pytest.mark.parametrize(("changes", "words"), REASONS)
def test_a_slow_run_is_told_its_reason(changes, words):
    (diagnosis,) = examine_pace(dataclasses.replace(FAST, seconds=9.0, **changes))
    assert diagnosis.name == "slow"
    assert diagnosis.message == "a step takes 9 s where this machine alone needs 1.9 s"
    assert words in diagnosis.advice


@pytest.mark.parametrize(("changes", "words"), REASONS[:-1])
def test_a_reason_is_named_where_the_expected_time_suffers_from_it_too(changes, words):
    """As it does from other processes: the convolution that tells it is timed beside them."""
    (diagnosis,) = examine_pace(dataclasses.replace(FAST, **changes))
    assert diagnosis.message == "a step takes 2 s and could take less"
    assert words in diagnosis.advice


@pytest.mark.parametrize(
    "changes", [{}, {"others": 0.5}, {"seconds": 99.0, "expected": None, "others": 3.0}]
)
def test_a_run_as_fast_as_it_can_be_is_left_in_peace(changes):
    assert examine_pace(dataclasses.replace(FAST, **changes)) == []


def test_what_others_use_is_the_machines_time_without_ours():
    before, after = Usage(0.0, 5.0, 100.0), Usage(10.0, 15.0, 130.0)
    assert others_between(before, after) == pytest.approx(2.0)
    assert others_between(before, Usage(10.0, 15.0, None)) is None


def test_the_share_of_swapped_memory_is_a_share():
    assert 0.0 <= swapped_share() <= 1.0
