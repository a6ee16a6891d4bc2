import numpy as np

from drumsmith.evaluation.sounds.classifier import RECIPE, label_classifier


def test_it_names_most_real_validation_sounds_rightly(classifier, real):
    assert classifier.accuracy > 0.9
    assert set(classifier.accuracies) == set(real.labels)


def test_its_stated_accuracy_is_the_one_it_has(classifier, real):
    guesses = classifier(real.held_out.audio)[0].argmax(axis=1)
    by_class = [np.mean(guesses[real.held_out.label == i] == i) for i in range(3)]
    np.testing.assert_allclose(by_class, list(classifier.accuracies.values()))


def test_it_is_kept_and_used_again_while_the_records_stay_the_same(
    classifier, real, kept_classifiers
):
    again = label_classifier(real, kept_classifiers)
    assert again.reused
    assert again.accuracies == classifier.accuracies
    for new, old in zip(again(real.held_out.audio), classifier(real.held_out.audio), strict=True):
        np.testing.assert_allclose(new, old, atol=1e-6)


def test_a_damaged_one_is_trained_again(real, classifier, tmp_path, drums):
    folder = tmp_path / f"classifier-{RECIPE}-{real.digest[:16]}"
    folder.mkdir()
    (folder / "classifier.json").write_text("{")
    assert not label_classifier(
        drums.make_real(8, 8, digest=real.digest), tmp_path, epochs=1
    ).reused


def test_other_records_get_another(classifier, drums, kept_classifiers):
    before = set(kept_classifiers.iterdir())
    other = drums.make_real(8, 8, digest="b")
    assert not label_classifier(other, kept_classifiers, epochs=1).reused
    assert len(set(kept_classifiers.iterdir()) - before) == 1
