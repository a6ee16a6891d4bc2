import numpy as np
import pytest

from drumsmith.common.errors import UserError
from drumsmith.common.sounds.recipe import Recipe
from drumsmith.common.sounds.sound_files import Sound
from drumsmith.instruments.naming import Names

SINE = np.sin(2 * np.pi * 55 * np.arange(22050) / 44100)


def _sound(label="kick", seed=1):
    return Sound(SINE, 44100, Recipe("abc", label, seed=seed))


def test_a_pattern_names_label_count_and_note():
    names = Names("{label}/{label}_{n:02}_{note}")
    assert str(names.of(_sound())) == "kick/kick_01_A1.wav"
    assert str(names.of(_sound("my snare!"))) == "my_snare_/my_snare__01_A1.wav"
    assert str(names.of(_sound())) == "kick/kick_02_A1.wav"


def test_two_sounds_never_share_a_name():
    names = Names("{label}")
    names.of(_sound())
    with pytest.raises(UserError, match="two sounds"):
        names.of(_sound(seed=2))


@pytest.mark.parametrize("pattern", ["{lable}", "{n:x%}", "{", "../{label}", "/tmp/{label}"])
def test_a_pattern_that_cannot_be_followed_is_refused(pattern):
    with pytest.raises(UserError, match="--names"):
        Names(pattern)
