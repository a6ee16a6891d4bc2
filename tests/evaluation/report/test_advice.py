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


TONES = tuple(name for name in NAMES if name.startswith("image_"))


@pytest.fixture(scope="module")
def of_good(figures_of, good):
    return figures_of(good, *NAMES)


@pytest.mark.parametrize(
    ("fault", "names", "words"),
    [
        (lambda d, s: d.with_tone(s, 11_025.0, 0.01), TONES, "kick at sr/4"),
        (lambda d, s: d.with_tail_noise(s, level=0.1), ["tail"], "Tails are noisy in"),
        (lambda d, s: d.with_collapsed(s, 1), ["diversity"], "Too little variety in kick"),
        (
            lambda d, s: d.with_swapped_labels(s),
            ["accuracy"],
            "Labels are not obeyed in cymbal, kick and snare",
        ),
        (
            lambda d, s: d.with_half_shifted(s, 2.0),
            ["fundamental_distance"],
            "The pitch of kick is off",
        ),
        (lambda d, s: d.with_audio(s, s.audio + 0.02), ["clicks"], "start or end off zero"),
    ],
    ids=["tone", "tail", "collapse", "labels", "pitch", "offset"],
)
def test_every_planted_fault_gets_its_sentence(
    figures_of, of_good, good, drums, real, fault, names, words
):
    found = figures_of(fault(drums, good), *names)
    # What the sentence is not about stays as it was: to take all of it anew only takes time.
    sentences = advise({scope: of_good[scope] | found[scope] for scope in of_good}, real.labels)
    assert any(words in sentence for sentence in sentences), sentences


def test_good_sounds_get_no_advice(of_good, real):
    assert advise(of_good, real.labels) == []
