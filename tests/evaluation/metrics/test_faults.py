"""The wrong class counts as a fault, and shares are shares of sounds."""

import numpy as np

from drumsmith.evaluation.metrics.faults import FAULT_TITLES, fault_shares, sound_faults

KICK = np.sin(np.linspace(0, 40, 16_384)) * np.exp(-np.linspace(0, 10, 16_384))


def test_wrong_class_is_judged_where_labels_are_known():
    found = sound_faults(np.stack([KICK, KICK]), 44_100, np.array([0, 0]), np.array([0, 1]))
    assert found["wrong_class"].tolist() == [False, True]
    assert list(found) == list(FAULT_TITLES)


def test_without_a_classifier_the_class_is_not_judged():
    assert "wrong_class" not in sound_faults(KICK[None], 44_100)


def test_a_sound_with_two_faults_is_one_faulty_sound():
    faults = {"a": np.array([True, False, False, False]), "b": np.array([True, True, False, False])}
    assert fault_shares(faults) == {"a": 0.25, "b": 0.5, "any": 0.5}
