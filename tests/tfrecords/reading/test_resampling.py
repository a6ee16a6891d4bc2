import numpy as np
import pytest
import tensorflow as tf
from scipy import signal

from drumsmith.tfrecords.reading.resampling import downsample, resample

RATE = 44100
LENGTH = 16384


def tone(frequency, rate=RATE, samples=LENGTH):
    """A tone under a window that begins and ends at 0, as prepared sounds do."""
    time = np.arange(samples) / rate
    return (np.hanning(samples) * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def loudness_db(audio):
    return 20 * np.log10(np.sqrt(np.mean(np.square(audio))) + 1e-12)


@pytest.mark.parametrize("factor", [4, 16, 64])
@pytest.mark.parametrize("share", [1.05, 1.3, 1.9, 3.1])
def test_a_tone_above_the_new_nyquist_frequency_is_gone(factor, share):
    audio = tone(share * RATE / factor / 2)
    change = loudness_db(downsample(audio[None], factor)) - loudness_db(audio)
    assert change < -60


@pytest.mark.parametrize("factor", [4, 16, 64])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.88])
def test_a_tone_in_the_band_passes(factor, share):
    audio = tone(share * RATE / factor / 2)
    change = loudness_db(downsample(audio[None], factor)) - loudness_db(audio)
    assert abs(change) < 0.1


def test_striding_would_fail_the_same_measurement():
    audio = tone(1.3 * RATE / 8)
    assert loudness_db(audio[::4]) - loudness_db(audio) > -1


def test_downsampling_moves_nothing_in_time():
    audio = tone(300)
    np.testing.assert_allclose(downsample(audio[None], 16)[0], audio[::16], atol=1e-5)


def test_downsampling_in_steps_is_downsampling_at_once_below_the_band_edge():
    audio = tone(200)[None]
    np.testing.assert_allclose(
        downsample(downsample(audio, 4), 4), downsample(audio, 16), atol=1e-5
    )


def test_nothing_wraps_around_from_the_start_to_the_end():
    audio = np.zeros((1, LENGTH), np.float32)
    audio[0, 30:60] = 1.0
    assert np.abs(downsample(audio, 4)[0, -1000:]).max() < 1e-4


@pytest.mark.parametrize(
    ("rate_in", "rate_out"), [(48000, 44100), (96000, 44100), (22050, 44100), (44101, 44100)]
)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_resampling_gives_the_tone_sampled_anew(rate_in, rate_out, share):
    frequency = share * min(rate_in, rate_out) / 2
    result = resample(tone(frequency, rate_in, 20000), rate_in, rate_out).numpy()
    time = np.arange(len(result)) / rate_out
    window = np.interp(time * rate_in, np.arange(20000), np.hanning(20000))
    error = result - window * np.sin(2 * np.pi * frequency * time)
    assert loudness_db(error) < -90


@pytest.mark.parametrize(("rate_in", "up", "down"), [(48000, 147, 160), (32000, 441, 320)])
def test_a_drum_comes_out_as_from_a_long_polyphase_filter(rate_in, up, down):
    rng = np.random.default_rng(0)
    audio = rng.standard_normal(9600) * np.exp(-np.arange(9600) / 1500)
    lowpass = signal.butter(8, 0.6, output="sos")  # both filters agree below their band edges
    audio = signal.sosfilt(lowpass, audio) * np.minimum(1, np.arange(9600)[::-1] / 500)
    expected = signal.resample_poly(audio, up, down, window=("kaiser", 14.0))
    result = resample(audio.astype(np.float32), rate_in, 44100).numpy()
    assert loudness_db(result - expected) < loudness_db(expected) - 50


@pytest.mark.parametrize("rates", [(48000, 44100), (8000, 44100), (44100, 8000), (1, 4), (7, 3)])
@pytest.mark.parametrize("samples", [1, 2, 999, 1000])
def test_the_new_length_is_the_old_times_the_ratio(rates, samples):
    result = resample(tf.ones([2, samples]), *rates)
    assert result.shape == (2, -(-samples * rates[1] // rates[0]))
    assert np.isfinite(result).all()


def test_resampling_runs_inside_map():
    audio = tone(1000, 48000, 4800)
    dataset = tf.data.Dataset.from_tensors((audio, 48000)).map(lambda a, r: resample(a, r, 44100))
    np.testing.assert_allclose(next(iter(dataset)), resample(audio, 48000, 44100), atol=1e-6)


def test_factor_one_changes_nothing_and_factor_zero_is_refused():
    audio = tf.ones([1, 8])
    assert downsample(audio, 1) is audio
    with pytest.raises(ValueError, match="factor 0"):
        downsample(audio, 0)
