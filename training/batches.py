"""Batches as a training step takes them, on each worker its own rows."""

from pathlib import Path

import tensorflow as tf

from ..tfrecords.reading.augmentation import Augmentation
from ..tfrecords.reading.pipeline import training_dataset
from ..tfrecords.records.dataset_info import DatasetInfo
from .config.config import TrainingConfig
from .strategies import rows_per_replica
from .updates.registry import update_class


def distributed_batches(
    strategy: tf.distribute.Strategy,
    records: Path,
    config: TrainingConfig,
    *,
    step: int,
    length: int,
) -> tf.distribute.DistributedDataset:
    """Real sounds from ``step`` on, without end.

    A step takes ``batch_size`` rows of as many sounds each as the run's kind of step asks for.
    Rows follow each other in the order of the stream whatever the number of replicas; each gets a
    run of them.

    Args:
        strategy: who takes part.
        records: folder of records.
        config: the run's.
        step: generator updates done, hence how much of the stream is used up.
        length: samples of a sound at the current stage.

    Returns:
        Per replica (audio float32 (rows, batches, length), label int32 (rows, batches)).

    """
    batches = update_class(config).batches_per_step(config)
    per_step = config.batch_size * batches
    rows = rows_per_replica(config.batch_size, strategy)
    augmentation = augmentation_of(config, DatasetInfo.load(records).sample_rate)

    def for_worker(context: tf.distribute.InputContext) -> tf.data.Dataset:
        steps = training_dataset(
            records,
            batch_size=per_step,
            seed=config.seed,
            start=step * per_step,
            length=length,
            balanced=config.balanced,
            augmentation=augmentation,
            part=(context.input_pipeline_id, context.num_input_pipelines),
        )
        replicas = context.num_replicas_in_sync // context.num_input_pipelines
        shape = (replicas, rows, batches)

        def for_replicas(audio, label):
            return tf.reshape(audio, (*shape, length)), tf.reshape(label, shape)

        # One element a replica: a worker's replicas take turns at its elements.
        return steps.map(for_replicas).unbatch().prefetch(2 * replicas)

    return strategy.distribute_datasets_from_function(for_worker)


def augmentation_of(config: TrainingConfig, sample_rate: int) -> Augmentation:
    """Return what is changed of sounds as they are read."""
    return Augmentation(
        gain_db=config.augment_gain_db,
        shift_samples=round(config.augment_shift_ms * sample_rate / 1000),
        polarity=config.augment_polarity,
        resample=config.augment_resample,
    )
