"""Every fault that generators are known for, planted in good sounds, must be caught by name."""

import numpy as np
import pytest

from drumsmith.evaluation.measurement import AS_REAL, BETTER, OTHER, OVERALL, WORSE
from drumsmith.evaluation.ranking import rank
from drumsmith.evaluation.sounds.real_sounds import EvaluationError, RealSounds, Sounds
from drumsmith.evaluation.sounds.sound_features import find_nearest

KICK = 1


def test_good_sounds_stand_at_the_control(figures_of, good):
    figures = figures_of(good)[OVERALL]
    judged = {name: figure.verdict for name, figure in figures.items()}
    assert [name for name, verdict in judged.items() if verdict in (WORSE, OTHER)] == []


def test_a_real_set_split_in_two_scores_at_the_control(figures_of, real):
    # Halves of the validation part, as if one were generated.
    half = np.arange(len(real.held_out.label)) % 2 == 0
    judged = Sounds(real.held_out.audio[half], real.held_out.label[half])
    names = (
        "frechet_logmel",
        "frechet_classifier",
        "kernel_logmel",
        "coverage",
        "centroid_distance",
    )
    figures = figures_of(judged, *names)[OVERALL]
    assert {figures[name].verdict for name in names} <= {AS_REAL, BETTER}


def test_a_copied_training_sound_is_listed_with_its_file(real, features, extractor, good):
    audio = good.audio.copy()
    audio[5] = 0.7 * real.train.audio[3]
    found = find_nearest(Sounds(audio, good.label), real, features[0], extractor)
    assert found.copied[5]
    assert real.train.sources[found.match[5]] == "cymbal/3.wav"


@pytest.fixture(scope="module")
def collapsed(figures_of, good, drums):
    """All figures of sounds among which the kicks are all the same."""
    return figures_of(drums.with_collapsed(good, KICK))


def test_a_collapsed_class_is_named_and_the_others_are_not(collapsed):
    names = ("diversity", "effective_number", "coverage", "recall", "frechet_logmel")
    assert {collapsed["kick"][name].verdict for name in names} <= {WORSE, OTHER}
    assert collapsed["kick"]["effective_number"].value < 0.2
    for name in ("diversity", "effective_number", "coverage"):
        assert collapsed["snare"][name].verdict == AS_REAL


def test_swapped_labels_are_caught_by_the_classifier_and_by_distance(figures_of, good, drums):
    figures = figures_of(drums.with_swapped_labels(good), "accuracy", "frechet_logmel")
    for label in ("cymbal", "kick", "snare"):
        assert figures[label]["accuracy"].value < 0.1
        assert figures[label]["accuracy"].target_met is False
        assert figures[label]["frechet_logmel"].ratio > 3


@pytest.mark.parametrize(
    ("hz", "name"), [(11_025.0, "image_sr_4"), (2756.25, "image_sr_16"), (689.0625, "image_sr_64")]
)
def test_a_steady_tone_is_caught_at_its_own_frequency(figures_of, good, drums, hz, name):
    names = ("image_sr_4", "image_sr_16", "image_sr_64")
    figures = figures_of(drums.with_tone(good, hz, level=0.01), *names)["kick"]
    assert figures[name].value > 6
    assert [one for one in names if figures[one].verdict == WORSE] == [name]


def test_a_tone_that_spectrograms_hardly_see_misses_its_bar(figures_of, good, drums):
    # -60 dB under full scale.
    figures = figures_of(drums.with_tone(good, 11_025.0, level=0.001), "image_sr_4")
    assert figures[OVERALL]["image_sr_4"].target_met is False
    assert figures["kick"]["image_sr_4"].value > 6


def test_twenty_milliseconds_of_tail_noise_are_caught(figures_of, good, drums):
    # -26 dB under full scale; some synthetic kicks still ring at that level.
    figures = figures_of(drums.with_tail_noise(good, level=0.05), "tail")
    assert figures["snare"]["tail"].verdict == WORSE
    for label in ("kick", "snare"):
        assert figures[label]["tail"].target_met is False


def test_half_the_sounds_shifted_in_pitch_are_caught(figures_of, good, drums):
    names = ("fundamental_distance", "frechet_logmel")
    figures = figures_of(drums.with_half_shifted(good, 2.0), *names)["kick"]
    assert figures["fundamental_distance"].verdict == WORSE
    # Half the kicks an octave up is half an octave of distance.
    assert figures["fundamental_distance"].value == pytest.approx(0.5, abs=0.2)


def test_offset_and_clicks_are_caught(figures_of, good, drums):
    figures = figures_of(drums.with_audio(good, good.audio + 0.02), "dc", "clicks")[OVERALL]
    assert {figures["dc"].verdict, figures["clicks"].verdict} == {WORSE}


def test_the_faulty_class_is_ranked_worst(collapsed, real):
    assert rank(collapsed, real.labels)[0].label == "kick"


def test_a_memorised_training_set_lies_nearer_than_real_sounds_do(real, extractor, features):
    train, held_out = features
    found = find_nearest(real.train, real, train, extractor)
    assert np.median(found.distance) < 0.1 * np.median(held_out.nearest["distance"])
    assert found.copied.all()


def test_too_few_real_sounds_are_refused_by_name(real):
    few = Sounds(real.held_out.audio[:2], real.held_out.label[:2])
    with pytest.raises(EvaluationError, match="has 2 sounds of class 'cymbal'"):
        RealSounds(real.labels, real.sample_rate, real.train, few)
