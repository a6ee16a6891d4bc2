"""Previews and the light evaluation hear the z that the networks were trained on."""

from types import SimpleNamespace

import numpy as np
import tensorflow as tf

from drumsmith.training.callbacks.previews import generate_averaged


class Echo:
    """A generator whose sound is its z."""

    latent_dim = 40
    latent_prior = "uniform"

    def __call__(self, z, label, fade):
        return tf.constant(z)[..., None]


def test_sounds_are_made_from_the_generators_own_prior():
    model = SimpleNamespace(averaged=Echo(), phase=SimpleNamespace(fade=lambda step: 1.0))
    z = generate_averaged(model, 3, np.zeros(100, np.int32), step=7)
    assert z.shape == (100, 40)
    assert 0.98 < np.abs(z).max() <= 1
