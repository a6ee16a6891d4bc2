import shutil

import numpy as np
import pytest
from matplotlib.image import imread

from drumsmith.cli.main import main
from drumsmith.common.sounds.recipe import read_recipe
from drumsmith.instruments.distance import distance_db
from drumsmith.instruments.likeness import find, near
from drumsmith.serving.export.warmup import WARMUP_FILE
from drumsmith.serving.pretrained import pretrained_models
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server


@pytest.fixture(scope="module")
def model(pretrained):
    return pretrained


@pytest.fixture(scope="module")
def kick(model):
    return model.generate("kick", n=1, seed=11)


@pytest.fixture(scope="module")
def found(model, kick):
    return find(model, kick.audio[0])


def test_two_noises_are_as_far_apart_as_noises_are():
    noise = np.random.default_rng(0).standard_normal((2, 16384)).astype(np.float32) / 10
    apart = distance_db(noise, noise[0])
    assert apart[0] == 0
    assert apart[1] == pytest.approx(7.9, abs=0.3)  # two independent Rayleigh levels: 7.9 dB


def test_sounds_of_the_model_are_found_again(model, found):
    kicks = model.generate("kick", n=4, seed=12).audio
    again = [found, *(find(model, kick) for kick in kicks)]
    assert {one.label for one in again} == {"kick"}
    assert np.median([one.distance_db for one in again]) < 5  # one is half noise, and 6.5 away
    assert not any(one.outside for one in again)


def test_a_label_that_is_asked_for_is_kept(model, kick):
    assert find(model, kick.audio[0], "snare").label == "snare"


def test_more_amount_goes_further(model, kick, found):
    label = np.full(4, model.labels.index("kick"), np.int32)
    far = [
        distance_db(
            model.from_z(np.array([r.z for r in near(model, found, 4, amount, 0)]), label),
            kick.audio[0],
        ).mean()
        for amount in (0.05, 0.8)
    ]
    assert far[0] < far[1]


def test_answers_are_heard_as_what_the_sound_is_even_far_from_it(model, found):
    recipes = near(model, found, 8, 0.6, seed=0)
    z = np.array([recipe.z for recipe in recipes], np.float32)
    assert len(np.unique(z, axis=0)) == 8
    number = model.labels.index("kick")
    heard = model.encode(model.from_z(z, np.full(8, number, np.int32))).class_weights
    assert list(np.argmax(heard, axis=1)) == [number] * 8


@pytest.mark.parametrize("tones_hz", [(1000, 2300, 5100), (700,), (220, 277, 330, 440, 554, 660)])
def test_steady_tones_that_are_no_drum_are_outside(model, tones_hz):
    time = np.arange(16384) / 44100
    tones = sum(np.sin(2 * np.pi * hz * time) for hz in tones_hz) / len(tones_hz)
    assert find(model, tones.astype(np.float32)).outside


def test_the_command_writes_sounds_that_differ_and_say_what_made_them(kick, tmp_path, capsys):
    (sound,) = kick.save(tmp_path)
    picture = tmp_path / "like.png"
    options = ["-n", "2", "--out", str(tmp_path / "out"), "--picture", str(picture)]
    assert main(["like", str(sound), *options]) == 0
    assert "is heard as kick" in capsys.readouterr().out
    assert imread(picture).shape[:2] == (190, 3 * 190)  # your sound, and two like it
    one, two = sorted((tmp_path / "out").iterdir())
    assert one.read_bytes() != two.read_bytes()
    assert read_recipe(one).label == "kick"


def test_a_server_is_asked_the_same(kick, tmp_path, capsys):
    (sound,) = kick.save(tmp_path)
    # Without its warm-up, which takes longer than the few calls.
    cold = shutil.ignore_patterns(WARMUP_FILE.name)
    models = shutil.copytree(pretrained_models(), tmp_path / "models", ignore=cold)
    with Server([ModelConfig("drums", models)], ServerOptions(port=0)) as server:
        options = ["--server", f"127.0.0.1:{server.port}", "--out", str(tmp_path / "out")]
        assert main(["like", str(sound), "-n", "2", *options]) == 0
    assert "is heard as kick" in capsys.readouterr().out
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_picture_that_cannot_be_drawn_is_refused_before_any_sound_is_made(kick, tmp_path, capsys):
    (sound,) = kick.save(tmp_path)
    options = ["--out", str(tmp_path / "out"), "--picture", str(tmp_path / "p.xyz")]
    assert main(["like", str(sound), *options]) == 2
    assert "p.xyz must end in one of .png, .svg, .pdf" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [None, b"no sound"])
def test_what_is_no_sound_is_named_in_one_line(content, tmp_path, capsys):
    path = tmp_path / "thing.wav"
    if content:
        path.write_bytes(content)
    assert main(["like", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "thing.wav" in capsys.readouterr().err
