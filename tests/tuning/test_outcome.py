import dataclasses

import pytest

from drumsmith.tuning.outcome import Outcome, verdict

NEAR = Outcome(distance=1.1, coverage=1.0, right=1.0, faulty=0.0, copies=0.0)


@pytest.mark.parametrize("distance", [1.1, 1.4])
def test_who_gained_nothing_is_told(distance):
    words = verdict({"before": NEAR, "tuned": dataclasses.replace(NEAR, distance=distance)})
    assert words.startswith("nothing was gained")
    assert words.endswith(f"(1.1x against {distance}x)")


def test_who_gained_is_left_alone():
    assert verdict({"before": NEAR, "tuned": dataclasses.replace(NEAR, distance=0.9)}) is None
