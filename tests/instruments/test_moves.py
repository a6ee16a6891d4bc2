import numpy as np

from drumsmith.common.sounds.recipe import Recipe
from drumsmith.instruments.distance import distance_db
from drumsmith.instruments.moves import evenly, path_recipes
from drumsmith.instruments.rendering import render_raw


def largest_over_mean(sounds):
    steps = distance_db(np.asarray(sounds[1:]), np.asarray(sounds[:-1]))
    return steps.max() / steps.mean()


def test_a_sound_that_changes_at_once_gets_its_steps_where_it_changes():
    t = np.linspace(0, 1, 41)
    share = 1 / (1 + np.exp(-60 * (t - 0.3)))  # nearly all of it between 0.25 and 0.35
    noise = np.random.default_rng(0).standard_normal((2, 1, 4096)).astype(np.float32)
    places = evenly(t, (1 - share[:, None]) * noise[0] + share[:, None] * noise[1], 9)
    assert places[0] == 0
    assert places[-1] == 1
    assert np.all(np.diff(places) > 0)
    assert np.sum(np.abs(places - 0.3) < 0.1) >= 5


def test_a_way_without_a_change_is_divided_as_it_is():
    t = np.linspace(0, 1, 9)
    np.testing.assert_allclose(evenly(t, np.ones((9, 4096), np.float32), 3), [0, 0.5, 1])


def test_steps_of_a_path_are_alike_to_the_ear(pretrained):
    uneven = {"z": [], "sound": []}
    for seeds in ((1, 2), (3, 4), (5, 6)):
        ends = [Recipe(pretrained.model_id, "kick", seed=seed) for seed in seeds]
        by_z, by_sound = (
            render_raw(pretrained, path_recipes(pretrained, *ends, 6, spacing=spacing))
            for spacing in uneven
        )
        np.testing.assert_allclose(by_sound[-1], by_z[-1], atol=1e-6)
        uneven["z"].append(largest_over_mean(by_z))
        uneven["sound"].append(largest_over_mean(by_sound))
    assert np.mean(uneven["sound"]) < np.mean(uneven["z"])
    # Some ways are even in z already; by sound all are.
    assert max(uneven["sound"]) < 1.25
