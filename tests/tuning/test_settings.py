"""How a tuning run spends its time."""

import pytest

from drumsmith.training.config.presets import preset
from drumsmith.tuning.settings import (
    EVALUATION_STEPS,
    EVALUATIONS_SHARE,
    _fitting,
    tuning_config,
)


@pytest.mark.parametrize(("steps", "evaluations"), [(260, 2), (1000, 6), (5000, 10)])
def test_evaluations_are_paid_for_out_of_the_time(steps, evaluations):
    """A minute of tuning took two, as ten evaluations came on top of what was asked for."""
    left, count = _fitting(steps)
    assert count == evaluations
    assert left + count * EVALUATION_STEPS == steps
    assert count == 2 or count * EVALUATION_STEPS <= 1.1 * EVALUATIONS_SHARE * steps


def test_there_are_some_steps_however_little_time_there_is():
    assert _fitting(3.0)[0] >= 4


def test_a_folders_sounds_are_changed_but_do_not_lend_each_other_their_tones():
    """Tones of one sound under another's noise took a folder's distance from 2.0 to 2.3."""
    origin = preset("drums")
    tuned = tuning_config(origin, [0], minutes=1, steps=100, seed=0, judged=False)
    assert origin.augment_exchange > 0
    assert tuned.augment_exchange == 0
    for name in ("augment_resample", "augment_stretch", "augment_tilt_db"):
        assert getattr(tuned, name) == getattr(origin, name) > 0
