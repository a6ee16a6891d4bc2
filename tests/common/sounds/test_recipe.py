import dataclasses
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from drumsmith.common.sounds.processing import Processing
from drumsmith.common.sounds.recipe import Recipe, RecipeError, read_recipe
from drumsmith.common.sounds.sound_files import Sound
from drumsmith.common.sounds.wav import read_wav, wav_bytes

Z = tuple(np.random.default_rng(0).standard_normal(100).astype(np.float32).tolist())
RECIPES = [
    Recipe("abc", "kick", seed=2**62),
    Recipe("abc", "<&> 'é' \"x\" }{", z=Z, version=3),
    Recipe("abc", class_weights={"kick": 0.1 + 0.2, "snare": -1.0}, seed=1, truncation=0.7),
    Recipe("abc", "kick", seed=0, processing=Processing(trim_db=-60.0, encoding="24")),
]


def _file(path, recipe):
    sound = Sound(np.linspace(-1, 1, 100, dtype=np.float32), 44100, recipe)
    path.write_bytes(sound.to_bytes())
    return path


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_file_gives_its_recipe_back(tmp_path, recipe):
    again = read_recipe(_file(tmp_path / "a.wav", recipe))
    assert again.digest
    assert dataclasses.replace(again, digest="") == recipe


@pytest.mark.parametrize("kept", ["LIST", "bext", "iXML"])
def test_any_one_of_the_three_chunks_is_enough(tmp_path, kept):
    path = _file(tmp_path / "a.wav", RECIPES[1])
    content = path.read_bytes()
    for name in {"LIST", "bext", "iXML"} - {kept}:
        # A program that knows no such chunk writes none; junk in its place is the same.
        at = content.index(name.encode())
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        content = (
            content[:at]
            + b"JUNK"
            + content[at + 4 : at + 8]
            + bytes(size)
            + content[at + 8 + size :]
        )
    path.write_bytes(content)
    assert dataclasses.replace(read_recipe(path), digest="") == RECIPES[1]


def test_the_ixml_is_xml(tmp_path):
    content = _file(tmp_path / "a.wav", RECIPES[1]).read_bytes()
    at = content.index(b"iXML")
    size = int.from_bytes(content[at + 4 : at + 8], "little")
    assert ElementTree.fromstring(content[at + 8 : at + 8 + size]).findtext("USER").startswith("{")


def test_a_recipe_survives_edited_tags_and_another_format(tmp_path):
    path = _file(tmp_path / "a.wav", RECIPES[1])
    with soundfile.SoundFile(path) as old:
        tags = old.copy_metadata()
        audio = old.read()
    with soundfile.SoundFile(tmp_path / "b.flac", "w", 44100, 1) as new:
        for name, value in (tags | {"title": "my own", "artist": "me"}).items():
            setattr(new, name, value)
        new.write(audio)
    assert read_recipe(tmp_path / "b.flac").z == Z


def test_a_file_without_a_recipe_is_named(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(np.zeros(9, np.float32), 44100))
    with pytest.raises(RecipeError, match="carries no recipe"):
        read_recipe(path)


def test_a_step_of_a_later_version_is_named(tmp_path):
    path = _file(tmp_path / "a.wav", RECIPES[3])
    path.write_bytes(path.read_bytes().replace(b"trim_db", b"warp_db"))
    with pytest.raises(Exception, match="warp_db"):
        read_recipe(path)


def test_the_digest_is_of_the_samples(tmp_path):
    path = _file(tmp_path / "a.wav", RECIPES[0])
    content = bytearray(path.read_bytes())
    digest = read_recipe(path).digest
    from drumsmith.common.sounds.sound_files import data_digest

    assert data_digest(read_wav(path).data) == digest
    content[content.index(b"data") + 9] ^= 1
    assert data_digest(read_wav(bytes(content)).data) != digest
