import itertools

import numpy as np
import pytest

from drumsmith.common.latent import path_z, truncate_z, vary_z

Z = np.random.default_rng(0).standard_normal(100).astype(np.float32)


def _angle(a, b):
    return np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))


@pytest.mark.parametrize("amount", [0.0, 0.1, 0.5, 1.0])
def test_a_variation_turns_z_by_its_amount_and_keeps_its_length(amount):
    varied = vary_z(Z, amount, 5, seed=1)
    assert varied.shape == (5, 100)
    np.testing.assert_allclose(np.linalg.norm(varied, axis=1), np.linalg.norm(Z), rtol=1e-5)
    # arccos is coarse near 0 degrees.
    assert [_angle(Z, v) for v in varied] == pytest.approx([90 * amount**0.7] * 5, abs=0.05)


def test_more_variations_begin_with_the_same():
    np.testing.assert_array_equal(vary_z(Z, 0.2, 3, seed=1), vary_z(Z, 0.2, 9, seed=1)[:3])


def test_variations_are_drawn_as_z_is():
    # Any one element of z, over many z and directions, keeps mean 0 and deviation 1.
    rng = np.random.default_rng(1)
    varied = [vary_z(rng.standard_normal(20), 0.5, 1, seed)[0] for seed in range(2000)]
    assert np.abs(np.mean(varied, axis=0)).max() < 0.1
    assert np.abs(np.std(varied, axis=0) - 1).max() < 0.1


@pytest.mark.parametrize("how", ["linear", "spherical"])
def test_a_path_has_both_ends(how):
    other = Z[::-1]
    path = path_z(Z, other, 5, how)
    np.testing.assert_allclose(path[[0, -1]], [Z, other], atol=1e-6)
    angles = [_angle(a, b) for a, b in itertools.pairwise(path)]
    # Along the arc the angle changes evenly.
    assert (np.ptp(angles) < 0.01) == (how == "spherical")


def test_truncation_scales_z():
    np.testing.assert_array_equal(truncate_z(Z, 0.5), Z / 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: vary_z(Z, 1.5, 1, 0),
        lambda: vary_z(Z, float("nan"), 1, 0),
        lambda: path_z(Z, Z, 1),
        lambda: path_z(Z, Z, 3, "curly"),
        lambda: truncate_z(Z, 0.0),
    ],
)
def test_values_out_of_range_are_refused(call):
    with pytest.raises(ValueError, match=r"must be|at least"):
        call()
