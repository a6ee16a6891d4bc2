"""Strategies by name, and what is refused."""

import pytest
import tensorflow as tf

from drumsmith.training.strategies import StrategyError, is_chief, make_strategy, rows_per_replica


def test_auto_takes_one_cpu_where_there_is_no_gpu():
    if tf.config.list_logical_devices("GPU"):
        pytest.skip("this machine has a GPU")
    assert make_strategy("auto").num_replicas_in_sync == 1


@pytest.mark.parametrize("name", ["mirrored:", "mirrored:0", "mirrored:two", "mirror:2", ""])
def test_a_name_that_means_nothing_is_refused(name):
    with pytest.raises(StrategyError):
        make_strategy(name)


@pytest.mark.parametrize("config", ["", "{", '{"cluster": {}}', '{"cluster": {"worker": []}}'])
def test_multiworker_needs_a_cluster(monkeypatch, config):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(StrategyError, match="TF_CONFIG"):
        make_strategy("multiworker")


def test_one_process_alone_is_the_chief():
    assert is_chief(tf.distribute.get_strategy())
    assert rows_per_replica(64, tf.distribute.get_strategy()) == 64
