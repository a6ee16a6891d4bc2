"""The doctor: each planted fault is found, and healthy drums are left in peace."""

import numpy as np
import pytest

from drumsmith.training.doctor import LEAST_HISTORY, examine_scalars, examine_sounds

RATE = 44100
TIME = np.arange(16384) / RATE


@pytest.fixture
def healthy():
    """Eight kicks that differ, within full scale."""
    rng = np.random.default_rng(0)
    pitches, decays = rng.uniform(60, 200, (8, 1)), rng.uniform(5, 40, (8, 1))
    noise = rng.standard_normal((8, len(TIME))) * rng.uniform(0.01, 0.2, (8, 1))
    fade_in = np.minimum(1.0, TIME / 0.0005)
    return 0.7 * (np.sin(2 * np.pi * pitches * TIME) + noise) * np.exp(-decays * TIME) * fade_in


def names(audio):
    return [diagnosis.name for diagnosis in examine_sounds({"kick": audio}, RATE)]


def test_healthy_sounds_get_no_diagnosis(healthy):
    assert names(healthy) == []


def test_silence_is_found(healthy):
    assert names(healthy * 1e-4) == ["silence"]


def test_clipping_is_found(healthy):
    assert "clipping" in names(np.clip(20 * healthy, -1, 1))


def test_an_offset_is_found(healthy):
    assert "dc" in names(healthy * 0.5 + 0.2)


@pytest.mark.parametrize("frequency", [11025, 2756.25, 689.0625])
def test_a_steady_tone_at_an_image_frequency_is_found(healthy, frequency):
    tone = 0.02 * np.sin(2 * np.pi * frequency * TIME)
    assert "tone" in names(healthy + tone)


def test_a_class_that_collapsed_is_found(healthy):
    assert "sameness" in names(np.repeat(healthy[:1], 8, axis=0))


def test_sounds_that_come_back_after_their_end_are_far_from_trained(healthy):
    burst = np.where((TIME > 0.3) & (TIME < 0.32), 0.2, 0.0) * np.sin(2 * np.pi * 300 * TIME)
    (diagnosis,) = examine_sounds({"kick": healthy * (TIME < 0.2) + burst}, RATE)
    assert diagnosis.name == "faults"
    assert "mostly burst after the end; the model is far from trained" in str(diagnosis)


def test_nan_is_found(healthy):
    healthy[0, 5] = np.nan
    assert names(healthy) == ["nan"]


def test_a_diagnosis_says_which_class_and_what_to_try(healthy):
    (diagnosis,) = examine_sounds({"snare": healthy * 0}, RATE)
    assert str(diagnosis).startswith("snare: 100% of the sounds are silent; ")
    assert "learning_rate" in diagnosis.advice


def history(**newest):
    usual = {"penalty": 0.3, "wasserstein": 10.0}
    return [usual] * (LEAST_HISTORY + 1) + [usual | newest]


@pytest.mark.parametrize(
    ("newest", "found"),
    [({}, []), ({"penalty": 9.0}, ["critic"]), ({"wasserstein": -900.0}, ["critic"])],
)
def test_a_critic_that_runs_away_is_found(newest, found):
    assert [diagnosis.name for diagnosis in examine_scalars(history(**newest))] == found


def test_a_critic_without_a_constraint_is_not_said_to_leave_it():
    readings = [{"penalty": 40.0, "score_gap": 2.0}] * (LEAST_HISTORY + 2)
    assert examine_scalars(readings) == []


def test_the_first_readings_are_not_judged():
    assert examine_scalars(history(penalty=9.0)[-5:]) == []
