"""How a tuning run spends its time."""

import pytest

from drumsmith.tuning.settings import EVALUATION_STEPS, EVALUATIONS_SHARE, _fitting


@pytest.mark.parametrize(("steps", "evaluations"), [(260, 2), (1000, 6), (5000, 10)])
def test_evaluations_are_paid_for_out_of_the_time(steps, evaluations):
    """A minute of tuning took two, as ten evaluations came on top of what was asked for."""
    left, count = _fitting(steps)
    assert count == evaluations
    assert left + count * EVALUATION_STEPS == steps
    assert count == 2 or count * EVALUATION_STEPS <= 1.1 * EVALUATIONS_SHARE * steps


def test_there_are_some_steps_however_little_time_there_is():
    assert _fitting(3.0)[0] >= 4
