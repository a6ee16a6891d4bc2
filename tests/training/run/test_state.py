"""A run's state: everything that the model holds, and nothing that it cannot use."""

import keras
import numpy as np
import pytest

from drumsmith.training.run.run_folder import RunError
from drumsmith.training.run.state import load_state, networks_of, state_of
from drumsmith.training.updates.registry import build_trainable


@pytest.fixture
def model(tiny):
    return build_trainable(tiny, 3, tiny.schedule.phases[-1])


def small_network():
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="dense")])
    network.build()
    return network


def test_a_network_that_is_added_to_the_model_is_saved(model):
    assert not any(name.startswith("encoder/") for name in state_of(model))
    model.encoder = small_network()
    assert {"encoder/dense/kernel", "encoder/dense/bias"} <= set(state_of(model))


def test_an_optimizer_of_two_networks_keeps_them_apart(model):
    model.encoder = small_network()
    optimizer = type(model.generator_optimizer)(1e-3)
    optimizer.build([*model.encoder.variables, *model.critic.trainable_variables])
    model.encoder_optimizer = optimizer
    names = {name for name in state_of(model) if name.startswith("encoder_optimizer/momentum/")}
    assert any("/encoder/" in name for name in names)
    assert any("/critic/" in name for name in names)


def optimizer():
    return keras.optimizers.SGD(momentum=0.9)


@pytest.mark.parametrize("held", [small_network, optimizer])
def test_what_could_not_be_named_is_an_error_and_not_forgotten(model, held):
    model.others = [held()]
    with pytest.raises(AssertionError, match="would not be saved"):
        state_of(model)


@pytest.mark.parametrize(
    ("name", "message"),
    [("generator/up_64/kernel", "lacks"), ("critic_optimizer/velocity/score/bias", "lacks")],
)
def test_a_state_that_lacks_a_variable_is_refused(model, name, message):
    state = state_of(model)
    del state[name]
    with pytest.raises(RunError, match=f"the checkpoint {message} {name}"):
        load_state(model, state)


def test_a_state_of_a_larger_network_is_refused(model):
    state = state_of(model) | {"generator/up_9999/kernel": np.zeros(3)}
    with pytest.raises(RunError, match="the checkpoint has an unknown generator/up_9999/kernel"):
        load_state(model, state)


def test_a_state_from_before_averages_were_counted_and_of_other_means_still_loads(model):
    state = {
        name: array
        for name, array in state_of(model).items()
        if name != "average_updates" and "penalty" not in name
    }
    state["generator_optimizer/iterations"] = np.int64(7)
    load_state(model, state)
    assert int(model.average_updates.value) == 7


def test_networks_alone_are_enough_to_start_with(model):
    networks = networks_of(state_of(model))
    load_state(model, networks)
    without_critic = {name: a for name, a in networks.items() if not name.startswith("critic/")}
    load_state(model, without_critic)
    del networks["averaged/up_64/kernel"]
    with pytest.raises(RunError, match="lacks averaged/up_64/kernel"):
        load_state(model, networks)
