import dataclasses
import json
import tarfile
import zipfile
from collections import Counter

import numpy as np
import pytest

from drumsmith.common.errors import UserError
from drumsmith.common.sounds.processing import Processing
from drumsmith.common.sounds.recipe import read_recipe
from drumsmith.common.sounds.wav import read_wav
from drumsmith.instruments.effects import loudness
from drumsmith.instruments.kit.choosing import choose_seeds, decay_seconds
from drumsmith.instruments.kit.kit import layer_bounds, make_kit, velocity_db
from drumsmith.instruments.kit.pads import Pad, default_pads
from drumsmith.instruments.kit.writing import write_kit, zip_kit
from drumsmith.instruments.rendering import render

SMALL = {"round_robins": 2, "velocities": 2}


@pytest.fixture(scope="module")
def made(model):
    pads = choose_seeds(model, default_pads(model.labels, **SMALL), seed=0)
    return make_kit(model, "tiny", pads, Processing(encoding="24"))


def test_layers_cover_every_velocity_once():
    for count in range(1, 17):
        covered = Counter(v for low, high in layer_bounds(count) for v in range(low, high + 1))
        assert covered == dict.fromkeys(range(1, 128), 1)


def test_sounds_of_a_layer_are_equally_loud_and_softer_layers_softer(made):
    for pad in made.pads:
        levels = [
            [loudness(sound.audio.astype(float), sound.sample_rate) for sound in layer.sounds]
            for layer in pad.layers
        ]
        assert [np.ptp(level) for level in levels] == pytest.approx([0, 0], abs=0.05)
        softer = levels[0][0] - levels[1][0]
        assert softer == pytest.approx(velocity_db(pad.layers[0].highest), abs=0.05)


def test_the_loudest_sound_of_a_pad_meets_its_level(made):
    for pad in made.pads:
        peak = max(np.abs(s.audio).max() for layer in pad.layers for s in layer.sounds)
        assert 20 * np.log10(peak) == pytest.approx(pad.pad.level_db - 1.0, abs=0.02)


def test_every_sound_of_a_kit_is_another(made):
    sounds = {s.data for pad in made.pads for layer in pad.layers for s in layer.sounds}
    assert len(sounds) == len(made.pads) * 4


def test_every_sound_of_a_kit_is_made_again_from_its_file(model, made, tmp_path):
    write_kit(made, tmp_path / "kit")
    files = sorted((tmp_path / "kit" / "samples").rglob("*.wav"))
    again = render(model, [read_recipe(path) for path in files])
    assert len(files) == len(made.pads) * 4
    assert all(s.data == read_wav(p).data for s, p in zip(again, files, strict=True))


def test_an_open_and_a_closed_hat_are_one_cymbal(model):
    pads = {pad.name: pad for pad in choose_seeds(model, default_pads(model.labels), seed=3)}
    assert pads["open hat"].seed == pads["closed hat"].seed == pads["pedal hat"].seed
    own = [pads[name].seed for name in ("open hat", "crash", "ride")]
    assert len(set(own)) == 3


def test_pads_like_each_other_in_a_circle_are_refused(model):
    pads = (Pad("a", "kick", 1, like="b"), Pad("b", "kick", 2, like="a"))
    with pytest.raises(UserError, match="circle"):
        choose_seeds(model, pads, 0)


def test_decay_is_the_time_to_30_db():
    fall = np.exp(-np.arange(44100) / 44100 / 0.05)
    # 30 dB are ln(31.6) time constants.
    assert decay_seconds(fall, 44100) == pytest.approx(0.05 * np.log(10**1.5), rel=0.01)


def test_a_folder_that_holds_something_is_left_alone(kit, tmp_path):
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(UserError, match="holds something"):
        write_kit(kit, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_archives_hold_the_kit(kit, folder):
    with tarfile.open(folder.with_suffix(".h2drumkit")) as archive:
        assert "noises/drumkit.xml" in archive.getnames()
        assert len([n for n in archive.getnames() if n.endswith(".wav")]) == 18
    with zipfile.ZipFile(zip_kit(folder)) as archive:
        names = archive.namelist()
        for name in ("noises.sfz", "noises.dspreset", "kit.json", "kit.png"):
            assert f"noises/{name}" in names


def test_the_description_names_every_sound(kit, folder):
    described = json.loads((folder / "kit.json").read_text())
    files = [
        file for layers in described["sounds"].values() for one in layers for file in one["files"]
    ]
    assert len(files) == 18
    assert all((folder / file).is_file() for file in files)
    assert described["pads"]["open hat"]["choked_by"] == "hats"
    assert dataclasses.asdict(kit.pads[0].pad)["note"] == described["pads"]["kick"]["note"]
