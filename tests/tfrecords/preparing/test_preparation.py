import numpy as np
import pytest
from scipy import signal

from drumsmith.tfrecords.preparing import preparation
from drumsmith.tfrecords.preparing.preparation import Preparation, UnusableSound, prepare_sound

RATE = 44100

# step, its input, its expected output
STEPS = {
    "mono averages": (preparation.to_mono, [[1.0, 0.0], [0.5, 0.5]], [0.5, 0.5]),
    "mono of one channel": (preparation.to_mono, [[1.0], [0.5]], [1.0, 0.5]),
    "mono of channels that cancel": (preparation.to_mono, [[0.9, -1.0], [0.1, 0.0]], [-1.0, 0.0]),
    "fades": (lambda x: preparation.fade_ends(x, 1, 2), [1.0] * 6, [0, 1, 1, 1, 0.5, 0]),
    "fades of a short sound": (lambda x: preparation.fade_ends(x, 9, 9), [1.0] * 3, [0, 2 / 3, 0]),
    "peak": (preparation.normalise_peak, [0.1, -0.5, 0.25], [0.2, -1.0, 0.5]),
    "peak of silence": (preparation.normalise_peak, [0.0, 0.0], [0.0, 0.0]),
    "pad": (lambda x: preparation.pad(x, 4), [1.0, 2.0], [1.0, 2.0, 0.0, 0.0]),
}


@pytest.mark.parametrize("name", STEPS)
def test_step(name):
    step, given, expected = STEPS[name]
    found = step(np.array(given))
    np.testing.assert_allclose(found[0] if isinstance(found, tuple) else found, expected)


def hit(samples=8000, tone=150.0, rate=RATE):
    """A decaying tone that starts at once."""
    time = np.arange(samples) / rate
    return 0.8 * np.cos(2 * np.pi * tone * time) * np.exp(-time * 20)


def prepared(audio, rate=RATE, **options):
    audio = np.asarray(audio, np.float32)
    audio = audio[:, None] if audio.ndim == 1 else audio
    return prepare_sound(audio, rate, Preparation(**options))


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (np.zeros((0, 1)), "holds no samples"),
        (np.full((9, 2), np.nan), "holds NaN or infinite samples"),
        (np.full((9, 2), -np.inf), "holds NaN or infinite samples"),
        (np.full((9, 1), 0.0009), "is silent"),
        (np.full((9000, 1), 0.3), "is silent but for DC"),
        (hit(100)[:, None], r"lasts 2\.3 ms, less than the 5 ms of a drum"),
    ],
)
def test_what_cannot_be_used_is_told(audio, reason):
    with pytest.raises(UnusableSound, match=reason):
        prepared(audio)


@pytest.mark.parametrize("frames", [1000, 5000, 16384, 40000])
@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_every_prepared_sound_starts_and_ends_at_zero_and_reaches_full_scale(frames, rate):
    audio = np.random.default_rng(frames).standard_normal((frames, 2)).astype(np.float32)
    pcm = prepared(audio, rate, several_hits="keep").pcm
    assert pcm.shape == (16384,)
    assert (pcm[0], pcm[-1], np.abs(pcm).max()) == (0, 0, 32767)


