import numpy as np
import pytest

from drumsmith.evaluation.metrics.originality import (
    at_full_level,
    nearest_training_sounds,
    waveform_correlation,
)
from drumsmith.evaluation.sounds.features import log_mel
from drumsmith.evaluation.sounds.pca import fit_pca

SAMPLE_RATE = 44_100


@pytest.fixture(scope="module")
def search(real):
    train = real.train.audio
    pca = fit_pca(log_mel(train, SAMPLE_RATE))
    points = pca(log_mel(train, SAMPLE_RATE))

    def run(audio):
        own = pca(log_mel(at_full_level(audio), SAMPLE_RATE))
        return nearest_training_sounds(audio, own, train, points, SAMPLE_RATE)

    return run


@pytest.mark.parametrize(
    "disguise",
    [
        lambda sound: sound,
        lambda sound: 0.3 * sound,
        lambda sound: -sound,
        lambda sound: np.roll(sound, 100),
        lambda sound: sound + 0.003 * np.random.default_rng(0).standard_normal(len(sound)),
    ],
    ids=["as it is", "softer", "upside down", "2 ms later", "with noise"],
)
def test_a_copy_is_found_whatever_its_disguise(search, real, disguise):
    found = search(disguise(real.train.audio[60])[None])
    assert found.copied[0]
    assert found.match[0] == 60


def test_new_sounds_from_the_same_source_are_no_copies(search, good):
    assert search(good.audio).copied.mean() < 0.05


def test_two_kicks_of_one_pitch_are_told_apart_by_pre_emphasis():
    time = np.arange(8192) / SAMPLE_RATE
    body = np.exp(-time / 0.1) * np.sin(2 * np.pi * 50 * time)
    rng = np.random.default_rng(0)
    clicks = 0.3 * np.exp(-time / 0.003) * rng.standard_normal((2, 8192))
    assert waveform_correlation(body + clicks[0], (body + clicks[1])[None], SAMPLE_RATE)[0] < 0.5


def test_silence_correlates_with_nothing(real):
    silence = np.zeros(real.length, np.float32)
    assert waveform_correlation(silence, real.train.audio[:3], SAMPLE_RATE).max() == 0.0
