"""Answers that are known beforehand: the control scores 1, a fifth of the kinds scores a fifth."""

from dataclasses import fields

import numpy as np
import pytest

from drumsmith.evaluation.measurement import take_all
from drumsmith.evaluation.metrics.registry import all_metrics
from drumsmith.evaluation.sounds.sound_features import Features

KINDS = 5
DIMENSIONS = 4
NAMES = ("frechet_logmel", "coverage", "recall")


def features(count, seed, kinds=KINDS, machine=0.0):
    """``count`` sounds of ``kinds`` kinds that lie far apart; another ``machine`` shifts all."""
    rng = np.random.default_rng(seed)
    centres = 30.0 * np.eye(KINDS, DIMENSIONS)
    points = centres[np.arange(count) % kinds] + rng.standard_normal((count, DIMENSIONS)) + machine
    nothing = {one.name: np.zeros((count, 1)) for one in fields(Features)}
    return Features(
        **nothing
        | {
            "label": np.zeros(count, np.int32),
            "points": {"logmel": points},
            "descriptors": {},
            "faults": {},
            "nearest": {},
        }
    )


def figures_of(candidate):
    chosen = [one for one in all_metrics() if one.name in NAMES]
    train, held_out = features(400, seed=1), features(200, seed=2, machine=0.5)
    return take_all(chosen, ["kick"], candidate, train, held_out)["kick"]


def test_other_sounds_of_the_same_machines_score_as_the_control():
    figures = figures_of(features(400, seed=3))
    assert figures["coverage"].ratio == pytest.approx(1.0, abs=0.05)
    assert figures["recall"].ratio == pytest.approx(1.0, abs=0.05)
    assert figures["frechet_logmel"].ratio == pytest.approx(1.0, abs=0.3)
    assert all(figure.target_met for figure in figures.values())


@pytest.mark.parametrize("kinds", [1, 2])
def test_a_generator_that_knows_a_part_of_the_kinds_covers_and_recalls_that_part(kinds):
    figures = figures_of(features(400, seed=3, kinds=kinds))
    assert figures["coverage"].ratio == pytest.approx(kinds / KINDS, abs=0.05)
    assert figures["recall"].ratio == pytest.approx(kinds / KINDS, abs=0.05)
    assert figures["frechet_logmel"].ratio > 20
    assert not any(figure.target_met for figure in figures.values())


def test_few_sounds_of_one_distribution_cannot_be_told_from_it():
    candidate, train, held_out = (features(40, seed) for seed in (4, 5, 6))
    chosen = [one for one in all_metrics() if one.name == "frechet_logmel"]
    figure = take_all(chosen, ["kick"], candidate, train, held_out)["kick"]["frechet_logmel"]
    assert figure.ratio - figure.ratio_reach < 1.0 < figure.ratio + figure.ratio_reach
