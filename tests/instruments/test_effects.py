import numpy as np
import pytest

from drumsmith.common.errors import UserError
from drumsmith.common.sounds.processing import Processing
from drumsmith.instruments.effects import loudness, process
from drumsmith.instruments.pitch import frequency_of, fundamental, note_name, note_of, parse_note

RATE = 44100
T = np.arange(RATE // 2) / RATE


def _kick(hz=62.0, drop=150.0):
    """A falling sine that settles on ``hz``."""
    phase = 2 * np.pi * (hz * T - drop * 0.012 * np.exp(-T / 0.012))
    return 0.5 * np.sin(phase) * np.exp(-T / 0.12)


def _db(x):
    return 20 * np.log10(x)


@pytest.mark.parametrize("hz", [41.0, 62.0, 120.0])
def test_the_fundamental_is_where_a_kick_settles(hz):
    assert fundamental(_kick(hz), RATE) == pytest.approx(hz, rel=0.02)


def test_noise_has_no_fundamental():
    assert fundamental(np.random.default_rng(0).standard_normal(RATE // 2), RATE) is None


@pytest.mark.parametrize("note", ["A1", "D2"])
def test_a_kick_is_tuned_to_a_note(note):
    audio, _ = process(_kick(), RATE, Processing(tune_note=parse_note(note)))
    cents = 1200 * np.log2(fundamental(audio, RATE) / frequency_of(parse_note(note)))
    assert abs(cents) < 10


@pytest.mark.parametrize("rate", [48000, 96000, 22050])
def test_another_sample_rate_keeps_length_and_pitch(rate):
    audio, new = process(_kick(), RATE, Processing(sample_rate=rate))
    assert new == rate
    assert len(audio) == pytest.approx(len(T) * rate / RATE, abs=1)
    assert fundamental(audio, rate) == pytest.approx(fundamental(_kick(), RATE), rel=0.002)


def test_peak_and_gain_set_the_level():
    audio, _ = process(_kick(), RATE, Processing(peak_db=-3.0, gain_db=-6.0))
    assert _db(np.abs(audio).max()) == pytest.approx(-9.0, abs=1e-4)


def test_loudness_is_that_of_the_standard():
    # BS.1770-5: a sine of 997 Hz at full scale has -3.01 LUFS.
    sine = np.sin(2 * np.pi * 997 * np.arange(48000) / 48000)
    assert loudness(sine, 48000) == pytest.approx(-3.01, abs=0.02)
    quiet, _ = process(_kick(), RATE, Processing(loudness_db=-30.0))
    assert loudness(quiet.astype(float), RATE) == pytest.approx(-30.0, abs=0.01)


def test_loudness_never_passes_full_scale():
    audio, _ = process(_kick(), RATE, Processing(loudness_db=0.0))
    assert np.abs(audio).max() == pytest.approx(1.0, abs=1e-6)


def test_trim_ends_where_the_tail_is_weak():
    audio, _ = process(_kick(), RATE, Processing(trim_db=-40.0))
    full = np.abs(_kick())
    assert len(audio) < len(T)
    assert full[len(audio) :].max() <= full.max() * 0.01 < full[len(audio) - 1]


def test_fades_start_and_end_at_zero():
    audio, _ = process(np.ones(1000), RATE, Processing(fade_in_ms=5.0, fade_out_ms=10.0))
    assert audio[0] == audio[-1] == 0.0
    assert np.all(np.diff(audio[:220]) > 0)
    assert np.all(np.diff(audio[-441:]) < 0)
    assert np.all(audio[221:559] == 1.0)


def test_a_gate_silences_the_weak_end_alone():
    audio, _ = process(_kick(), RATE, Processing(gate_db=-30.0))
    at = np.flatnonzero(np.abs(_kick()) > 0.1 * 0.5)[-1]
    np.testing.assert_allclose(audio[:at], _kick()[:at], atol=1e-6)
    assert np.all(audio[-RATE // 20 :] == 0.0)


def test_filters_act_on_their_side():
    low, high = np.sin(2 * np.pi * 40 * T), np.sin(2 * np.pi * 4000 * T)
    passed, _ = process(low + high, RATE, Processing(high_pass_hz=400.0))
    assert _db(np.std(passed) / np.std(high)) == pytest.approx(0.0, abs=0.2)
    darker, _ = process(high, RATE, Processing(low_pass_hz=400.0))
    assert _db(np.std(darker) / np.std(high)) == pytest.approx(-20.0, abs=1.0)


def test_drive_adds_odd_harmonics_and_keeps_full_scale():
    audio, _ = process(np.sin(2 * np.pi * 441 * T), RATE, Processing(drive_db=12.0))
    spectrum = np.abs(np.fft.rfft(audio[: RATE // 10 * 4]))
    tone = round(441 * 0.4)
    assert spectrum[3 * tone] > 0.05 * spectrum[tone]
    assert np.abs(audio).max() == pytest.approx(1.0, abs=1e-3)


def test_decay_falls_by_60_db():
    audio, _ = process(np.ones(RATE // 2), RATE, Processing(decay_ms=100.0))
    assert _db(audio[RATE // 10]) == pytest.approx(-60.0, abs=1e-3)


@pytest.mark.parametrize(
    "values",
    [
        {"peak_db": 1.0},
        {"peak_db": -1.0, "loudness_db": -14.0},
        {"sample_rate": 44101},
        {"fade_in_ms": float("nan")},
        {"encoding": "8"},
    ],
)
def test_values_out_of_range_are_named(values):
    with pytest.raises(UserError, match=r"must be|one level"):
        Processing(**values)


@pytest.mark.parametrize(("words", "note"), [("A1", 33), ("f#2", 42), ("Eb3", 51), ("60", 60)])
def test_notes_are_read(words, note):
    assert parse_note(words) == note


def test_a_note_has_its_name_and_frequency():
    assert note_name(33) == "A1"
    assert frequency_of(33) == pytest.approx(55.0)
    assert note_of(56.0) == 33
    with pytest.raises(UserError, match="H2"):
        parse_note("H2")
