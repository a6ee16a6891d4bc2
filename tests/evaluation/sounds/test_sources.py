import numpy as np
import pytest
import soundfile

from drumsmith.common.sounds.faults import any_fault
from drumsmith.evaluation.sounds.real_sounds import EvaluationError
from drumsmith.evaluation.sounds.sources import (
    class_numbers,
    generate_sounds,
    read_folder,
)

LABELS = ("cymbal", "kick", "snare")


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for name in LABELS:
        (tmp_path / name / "deep").mkdir(parents=True)
        for i in range(5):
            where = tmp_path / name / ("deep" if i == 4 else "")
            soundfile.write(where / f"{i}.wav", rng.uniform(-0.5, 0.5, 100 * (1 + i)), 44_100)
    return tmp_path


def test_a_folder_is_read_class_by_class_cut_and_padded(folder):
    sounds = read_folder(folder, LABELS, 44_100, 250, count=10)
    assert sounds.audio.shape == (15, 250)
    np.testing.assert_array_equal(sounds.label, np.repeat([0, 1, 2], 5))
    assert sounds.sources[:5] == tuple(
        f"cymbal/{name}.wav" for name in ("0", "1", "2", "3", "deep/4")
    )
    assert np.all(sounds.audio[0, 100:] == 0.0)
    assert np.any(sounds.audio[4, 200:] != 0.0)


def test_no_more_than_asked_for_are_read_the_same_by_the_same_seed(folder):
    first, second = (read_folder(folder, LABELS, 44_100, 250, count=4, seed=3) for _ in range(2))
    assert len(first.label) == 12
    assert first.sources == second.sources


def test_channels_are_averaged(folder):
    soundfile.write(folder / "kick" / "0.wav", np.array([[0.5, 0.25]] * 300), 44_100, "FLOAT")
    sounds = read_folder(folder, LABELS, 44_100, 250, count=10)
    np.testing.assert_allclose(sounds.audio[5], 0.375)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: f / "nowhere", "there is no folder"),
        (lambda f: _empty(f / "void"), "is empty: it needs one folder for each class"),
        (lambda f: _remove(f, "snare"), r"no folder for class 'snare' \(it has cymbal, kick\)"),
        (lambda f: _keep(f, "kick", 2), "kick holds 2 sounds, evaluation needs 4"),
        (lambda f: _write(f, 48_000), "0.wav has 48000 samples a second, the records 44100"),
        (lambda f: _garbage(f), "0.wav cannot be read as audio"),
        (lambda f: _write(f, 44_100, np.nan), "0.wav has samples that are not finite"),
    ],
    ids=["missing", "empty", "class", "few", "rate", "garbage", "not finite"],
)
def test_what_cannot_be_read_is_said_in_one_line(folder, spoil, words):
    with pytest.raises(EvaluationError, match=words) as caught:
        read_folder(spoil(folder), LABELS, 44_100, 250, count=10)
    assert "\n" not in str(caught.value)


def test_labels_are_matched_by_name_not_by_number(drums, good):
    source = drums.MixingSource(good)
    assert class_numbers(source, LABELS) == [1, 2, 0]
    sounds = generate_sounds(source, LABELS, 2, seed=0)
    z = np.random.default_rng(0).standard_normal((2, source.latent_dim))
    np.testing.assert_allclose(sounds.of(0), source.from_z(z, [1, 1]), atol=1e-6)


def test_z_are_drawn_from_the_models_own_prior(drums, good):
    source = drums.MixingSource(good, latent_dim=30)
    source.latent_prior = "uniform"
    heard = []
    source.from_z = lambda z, label: heard.append(z) or np.zeros((len(z), 8))
    generate_sounds(source, LABELS, 20, seed=0)
    assert 0.98 < np.abs(np.concatenate(heard)).max() <= 1


def test_a_model_without_a_class_is_refused(drums, good):
    with pytest.raises(EvaluationError, match="the model has no class 'tom'"):
        class_numbers(drums.MixingSource(good), ("kick", "tom"))


def test_a_sound_that_is_not_finite_is_refused(drums, good):
    source = drums.MixingSource(good)
    source.from_z = lambda z, label: np.full((len(z), 8), np.inf)
    with pytest.raises(EvaluationError, match="not finite"):
        generate_sounds(source, LABELS, 2, seed=0)


def _empty(folder):
    folder.mkdir()
    return folder


def _remove(folder, name):
    (folder / name).rename(folder.with_name(f"{folder.name}-{name}"))
    return folder


def _keep(folder, name, count):
    for path in sorted((folder / name).rglob("*.wav"))[count:]:
        path.unlink()
    return folder


def _write(folder, rate, value=0.1):
    soundfile.write(folder / "kick" / "0.wav", np.full(300, value), rate, "FLOAT")
    return folder


def _garbage(folder):
    (folder / "kick" / "0.wav").write_bytes(b"no audio at all")
    return folder


class _HalfSilent:
    """Every z that begins above 0 makes a drum, every other one silence."""

    labels, sample_rate, length, latent_dim = LABELS, 44_100, 4000, 2
    latent_prior = "normal"
    drum = np.sin(np.arange(4000) / 20) * np.exp(-np.arange(4000) / 500)

    def from_z(self, z, label):
        return (z[:, :1] > self.least) * self.drum

    least = 0.0


def test_faulty_sounds_are_drawn_again_where_they_are_left_out():
    sounds = generate_sounds(_HalfSilent(), LABELS, 10, seed=0, leave_out=any_fault)
    assert sounds.audio.shape == (30, 4000)
    assert not any_fault(sounds.audio, 44_100).any()


def test_a_model_of_faulty_sounds_alone_is_refused():
    source = _HalfSilent()
    source.least = 100.0
    with pytest.raises(EvaluationError, match="nearly all sounds of 'cymbal' are faulty"):
        generate_sounds(source, LABELS, 10, seed=0, leave_out=any_fault)
