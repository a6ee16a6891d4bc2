import wave

import numpy as np
import pytest

from drumsmith.tfrecords.collection.synthesis import (
    SAMPLE_RATE,
    VOICES,
    synthesise,
    synthesise_collection,
)


def centroid(audio):
    spectrum = np.abs(np.fft.rfft(audio[:16384], 16384))
    return (spectrum * np.fft.rfftfreq(16384, 1 / SAMPLE_RATE)).sum() / spectrum.sum()


@pytest.fixture(scope="module")
def sounds():
    return {label: [synthesise(label, n, seed=1) for n in range(24)] for label in VOICES}


def test_brightness_rises_from_kick_over_snare_to_cymbal(sounds):
    kick, snare, cymbal = (
        np.array([centroid(audio) for audio in sounds[label]])
        for label in ("kick", "snare", "cymbal")
    )
    assert np.median(kick) < 0.5 * np.median(snare) < 0.5 * np.median(cymbal)
    assert (kick < 3000).all()
    assert (cymbal > np.median(snare)).all()


def test_a_kick_is_mostly_bass_and_its_pitch_falls(sounds):
    for audio in sounds["kick"]:
        spectrum = np.abs(np.fft.rfft(audio)) ** 2
        low = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE) < 250
        assert spectrum[low].sum() > 0.5 * spectrum.sum()


@pytest.mark.parametrize("label", VOICES)
def test_sounds_are_one_shots_that_decay(sounds, label):
    for audio in sounds[label]:
        assert 0.1 * SAMPLE_RATE * 0.9 < len(audio) < 1.3 * SAMPLE_RATE
        energy = np.cumsum(audio**2)
        assert energy[len(audio) // 2] > 0.6 * energy[-1]
        assert abs(audio[0]) < 1e-3
        assert abs(audio[-1]) < 1e-3


@pytest.mark.parametrize("label", VOICES)
def test_no_two_sounds_are_alike(sounds, label):
    spectra = np.array([np.abs(np.fft.rfft(audio, 65536))[:4096] for audio in sounds[label]])
    spectra = np.log(spectra.reshape(len(spectra), 128, -1).mean(2) + 1e-3)
    spectra -= spectra.mean(1, keepdims=True)
    distance = np.linalg.norm(spectra[:, None] - spectra[None], axis=2)
    assert distance[~np.eye(len(spectra), dtype=bool)].min() > 1


def test_a_sound_depends_on_seed_label_and_number_alone():
    np.testing.assert_array_equal(synthesise("kick", 3, seed=1), synthesise("kick", 3, seed=1))
    for other in (synthesise("kick", 4, seed=1), synthesise("kick", 3, seed=2)):
        assert not np.array_equal(synthesise("kick", 3, seed=1)[:999], other[:999])


def test_a_collection_is_16_bit_wavs_by_label(tmp_path):
    synthesise_collection(tmp_path, counts={"kick": 2, "cymbal": 1}, seed=1)
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.wav")) == [
        "cymbal/cymbal-0000.wav",
        "kick/kick-0000.wav",
        "kick/kick-0001.wav",
    ]
    with wave.open(str(tmp_path / "kick" / "kick-0001.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 44100)
        pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    np.testing.assert_allclose(pcm / 32767, synthesise("kick", 1, seed=1), atol=1e-4)


def test_one_number_means_as_many_of_each(tmp_path):
    synthesise_collection(tmp_path, counts=10, seed=1)
    assert len(list(tmp_path.rglob("*.wav"))) == 30


@pytest.mark.parametrize("counts", [{"cowbell": 1}, {"kick": -1}])
def test_what_cannot_be_made_is_refused_before_anything_is_written(tmp_path, counts):
    with pytest.raises(ValueError, match=next(iter(counts))):
        synthesise_collection(tmp_path / "new", counts=counts, seed=1)
    assert not (tmp_path / "new").exists()
