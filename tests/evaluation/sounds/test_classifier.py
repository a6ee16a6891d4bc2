import numpy as np

from drumsmith.evaluation.sounds.classifier import RECIPE, label_classifier


def test_it_names_most_real_validation_sounds_rightly(classifier, real):
    assert classifier.accuracy > 0.9
    assert set(classifier.accuracies) == set(real.labels)


def test_its_stated_accuracy_is_the_one_it_has(classifier, real):
    guesses = classifier(real.held_out.audio)[0].argmax(axis=1)
    by_class = [np.mean(guesses[real.held_out.label == i] == i) for i in range(3)]
    np.testing.assert_allclose(by_class, list(classifier.accuracies.values()))


def test_it_is_kept_and_used_again_while_the_records_stay_the_same(drums, tmp_path):
    real = drums.make_real(8, 8, digest="a")
    first = label_classifier(real, tmp_path, epochs=1)
    again = label_classifier(real, tmp_path)
    assert (first.reused, again.reused) == (False, True)
    assert again.accuracies == first.accuracies
    for new, old in zip(again(real.held_out.audio), first(real.held_out.audio), strict=True):
        np.testing.assert_allclose(new, old, atol=1e-6)


def test_other_records_get_another_and_a_damaged_one_is_trained_again(drums, kept_classifiers):
    other = drums.make_real(8, 8, digest="b")
    folder = kept_classifiers / f"classifier-{RECIPE}-b"
    folder.mkdir()
    (folder / "classifier.json").write_text("{")
    assert not label_classifier(other, kept_classifiers, epochs=1).reused
    assert (folder / "network.keras").is_file()
    assert len(list(kept_classifiers.iterdir())) == 2
