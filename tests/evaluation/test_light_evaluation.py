import numpy as np
import pytest

from drumsmith.evaluation.light_evaluation import LightEvaluation
from drumsmith.evaluation.sounds.real_sounds import EvaluationError


@pytest.fixture(scope="module")
def light(real):
    return LightEvaluation(real)


@pytest.fixture(scope="module")
def baseline(light, good):
    return light.scalars(good.audio, good.label)


def test_good_sounds_score_about_as_real_ones(baseline):
    assert baseline["logmel_frechet_ratio"] < 2
    assert baseline["label_accuracy"] > 0.9
    assert baseline["score"] < 0.6


def test_scalars_are_plain_finite_numbers(baseline):
    assert all(type(value) is float and np.isfinite(value) for value in baseline.values())
    assert {"logmel_frechet", "logmel_frechet_control", "score"} <= set(baseline)


@pytest.mark.parametrize(
    ("fault", "scalar", "least"),
    [
        (lambda d, s: d.with_tone(s, 11_025.0), "image_peak_db", 6.0),
        (lambda d, s: d.with_tail_noise(s), "tail_gap_db", 6.0),
        (lambda d, s: d.with_collapsed(s, 1), "logmel_frechet_ratio", 2.0),
        (lambda d, s: d.with_swapped_labels(s), "logmel_frechet_ratio", 3.0),
        (lambda d, s: d.with_half_shifted(s, 2.0), "logmel_frechet_ratio", 1.2),
    ],
    ids=["tone", "tail noise", "collapsed class", "swapped labels", "half shifted"],
)
def test_every_planted_fault_costs(light, baseline, good, drums, fault, scalar, least):
    faulty = fault(drums, good)
    scalars = light.scalars(faulty.audio, faulty.label)
    assert scalars[scalar] > max(least, baseline[scalar])
    assert scalars["score"] > baseline["score"] + 0.03


def test_worse_noise_is_worse(light, good):
    noise = np.random.default_rng(0).standard_normal(good.audio.shape).astype(np.float32)
    scores = [light.scalars(good.audio + k * noise, good.label)["score"] for k in (0, 0.003, 0.1)]
    assert scores == sorted(scores)


def test_a_collapsed_class_loses_diversity(light, good, drums, baseline):
    collapsed = drums.with_collapsed(good, 2)
    found = light.scalars(collapsed.audio, collapsed.label)
    assert found["diversity"] < 0.8 * baseline["diversity"]


def test_audio_may_have_a_channel_axis_and_comes_out_the_same(light, good, baseline):
    assert light.scalars(good.audio[..., None], good.label) == baseline


@pytest.mark.parametrize(
    ("audio", "label", "words"),
    [
        (np.zeros((4, 100)), np.zeros(4, int), "100 samples"),
        (np.zeros((4, 16_384)), np.zeros(4, int), "class 'kick'"),
        (np.full((4, 16_384), np.nan), np.zeros(4, int), "not finite"),
    ],
    ids=["length", "missing class", "not finite"],
)
def test_what_cannot_be_judged_is_refused_in_one_line(light, audio, label, words):
    with pytest.raises(EvaluationError, match=words):
        light.scalars(audio, label)
