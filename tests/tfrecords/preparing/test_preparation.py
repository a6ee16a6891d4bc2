import numpy as np
import pytest
import tensorflow as tf

from drumsmith.tfrecords.preparing import preparation
from drumsmith.tfrecords.preparing.preparation import REASONS, Preparation, prepare_sound

# op, its input, its expected output
OPS = {
    "mono averages": (preparation.to_mono, [[1.0, 0.0], [0.5, 0.5]], [0.5, 0.5]),
    "mono of one channel": (preparation.to_mono, [[1.0], [0.5]], [1.0, 0.5]),
    "mono of channels that cancel": (preparation.to_mono, [[0.9, -1.0], [0.1, 0.0]], [-1.0, 0.0]),
    "same rate": (lambda x: preparation.to_rate(x, 8000, 8000), [1.0, 2.0], [1.0, 2.0]),
    "silence": (
        lambda x: preparation.cut_leading_silence(x, 40, 1),
        [0.0, 0.001, 0.009, 0.02, 1.0, 0.0],
        [0.009, 0.02, 1.0, 0.0],
    ),
    "no silence": (lambda x: preparation.cut_leading_silence(x, 40, 9), [1.0, 0.5], [1.0, 0.5]),
    "fades": (lambda x: preparation.fade_ends(x, 1, 2), [1.0] * 6, [0, 1, 1, 1, 0.5, 0]),
    "fades of a short sound": (lambda x: preparation.fade_ends(x, 9, 9), [1.0] * 3, [0, 2 / 3, 0]),
    "peak": (preparation.normalise_peak, [0.1, -0.5, 0.25], [0.2, -1.0, 0.5]),
    "peak of silence": (preparation.normalise_peak, [0.0, 0.0], [0.0, 0.0]),
    "pad": (lambda x: preparation.pad(x, 4), [1.0, 2.0], [1.0, 2.0, 0.0, 0.0]),
}


@pytest.mark.parametrize("name", OPS)
def test_op_works_eagerly(name):
    op, given, expected = OPS[name]
    np.testing.assert_allclose(op(tf.constant(given)), expected, atol=1e-6)


@pytest.mark.parametrize("name", OPS)
def test_op_works_inside_map(name):
    op, given, expected = OPS[name]
    shape = [None] * np.ndim(given)
    dataset = tf.data.Dataset.from_generator(
        lambda: [given], output_signature=tf.TensorSpec(shape, tf.float32)
    )
    np.testing.assert_allclose(next(iter(dataset.map(op))), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (np.ones((9, 1)), ""),
        (np.zeros((0, 1)), "holds no samples"),
        (np.full((9, 2), np.nan), "holds NaN or infinite samples"),
        (np.full((9, 2), -np.inf), "holds NaN or infinite samples"),
        (np.full((9, 1), 0.0009), "is silent"),
        (np.ones((1, 1)), "is too short to be faded"),
    ],
)
def test_what_cannot_be_used_is_told_and_given_a_reason(audio, reason):
    _, problem = prepare_sound(tf.constant(audio, tf.float32), 44100, Preparation())
    assert REASONS[int(problem)] == reason


@pytest.mark.parametrize("frames", [3, 100, 5000, 16384, 40000])
@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_every_prepared_sound_starts_and_ends_at_zero_and_reaches_full_scale(frames, rate):
    audio = np.random.default_rng(frames).standard_normal((frames, 2)).astype(np.float32)
    pcm, problem = prepare_sound(tf.constant(audio), rate, Preparation())
    assert problem == 0
    assert pcm.shape == (16384,)
    assert (pcm[0], pcm[-1], np.abs(pcm).max()) == (0, 0, 32767)


def test_the_fades_follow_the_sounds_own_ends_before_padding():
    options = Preparation(fade_in_ms=1, fade_out_ms=10)
    pcm, _ = prepare_sound(tf.ones([2000, 1]), 44100, options)
    fade = pcm[2000 - options.fade_out_samples : 2001].numpy() / 32767
    assert fade[0] == pytest.approx(1, abs=0.01)
    assert fade[len(fade) // 2] == pytest.approx(0.5, abs=0.01)
    assert not pcm[1999:].numpy().any()


def test_an_attack_behind_silence_keeps_its_edge():
    audio = np.zeros((9000, 1), np.float32)
    audio[4000:] = 1.0
    options = Preparation()
    pcm, _ = prepare_sound(tf.constant(audio), 44100, options)
    # The fade-in lies on the silence; the first loud sample is as loud as the rest.
    assert np.flatnonzero(pcm)[0] == options.fade_in_samples
    assert pcm[options.fade_in_samples] == 32767


def test_a_cut_sound_is_normalised_by_what_is_kept():
    audio = np.full((20000, 1), 0.5, np.float32)
    audio[18000] = 1.0
    pcm, _ = prepare_sound(tf.constant(audio), 44100, Preparation())
    assert np.abs(pcm).max() == 32767


def test_samples_beyond_any_scale_are_normalised_too():
    audio = 3e38 * np.sin(np.arange(4000))[:, None].repeat(2, 1).astype(np.float32)
    pcm, problem = prepare_sound(tf.constant(audio), 44100, Preparation())
    assert problem == 0
    assert np.abs(pcm).max() == 32767


@pytest.mark.parametrize(
    "wrong",
    [
        {"sample_rate": 0},
        {"length": 10},
        {"fade_in_ms": -1},
        {"onset_db": float("nan")},
        {"fade_out_ms": 400},
    ],
)
def test_options_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)).replace("fade_out_ms", "fades")):
        Preparation(**wrong)
