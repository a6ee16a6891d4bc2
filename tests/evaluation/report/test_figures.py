import numpy as np
import pytest
from PIL import Image

from drumsmith.evaluation.report.figures import figure_3, figure_4, preview_figure
from drumsmith.evaluation.sounds.latent_paths import STEPS, latent_paths


def colours(path):
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB").resize((200, 150))).reshape(-1, 3)
    return len(np.unique(pixels, axis=0))


def test_figure_3_shows_every_class(real, tmp_path):
    path = tmp_path / "figure3.png"
    figure_3({name: real.held_out.of(i)[:2] for i, name in enumerate(real.labels)}, 44_100, path)
    assert colours(path) > 200


def test_previews_are_one_picture_however_many(real, tmp_path):
    path = tmp_path / "previews.png"
    preview_figure(real.held_out.audio[:9], [str(i) for i in range(9)], 44_100, path)
    assert colours(path) > 200


@pytest.mark.parametrize("length", [256, 1024])
def test_short_audio_of_an_early_stage_can_be_drawn(tmp_path, length):
    audio = np.random.default_rng(0).uniform(-1, 1, (2, length)).astype(np.float32)
    preview_figure(audio, ["a", "b"], 44_100 * length // 16_384, tmp_path / "p.png")
    figure_3({"kick": audio}, 44_100 * length // 16_384, tmp_path / "f.png")
    assert (tmp_path / "p.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("latent_dim", "directions", "words"),
    [
        (3, "principal", "the latent space"),
        (2, "principal", "the latent space"),
        (6, "principal", "three of 6 latent directions that change the sound most"),
        (6, "random", "three random directions of the 6"),
    ],
)
def test_paths_say_which_space_they_are_in(drums, good, latent_dim, directions, words):
    paths = latent_paths(drums.MixingSource(good, latent_dim), "kick", 0, directions)
    assert words in paths.title
    assert paths.points.shape == (4, STEPS, 3)
    assert paths.audio.shape == (4, STEPS, drums.LENGTH)
    # A linear and a spherical path between the same ends make the same sounds there.
    np.testing.assert_allclose(paths.audio[0, [0, -1]], paths.audio[1, [0, -1]], atol=1e-5)


def test_figure_4_is_drawn_as_a_vector_picture_too(drums, good, tmp_path):
    paths = latent_paths(drums.MixingSource(good, 3), "snare")
    for ending in ("png", "svg"):
        figure_4(
            paths.points,
            paths.audio[:, :, ::32],
            tmp_path / f"figure4.{ending}",
            path_names=paths.names,
            title=paths.title,
        )
    assert colours(tmp_path / "figure4.png") > 50
    assert "<svg" in (tmp_path / "figure4.svg").read_text()[:1000]
