"""Which devices a run trains on."""

import json
import os
from collections.abc import Callable
from functools import cache

import tensorflow as tf

from ..common.errors import UserError


class StrategyError(UserError):
    """A strategy that does not exist, or that this process can no longer set up."""


def make_strategy(name: str = "auto") -> tf.distribute.Strategy:
    """Return the strategy of that name; call before TensorFlow has done anything else.

    Args:
        name: ``auto`` mirrors over all GPUs if there are any, and takes one CPU otherwise;
            ``mirrored:N`` mirrors over N logical CPU devices (for tests and for trying things);
            ``multiworker`` joins the workers that the environment variable TF_CONFIG lists.

    Raises:
        StrategyError: the name means nothing, or the devices cannot be had.

    """
    if name == "auto":
        if tf.config.list_logical_devices("GPU"):
            return tf.distribute.MirroredStrategy()
        return tf.distribute.get_strategy()
    if name.startswith("mirrored:"):
        return _mirrored_cpus(name)
    if name == "multiworker":
        return _multi_worker()
    raise StrategyError(f"unknown strategy {name!r}; known are auto, mirrored:N, multiworker")


def is_chief(strategy: tf.distribute.Strategy) -> bool:
    """Whether this process writes what the run leaves behind."""
    resolver = strategy.cluster_resolver
    return resolver is None or not resolver.task_type or resolver.task_id == 0


def any_worker(strategy: tf.distribute.Strategy, own: bool) -> bool:
    """Whether any worker says yes; all must ask together."""
    return bool(_total(strategy)(tf.constant(float(own))) > 0)


@cache
def _total(strategy: tf.distribute.Strategy) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return a function that sums each worker's number over all of them."""

    @tf.function
    def total(own: tf.Tensor) -> tf.Tensor:
        return strategy.reduce("SUM", strategy.run(tf.identity, args=(own,)), axis=None)

    return total


def rows_per_replica(batch_size: int, strategy: tf.distribute.Strategy) -> int:
    """Each replica's part of the global batch.

    Raises:
        StrategyError: it does not divide evenly.

    """
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise StrategyError(
            f"batch_size {batch_size} does not divide among {replicas} replicas; "
            f"take a multiple of {replicas}"
        )
    return batch_size // replicas


def _mirrored_cpus(name: str) -> tf.distribute.Strategy:
    count = name.partition(":")[2]
    if not count.isdecimal() or int(count) < 1:
        raise StrategyError(f"mirrored takes a number of devices, as in mirrored:2, not {name!r}")
    cpu = tf.config.list_physical_devices("CPU")[0]
    wanted = [tf.config.LogicalDeviceConfiguration()] * int(count)
    try:
        tf.config.set_logical_device_configuration(cpu, wanted)
    except RuntimeError:
        # Devices cannot be divided again once TensorFlow runs; enough of them may be there.
        if len(tf.config.list_logical_devices("CPU")) < int(count):
            raise StrategyError(
                f"{name} must be set up before TensorFlow runs in this process"
            ) from None
    return tf.distribute.MirroredStrategy([f"CPU:{index}" for index in range(int(count))])


def _multi_worker() -> tf.distribute.Strategy:
    try:
        workers = json.loads(os.environ.get("TF_CONFIG", "{}"))["cluster"]["worker"]
    except (ValueError, KeyError, TypeError):
        raise StrategyError(
            "multiworker needs the environment variable TF_CONFIG with a cluster of workers"
        ) from None
    if not workers:
        raise StrategyError("TF_CONFIG lists no worker")
    return tf.distribute.MultiWorkerMirroredStrategy()
