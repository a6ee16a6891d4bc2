import numpy as np
import pytest

from drumsmith.evaluation.sounds.pca import fit_pca


@pytest.mark.parametrize("count", [12, 60])
def test_distances_are_kept_where_all_directions_are(count):
    features = np.random.default_rng(0).standard_normal((count, 4, 5))
    projected = fit_pca(features, 20)(features)
    apart = features[0].ravel() - features[1].ravel()
    expected = np.sqrt(np.mean(apart**2))
    assert np.linalg.norm(projected[0] - projected[1]) == pytest.approx(expected, rel=1e-4)


def test_the_first_direction_holds_the_largest_variance():
    rng = np.random.default_rng(0)
    features = rng.standard_normal((2000, 3)) * [1.0, 5.0, 2.0]
    pca = fit_pca(features, 3)
    assert abs(pca.directions[1, 0]) > 0.99
    np.testing.assert_allclose(pca.shares, np.array([25, 4, 1]) / 30, atol=0.03)
