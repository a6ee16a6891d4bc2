from itertools import count

import numpy as np
import pytest

from drumsmith.common.errors import UserError
from drumsmith.common.sounds.recipe import Recipe
from drumsmith.instruments.drawing import Drawing


def _recipes(model):
    return (Recipe(model.model_id, "kick", seed=seed) for seed in count())


def test_faulty_sounds_are_left_out_and_others_take_their_place(model):
    # Every third one, whatever it sounds like.
    calls = count()
    drawing = Drawing(model, lambda audio, rate: np.array([next(calls) % 3 == 0 for _ in audio]))
    seeds = [sound.recipe.seed for sound in drawing.sounds(_recipes(model), 40)]
    assert seeds == [seed for seed in range(100) if seed % 3][:40]
    assert drawing.drawn - drawing.left_out == 40


def test_a_model_of_faulty_sounds_alone_ends(model):
    drawing = Drawing(model, lambda audio, rate: np.ones(len(audio), bool))
    with pytest.raises(UserError, match="far from trained"):
        list(drawing.sounds(_recipes(model), 1))
