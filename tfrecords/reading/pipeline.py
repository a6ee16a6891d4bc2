"""From a folder of records to batches for training, and whole splits for evaluation."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from ..records import schema
from ..records.dataset_info import SPLITS, DatasetInfo, RecordsError
from ..records.shards import RecordReader
from ..records.verification import check_records
from . import shutdown as ending
from .augmentation import Augmentation, augment
from .order import Balanced, Order, Shuffled, draws
from .resampling import downsample

# Batches made ahead of the training step: nearly one step's (5 critic updates, 1 batch each).
_AHEAD = 4
# Batches read at once: one waits for the disk while the other copies.
_READERS = 2
_SPLIT_BATCH = 256


def training_dataset(
    records: Path,
    *,
    batch_size: int,
    seed: int,
    start: int = 0,
    length: int | None = None,
    balanced: bool = False,
    augmentation: Augmentation | None = None,
    part: tuple[int, int] = (0, 1),
) -> tf.data.Dataset:
    """Open the training split as an endless stream of batches.

    The stream of single examples is a pure function of ``seed`` and the options; ``batch_size``
    only cuts it, and batches run across the ends of epochs. A sound that counts as several labels
    comes under each of them in turn, see `DatasetInfo.entries`. A run that consumed ``n`` examples
    goes on with ``start=n`` and meets the examples that it would have met. Starting late costs
    nothing: places are computed, not read.

    Memory is bounded, whatever the number of records: the places of the records, and a few batches.

    Args:
        records: a folder written by ``drumsmith prepare``.
        batch_size: sounds per batch, over all parts together.
        seed: not negative; decides the order of every epoch and the augmentation.
        start: how many examples were consumed before.
        length: samples per sound; the stored length by default, or that divided by a power of
            4: band-limited, resampled audio for progressive growing.
        balanced: draw every label equally often; the kinds of a family share one label's turn, or
            the sounds of a family of many kinds would be all that training meets.
        augmentation: small changes; none by default.
        part: (i, n): only the i-th of n equal parts of every batch, for worker i of n.

    Returns:
        A dataset of (audio float32 (batch_size / n, length), label int32 (batch_size / n,)).

    Raises:
        RecordsError: the folder cannot be used, or ``length`` cannot be made from it.
        ValueError: another argument is out of range.

    Example:
        >>> dataset = training_dataset(Path("records"), batch_size=64, seed=1)
        >>> audio, label = next(iter(dataset))  # (64, 16384), (64,)
    """
    info = DatasetInfo.load(records)
    factor = growth_factor(info, length)
    rows = _rows(batch_size, part)
    if start < 0 or seed < 0:
        raise ValueError(f"start {start} and seed {seed} must not be negative")
    reader = RecordReader(records, info, "train")
    if not len(reader):
        raise RecordsError(f"{records} has no training sounds: prepare a larger collection")
    # Damage stops a training before it starts, not in hour three.
    check_records(Path(records), info, "train")
    records_of, labels_of = info.entries("train")
    order: Order
    if balanced:
        kinds = [[info.labels.index(kind) for kind in kinds] for kinds in info.families.values()]
        order = Balanced(labels_of, seed, sharing=kinds)
    else:
        order = Shuffled(len(labels_of), seed)
    stored, fade = info.length, int(info.preparation.get("fade_out_samples", 1))
    del info  # 100,000 sources need not live as long as the data set

    def fetch(batch: np.int64) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        with ending.counted():
            place = start + int(batch) * batch_size + part[0] * rows
            entries = order.indices(place, rows)
            found = np.array(reader.read(records_of[entries]), object)
            chance = draws(place, rows, seed).astype(np.float32)
            return found, labels_of[entries].astype(np.int32), chance

    def read(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        found, label, chance = tf.numpy_function(
            fetch, [batch], (tf.string, tf.int32, tf.float32), stateful=False
        )
        found, label = (tf.ensure_shape(one, (rows,)) for one in (found, label))
        return found, label, tf.ensure_shape(chance, (rows, 4))

    def parse(found: tf.Tensor, label: tf.Tensor, chance: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        audio, _, _ = schema.decode(found, stored)
        if augmentation is not None and augmentation.active:
            # At the full rate, so that a shift by one sample means the same at every stage.
            audio = augment(audio, chance, augmentation, fade)
        return _at_length(audio, factor), label

    # The numbers of batches; all randomness hangs on them, none on threads.
    dataset = ending.until_the_program_ends(tf.data.Dataset.counter())
    # A whole batch in one call into Python: the interpreter is entered once per 64 sounds, and
    # what comes back are undecoded bytes. Deterministic order whatever the threads do.
    dataset = dataset.map(read, num_parallel_calls=_READERS, deterministic=True)
    # Decoding after batching: one vectorised parse per batch instead of 64 small ones, and here
    # nothing waits for Python, so that it can use the cores that the training step leaves.
    dataset = dataset.map(parse, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    # Last, so that the finished batch waits for the step and not the step for the batch.
    return dataset.prefetch(_AHEAD)


def load_split(
    records: Path, split: str, *, length: int | None = None, limit: int | None = None
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Read a whole split into memory, in the order of the records.

    Sounds that count as a family's, too, follow again under its label, see `DatasetInfo.entries`.

    Args:
        records: a folder written by ``drumsmith prepare``.
        split: one of SPLITS.
        length: as in ``training_dataset``.
        limit: at most so many records.

    Returns:
        audio float32 (entries, length), label int32 (entries,), and the sources' paths.

    Raises:
        RecordsError: the folder cannot be used or a record is damaged.
        ValueError: there is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"no split {split!r}: choose one of {', '.join(SPLITS)}")
    info = DatasetInfo.load(records)
    factor = growth_factor(info, length)
    count = min(info.count(split), limit if limit is not None else info.count(split))
    audio = np.zeros((count, info.length // factor), np.float32)
    sources = [item.path for item in info.sources if item.split == split]
    done = 0
    for sounds, labels, _ in _in_sequence(records, info, split, count):
        audio[done : done + len(labels)] = _at_length(sounds, factor)
        done += len(labels)
    numbers, labels = info.entries(split)
    read = numbers < count
    numbers, labels = numbers[read], labels[read].astype(np.int32)
    if len(numbers) > count:  # a copy of all of them only where there are families
        audio = audio[numbers]
    return audio, labels, [sources[number] for number in numbers]


def growth_factor(info: DatasetInfo, length: int | None) -> int:
    """By how much the stored audio is brought down to ``length`` samples: 1, 4, 16, ...

    Raises:
        RecordsError: ``length`` is not the stored length divided by a power of 4.
    """
    if length is None or length == info.length:
        return 1
    choices = [info.length >> shift for shift in range(0, 20, 2) if info.length % (1 << shift) == 0]
    if length not in choices:
        raise RecordsError(
            f"length {length} cannot be made from records of {info.length} samples: "
            f"choose one of {', '.join(map(str, choices))}, or prepare with --length {length}"
        )
    return info.length // length


def _in_sequence(
    records: Path, info: DatasetInfo, split: str, count: int
) -> Iterator[tuple[tf.Tensor, tf.Tensor, tf.Tensor]]:
    files = [str(Path(records) / shard.file) for shard in info.shards_of(split)]
    # In sequence, with TensorFlow's own reader: it checks every record's CRC.
    dataset = tf.data.TFRecordDataset(files, compression_type=info.compression).take(count)
    dataset = dataset.batch(_SPLIT_BATCH)
    dataset = dataset.map(lambda found: schema.decode(found, info.length))
    try:
        yield from dataset
    except tf.errors.OpError as error:
        raise RecordsError(
            f"{records} is damaged ({type(error).__name__}): run 'drumsmith prepare' again"
        ) from None


def _at_length(audio: tf.Tensor, factor: int) -> tf.Tensor:
    if factor == 1:
        return audio
    # Overshoot of the band limit must not leave [-1, 1].
    return tf.clip_by_value(downsample(audio, factor), -1.0, 1.0)


def _rows(batch_size: int, part: tuple[int, int]) -> int:
    number, parts = part
    if batch_size < 1 or not 0 <= number < parts or math.gcd(batch_size, parts) != parts:
        raise ValueError(f"batch_size {batch_size} cannot be cut into parts, taking {part}")
    return batch_size // parts
