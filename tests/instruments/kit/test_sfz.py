import numpy as np
import pytest

from drumsmith.instruments.kit.kit import velocity_db

from ...helpers.noise_kit import LENGTH, LONG, RATE, TURNS, closest

pysfizz = pytest.importorskip("pysfizz", reason="pysfizz plays the SFZ; pip install pysfizz")

# sfizz repeats a sample between the blocks of a sound, so that a short one must fit into one.
BLOCK = LENGTH


@pytest.fixture
def synth(folder):
    player = pysfizz.Synth(RATE, BLOCK)
    # A long sound is read by a thread of its own: rendering waits for it on a busy machine.
    player._synth.enable_freewheeling()
    assert player.load_sfz_file(folder / "noises.sfz")
    return player


def _blocks(synth, count):
    return np.concatenate([synth._synth.render_block()[0] for _ in range(count)])


def _hit(synth, note, velocity):
    synth._synth.note_on(0, note, velocity)
    return _blocks(synth, 2)


@pytest.mark.parametrize(("velocity", "layer"), [(1, 0), (64, 0), (65, 1), (127, 1)])
def test_sounds_take_turns_in_every_layer(kit, synth, velocity, layer):
    sounds = [sound for one in kit.pads[0].layers for sound in one.sounds]
    for turn in range(2 * TURNS):
        best, correlation = closest(_hit(synth, 36, velocity), sounds)
        assert best == layer * TURNS + turn % TURNS
        assert correlation > 0.99


@pytest.mark.parametrize("velocity", [20, 64, 65, 100, 127])
def test_levels_follow_the_velocity_squared(kit, synth, velocity):
    # Every file is as loud as the highest velocity of its layer, so that all have one reference.
    played = _hit(synth, 36, velocity)
    layer = kit.pads[0].layers[0 if velocity <= 64 else 1]
    level = 20 * np.log10(np.std(played[:LENGTH]) / np.std(layer.sounds[0].audio))
    full = 20 * np.log10(
        np.std(_hit(synth, 36, 127)[:LENGTH]) / np.std(kit.pads[0].layers[1].sounds[0].audio)
    )
    assert layer.level_db + level - full == pytest.approx(velocity_db(velocity), abs=1.0)


def test_a_closed_hat_silences_an_open_one_and_nothing_else_does(kit, synth):
    def tail_after(note):
        synth._synth.note_on(0, 46, 127)
        _blocks(synth, 1)
        synth._synth.note_on(0, note, 127)
        # What follows the other sound, while the open hat would still ring.
        _blocks(synth, 1)
        tail = _blocks(synth, 1)
        _blocks(synth, LONG // BLOCK)
        return np.std(tail)

    # All turns: one whose file a busy machine has not read yet is silent, and rings after nothing.
    rings, silenced = (max(tail_after(note) for _ in range(TURNS)) for note in (36, 42))
    assert rings > 1e-3
    assert silenced < 0.01 * rings


def test_an_open_hat_does_not_silence_a_closed_one(kit, synth):
    synth._synth.note_on(0, 42, 127)
    synth._synth.note_on(0, 46, 127)
    both = _blocks(synth, 1)
    assert closest(both, kit.pads[2].layers[1].sounds)[1] > 0.5
