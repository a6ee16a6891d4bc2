import dataclasses

import numpy as np
import pytest

from drumsmith.model import networks
from drumsmith.model.class_axis import ClassAxis
from drumsmith.model.growth import by_name
from drumsmith.model.network_config import NetworkConfig

WAVE = NetworkConfig(width=2, blocks=3, latent_dim=4, embedding_dim=3, conditioning="projection")
TONES = NetworkConfig(generator="tones-and-noise", width=8, blocks=4, latent_dim=4)


def test_classes_are_copied_from_where_they_lie():
    array = np.arange(12).reshape(6, 2)  # two rows before, three classes, one row after
    taken = ClassAxis(0, 2).reorder(array, 3, [2, 0])
    assert taken[:, 0].tolist() == [0, 2, 8, 4, 10]


@pytest.mark.parametrize(
    ("build", "config"),
    [
        (networks.build_generator, WAVE),
        (networks.build_critic, WAVE),
        (networks.build_critic, dataclasses.replace(WAVE, critic="waveform-and-log-mel")),
        (networks.build_generator, TONES),
        (networks.build_encoder, TONES),
    ],
)
def test_a_network_names_every_variable_that_grows_with_the_classes(build, config):
    three, four = (by_name(build(config, classes).variables) for classes in (3, 4))
    axes = build(config, 3).class_axes
    for name, variable in three.items():
        shape = list(variable.shape)
        if name in axes:
            shape[axes[name].axis] += 1
        assert shape == list(four[name].shape), name
