"""Records of a few short, class-dependent sounds, written in a moment."""

import numpy as np

from drumsmith.tfrecords.records import schema
from drumsmith.tfrecords.records.dataset_info import DatasetInfo, Source, count_labels
from drumsmith.tfrecords.records.shards import shard_name, write_shard

SMALLEST = [
    "--preset=tiny",
    "--steps=2",
    "--batch-size=4",
    "--latent-dim=6",
    "--checkpoint-every=1",
    "--set=blocks=3",
    "--set=kernel_size=9",
    # Each of them is traced on its own.
    "--set=critic_updates=1",
]
"""Options of `train` for these records: two steps of milliseconds."""

LABELS = ("cymbal", "kick", "snare")


def write_records(folder, *, length=1024, train=12, valid=6, seed=0, families=None):
    """Write ``train`` and ``valid`` sounds of each of three classes; return the folder."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    shards, sources = [], []
    for split, count in (("train", train), ("valid", valid)):
        names = [(f"{split}-{label}-{i}.wav", i, label) for i in range(count) for label in LABELS]
        written = [
            schema.encode(sound(LABELS.index(label), length, rng), LABELS.index(label), name)
            for name, _, label in names
        ]
        shards.append(write_shard(folder, shard_name(split, 0, 1), split, written, ""))
        sources += [Source(name, label, split, "0") for name, _, label in names]
    labels = (*LABELS, *(families or ()))
    made = {"fade_out_ms": 7.0} | ({"families": families} if families else {})
    counts = count_labels(sources, labels)
    DatasetInfo(labels, counts, 44100, length, made, sources, [], shards).save(folder)
    return folder


def sound(label, length, rng):
    """int16 (length,): noise, a low tone, or both, dying away."""
    time = np.arange(length) / 44100
    tone = np.sin(2 * np.pi * rng.uniform(80, 200) * time + rng.uniform(0, 6))
    noise = rng.standard_normal(length)
    share = (0.0, 1.0, 0.5)[label]
    audio = (share * tone + (1 - share) * noise) * np.exp(-np.arange(length) * 6 / length)
    audio[0] = audio[-1] = 0
    return np.round(32767 * audio / np.abs(audio).max()).astype(np.int16)
