import numpy as np
import pytest

from drumsmith.evaluation.measurement import OVERALL
from drumsmith.evaluation.metrics.latent_metrics import METRICS, sounds_needed, take_latent


class Brightness:
    """One sound whose level follows z's first number alone, in dB."""

    labels = ("a", "b")
    sample_rate = 44_100
    length = 2048
    latent_dim = 5
    latent_prior = "normal"

    def from_z(self, z, label):
        noise = 0.1 * np.random.default_rng(0).standard_normal(self.length)
        return (10 ** (np.tanh(z[:, :1]) / 20) * noise).astype(np.float32)


@pytest.fixture(scope="module")
def taken():
    figures = {name: {} for name in (OVERALL, "a", "b")}
    made = []
    take_latent(Brightness(), ("a", "b"), figures, advance=made.append)
    return figures, sum(made)


def test_the_progress_counts_every_sound(taken):
    assert taken[1] == 2 * sounds_needed(Brightness.latent_dim)


def test_one_latent_number_that_matters_is_one_direction(taken):
    assert taken[0]["a"]["leading_three_latent"].value == pytest.approx(1.0, abs=1e-3)


def test_classes_that_sound_alike_have_equal_figures_on_the_same_paths(taken):
    figures = taken[0]
    for metric in METRICS:
        assert figures["a"][metric.name].value == pytest.approx(figures["b"][metric.name].value)
        assert figures[OVERALL][metric.name].value == pytest.approx(figures["a"][metric.name].value)


def test_a_longer_path_has_the_larger_length(taken):
    # An arc between random ends is longer than the line.
    figures = taken[0][OVERALL]
    assert figures["path_length_slerp"].value > figures["path_length_lerp"].value > 0


class Listener(Brightness):
    """Remembers every z that it is asked for."""

    latent_prior = "uniform"

    def __init__(self):
        self.heard = []

    def from_z(self, z, label):
        self.heard.append(z)
        return super().from_z(z, label)


def test_paths_of_a_uniform_latent_space_stay_where_its_z_are():
    listener = Listener()
    take_latent(listener, ("a",), {name: {} for name in (OVERALL, "a")})
    z = np.concatenate(listener.heard)
    # Arcs bulge out of the cube a little; normal z reach 3 and more.
    assert 0.9 < np.abs(z).max() < 1.5
