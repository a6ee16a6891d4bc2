import pytest

from drumsmith.evaluation.metrics.faults import FAULT_TITLES
from drumsmith.evaluation.report.advice import advise

# What advice is made of; the rest would only take time.
NAMES = (
    "accuracy",
    "copies",
    "diversity",
    "image_sr_4",
    "image_sr_8",
    "image_sr_16",
    "image_3sr_8",
    "image_sr_64",
    "image_tail",
    "tail",
    "faulty",
    *(f"fault_{name}" for name in FAULT_TITLES),
    "coverage",
    "recall",
    "precision",
    "centroid_distance",
    "decay_distance",
    "attack_distance",
    "loudness_distance",
    "fundamental_distance",
    "clicks",
)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda d, s: d.with_tone(s, 11_025.0, 0.01), "kick at sr/4"),
        (lambda d, s: d.with_tail_noise(s, level=0.1), "Tails are noisy in"),
        (lambda d, s: d.with_collapsed(s, 1), "Too little variety in kick"),
        (lambda d, s: d.with_swapped_labels(s), "Labels are not obeyed in cymbal, kick and snare"),
        (lambda d, s: d.with_half_shifted(s, 2.0), "The pitch of kick is off"),
        (lambda d, s: d.with_audio(s, s.audio + 0.02), "start or end off zero"),
    ],
    ids=["tone", "tail", "collapse", "labels", "pitch", "offset"],
)
def test_every_planted_fault_gets_its_sentence(figures_of, good, drums, real, fault, words):
    sentences = advise(figures_of(fault(drums, good), *NAMES), real.labels)
    assert any(words in sentence for sentence in sentences), sentences


def test_good_sounds_get_no_advice(figures_of, good, real):
    assert advise(figures_of(good, *NAMES), real.labels) == []
