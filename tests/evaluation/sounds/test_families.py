import numpy as np
import pytest

from drumsmith.evaluation.light_evaluation import LightEvaluation
from drumsmith.evaluation.sounds.classifier import train_classifier
from drumsmith.evaluation.sounds.real_sounds import load_real

from ...helpers.random_records import write_records

CYMBAL, KICK, SNARE, DRUM = range(4)


@pytest.fixture(scope="module")
def with_family(real, drums):
    """Cymbals, and drums that are kicks or snares."""
    return drums.with_family(real, "drum", ("kick", "snare"))


def test_records_give_a_family_the_sounds_of_its_kinds(tmp_path):
    records = write_records(tmp_path / "records", families={"drum": ["kick", "snare"]})
    real = load_real(records)
    assert real.labels == ("cymbal", "kick", "snare", "drum")
    assert real.families == {DRUM: (KICK, SNARE)}
    assert [real.held_out.count(label) for label in range(4)] == [6, 6, 6, 12]
    assert (real.train.own, real.held_out.own) == (36, 18)


def test_a_kind_is_right_for_its_family_and_the_family_for_its_kind(real, with_family):
    heard = np.array([KICK, SNARE, CYMBAL, DRUM, KICK])
    asked = np.array([DRUM, DRUM, DRUM, KICK, SNARE])
    assert with_family.heard_as(heard, asked).tolist() == [DRUM, DRUM, CYMBAL, KICK, KICK]
    assert real.heard_as(heard, asked).tolist() == heard.tolist()


def test_the_classifier_learns_kinds_and_hears_them_as_their_family(with_family):
    accuracies = train_classifier(with_family, epochs=4).accuracies
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
