import dataclasses

import numpy as np
import pytest

from drumsmith.evaluation.light_evaluation import LightEvaluation
from drumsmith.evaluation.sounds.classifier import train_classifier
from drumsmith.evaluation.sounds.real_sounds import Sounds, load_real
from drumsmith.tfrecords.collection.synthesis import synthesise_collection
from drumsmith.tfrecords.preparing.options import Options
from drumsmith.tfrecords.preparing.prepare import prepare

DRUM, KICK, SNARE = 1, 2, 3


@pytest.fixture(scope="module")
def with_family(tmp_path_factory):
    """Cymbals, and drums that are kicks or snares."""
    folder = tmp_path_factory.mktemp("families")
    counts = {"kick": 30, "snare": 30, "cymbal": 30}
    synthesise_collection(folder / "sounds", counts=counts, seed=1)
    options = Options(families={"drum": ["kick", "snare"]}, valid_share=0.3)
    prepare(folder / "sounds", folder / "records", options)
    return load_real(folder / "records")


def test_a_family_is_judged_by_all_its_sounds(with_family):
    assert with_family.labels == ("cymbal", "drum", "kick", "snare")
    held_out = with_family.held_out
    assert held_out.count(DRUM) == held_out.count(KICK) + held_out.count(SNARE)
    assert held_out.own == len(held_out.label) - held_out.count(DRUM)


def test_a_kind_is_right_for_its_family_and_the_family_for_its_kind(with_family):
    heard = np.array([KICK, SNARE, 0, DRUM, KICK])
    asked = np.array([DRUM, DRUM, DRUM, KICK, SNARE])
    assert with_family.heard_as(heard, asked).tolist() == [DRUM, DRUM, 0, KICK, KICK]


def test_the_classifier_learns_kinds_and_hears_them_as_their_family(with_family):
    accuracies = train_classifier(with_family, epochs=20).accuracies
    assert accuracies["kick"] + accuracies["snare"] > 0.5
    # A snare that is heard as a kick is a drum all the same.
    assert accuracies["drum"] >= (accuracies["kick"] + accuracies["snare"]) / 2


def test_neighbours_of_a_kind_vote_for_its_family(with_family):
    light, held_out = LightEvaluation(with_family), with_family.held_out
    assert light.scalars(held_out.audio, held_out.label)["label_accuracy"] > 0.9
    # Snares in the place of kicks are drums, but no kicks.
    swapped = held_out.label.copy()
    swapped[held_out.label == SNARE] = KICK
    swapped[held_out.label == KICK] = SNARE
    found = light.scalars(held_out.audio, swapped)
    assert found["label_accuracy"] == pytest.approx(0.5, abs=0.1)


def test_what_has_no_family_is_as_it_was(with_family):
    without = dataclasses.replace(with_family, families={})
    heard, asked = np.array([KICK, DRUM]), np.array([DRUM, KICK])
    assert without.heard_as(heard, asked).tolist() == [KICK, DRUM]
    assert Sounds(np.zeros((1, 4)), np.zeros(1, int)).own is None
