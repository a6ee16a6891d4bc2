import mido
import numpy as np
import pytest

from drumsmith.common.errors import UserError
from drumsmith.instruments.beat.midi import read_midi
from drumsmith.instruments.beat.pattern import Beat, Hit
from drumsmith.instruments.beat.playing import PlayedLayer, PlayedPad, Player, player_of_folder
from drumsmith.instruments.kit.kit import velocity_db
from drumsmith.instruments.kit.writing import write_kit

from ...helpers.noise_kit import RATE, TURNS, closest, noise_kit

CLICK = np.array([1.0])


def _clicks():
    """A kit of single samples: where they are is where hits begin."""
    layer = PlayedLayer(1, 127, (CLICK,))
    return Player({36: PlayedPad("kick", (layer,)), 38: PlayedPad("snare", (layer,))}, RATE)


def _midi(path, messages, ticks_per_beat=96):
    file = mido.MidiFile(ticks_per_beat=ticks_per_beat)
    file.tracks.append(mido.MidiTrack(messages))
    file.save(path)
    return path


def _on(time, note=36, velocity=127, channel=9):
    return mido.Message("note_on", time=time, note=note, velocity=velocity, channel=channel)


def test_onsets_of_a_midi_file_are_on_the_nearest_sample(tmp_path):
    # Three tempos, at none of which a tick is a whole number of samples, over some minutes.
    rng = np.random.default_rng(0)
    messages, expected, seconds = [], [], 0.0
    for tempo in (461_538, 333_333, 700_001):
        messages.append(mido.MetaMessage("set_tempo", tempo=tempo))
        for ticks in rng.integers(5, 150, 100):
            messages.append(_on(int(ticks)))
            seconds += ticks * tempo / 96e6
            expected.append(seconds)
    audio = _clicks().play(read_midi(_midi(tmp_path / "a.mid", messages)))
    found = np.flatnonzero(audio)
    assert len(found) == 300
    assert np.abs(found - np.array(expected) * RATE).max() <= 0.51


def test_a_given_tempo_takes_the_place_of_the_files(tmp_path):
    messages = [mido.MetaMessage("set_tempo", tempo=1_000_000), _on(0), _on(96)]
    beat = read_midi(_midi(tmp_path / "a.mid", messages), tempo=60)
    assert [hit.at_s for hit in beat.hits] == [0.0, 1.0]
    assert [h.at_s for h in read_midi(tmp_path / "a.mid", tempo=240).hits] == [0.0, 0.25]


def test_the_drum_channel_goes_before_others(tmp_path):
    messages = [_on(0, 60, channel=0), _on(10, 36), _on(0, 36, velocity=0)]
    assert [hit.note for hit in read_midi(_midi(tmp_path / "a.mid", messages)).hits] == [36]
    alone = [_on(0, 60, channel=0)]
    assert [hit.note for hit in read_midi(_midi(tmp_path / "b.mid", alone)).hits] == [60]


@pytest.mark.parametrize("content", [b"", b"RIFF", b"MThd\0\0\0\x06\0\0\0\1\0\x60MTrk"])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "a.mid").write_bytes(content)
    with pytest.raises(UserError):
        read_midi(tmp_path / "a.mid")


@pytest.fixture(scope="module")
def kit():
    return noise_kit()


@pytest.fixture
def player(kit, tmp_path):
    write_kit(kit, tmp_path / "kit")
    return player_of_folder(tmp_path / "kit")


def test_hits_take_turns_at_the_level_of_their_velocity(kit, player):
    velocities = (127, 127, 100, 127)
    beat = Beat(tuple(Hit(i * 0.2, 36, v) for i, v in enumerate(velocities)), 1.0)
    audio = player.play(beat)
    sounds = kit.pads[0].layers[1].sounds
    levels = []
    for number in range(4):
        part = audio[round(number * 0.2 * RATE) :][: len(sounds[0].audio)]
        best, correlation = closest(part, sounds)
        assert (best, correlation > 0.999) == (number % TURNS, True)
        levels.append(20 * np.log10(np.std(part) / np.std(sounds[best].audio)))
    assert levels[2] - levels[0] == pytest.approx(velocity_db(100), abs=0.01)


def test_a_closed_hat_cuts_an_open_one(kit, player):
    ringing = player.play(Beat((Hit(0.0, 46, 127), Hit(0.1, 36, 127)), 1.0))
    choked = player.play(Beat((Hit(0.0, 46, 127), Hit(0.1, 42, 127)), 1.0))
    # After the second sound, while the open hat would still ring.
    tail = slice(round(0.1 * RATE) + 4200, round(0.1 * RATE) + 8000)
    assert np.std(ringing[tail]) > 1e-3
    assert np.std(choked[tail]) == 0.0


def test_a_loop_has_the_beats_length_and_keeps_tails(player):
    beat = Beat((Hit(0.19, 36, 127),), 0.2)
    audio = player.play(beat, loop=True)
    assert len(audio) == round(0.2 * RATE)
    # The sound goes on at the start.
    assert np.std(audio[:1000]) > 0.01


def test_notes_without_a_pad_are_counted():
    player = _clicks()
    player.play(Beat((Hit(0, 36, 1), Hit(0, 99, 1), Hit(1, 99, 1)), 1.0))
    assert player.missing == {99: 2}


def test_a_folder_that_is_no_kit_is_named(tmp_path):
    with pytest.raises(UserError, match="is no kit"):
        player_of_folder(tmp_path)