def test_the_fades_follow_the_sounds_own_ends_before_padding():
    options = Preparation(fade_in_ms=1, fade_out_ms=10)
    tone = np.sin(2 * np.pi * 1000 * np.arange(2000) / RATE)
    pcm = prepared(tone, fade_in_ms=1, fade_out_ms=10).pcm / 32767
    end = np.flatnonzero(pcm)[-1] + 1
    assert 1990 < end - options.fade_in_samples < 2001
    middle = np.abs(pcm[end - options.fade_out_samples // 2 - 22 :][:44]).max()
    assert middle == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("rate", [22050, 44100, 48000, 96000])
@pytest.mark.parametrize("silence", [0, 7, 4000])
def test_every_onset_is_at_the_same_sample_with_its_edge(silence, rate):
    audio = np.concatenate((np.zeros(silence), hit(rate=rate)))
    pcm = prepared(audio, rate).pcm
    lead = Preparation().fade_in_samples
    loud = np.flatnonzero(np.abs(pcm) > 16000)[0]
    assert abs(loud - lead) <= 1


def test_a_cut_sound_is_normalised_by_what_is_kept():
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, 20000)
    audio[18000] = 1.0
    assert np.abs(prepared(audio).pcm).max() == 32767


def test_samples_beyond_any_scale_are_normalised_too():
    audio = 3e38 * np.sin(np.arange(4000))[:, None].repeat(2, 1).astype(np.float32)
    assert np.abs(prepared(audio).pcm).max() == 32767


@pytest.mark.parametrize("offset", [0.3, -0.1])
def test_a_dc_offset_is_removed_and_said(offset):
    clean = prepared(hit(20000))
    found = prepared(hit(20000) + offset)
    assert found.notes == (f"had a DC offset ({offset:+.2f})",)
    assert np.abs(clean.pcm - found.pcm.astype(int)).max() < 330  # 1 %


def test_rumble_is_removed_and_the_drum_is_not():
    time = np.arange(30000) / RATE
    rumble = 0.2 * np.sin(2 * np.pi * 3 * time)
    clean, found = prepared(hit(30000)).pcm, prepared(hit(30000) + rumble).pcm
    assert np.corrcoef(clean, found)[0, 1] > 0.995
    untouched = prepared(hit(30000), rumble_hz=0).pcm
    assert np.corrcoef(clean, untouched)[0, 1] > 0.995


@pytest.mark.parametrize("frames", [1, 2, 5000])
def test_rumble_is_removed_by_a_butterworth_high_pass(frames):
    audio = np.random.default_rng(0).standard_normal(frames) + 0.5
    sections = signal.butter(2, 10, "highpass", fs=RATE, output="sos")
    np.testing.assert_allclose(
        preparation.remove_rumble(audio, RATE, 10.0), signal.sosfilt(sections, audio), atol=1e-9
    )


def test_channels_that_cancel_are_said_and_one_is_taken():
    found = prepared(np.stack((hit(), -hit()), 1))
    assert "cancel each other" in found.notes[0]
    np.testing.assert_array_equal(found.pcm, prepared(hit()).pcm)


def test_a_clipped_sound_is_used_and_said():
    time = np.arange(9000) / RATE
    audio = np.clip(3 * np.sin(2 * np.pi * 200 * time) * np.exp(-time * 10), -0.99, 0.99)
    assert prepared(audio).notes == ("is clipped",)
    assert prepared(hit()).notes == ()


def two_hits(apart=0.3):
    return np.concatenate((hit(round(apart * RATE)), hit()))


def test_a_file_of_several_hits_is_left_out_unless_asked_for():
    with pytest.raises(UnusableSound, match=r"holds 2 hits in 0\.5 s: a loop or several sounds"):
        prepared(two_hits())
    first, whole = (
        prepared(two_hits(), several_hits="first"),
        prepared(two_hits(), several_hits="keep"),
    )
    assert first.hits == whole.hits == 2
    assert not first.pcm[round(0.3 * RATE) :].any()
    assert np.abs(whole.pcm[round(0.3 * RATE) :]).max() > 16000


@pytest.mark.parametrize(("left", "used"), [(1000, False), (9000, True)])
def test_a_sound_that_is_cut_off_is_used_if_enough_of_it_is_there(left, used):
    audio = 0.5 * np.sin(2 * np.pi * 300 * np.arange(left) / RATE)[:, None].astype(np.float32)
    if used:
        notes = prepare_sound(audio, RATE, Preparation(), whole=False).notes
        assert notes == ("is cut off or damaged; what is whole was taken",)
    else:
        with pytest.raises(UnusableSound, match="is cut off or damaged 23 ms after it begins"):
            prepare_sound(audio, RATE, Preparation(), whole=False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sample_rate": 0},
        {"length": 10},
        {"fade_in_ms": -1},
        {"onset_db": float("nan")},
        {"fade_out_ms": 400},
        {"several_hits": "some"},
        {"rumble_hz": 1000},
    ],
)
def test_options_out_of_range_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong)).replace("fade_out_ms", "fades")):
        Preparation(**wrong)
