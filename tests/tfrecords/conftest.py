import pickle
from pathlib import Path

import numpy as np
import pytest

from drumsmith.tfrecords.collection.naming import read_rules
from drumsmith.tfrecords.collection.synthesis import synthesise_collection
from drumsmith.tfrecords.preparing.options import Options
from drumsmith.tfrecords.preparing.prepare import prepare
from drumsmith.tfrecords.records import schema
from drumsmith.tfrecords.records.dataset_info import DatasetInfo, Source, count_labels
from drumsmith.tfrecords.records.shards import shard_name, write_shard

from ..helpers.made_once import made_once
from ..helpers.messy_collection import write_messy_collection

LABELS = ("cymbal", "kick", "snare")
MESSY_OPTIONS = Options(rules=read_rules(["names"]), excluded=frozenset(["Struck/kick ugly.wav"]))


@pytest.fixture(scope="session")
def collection(tmp_path_factory):
    """Synthesised drums: 12 kicks, 10 snares, 8 cymbals."""
    folder = tmp_path_factory.mktemp("sounds") / "drums"
    synthesise_collection(folder, counts={"kick": 12, "snare": 10, "cymbal": 8}, seed=1)
    return folder


@pytest.fixture(scope="session")
def prepared(collection, tmp_path_factory):
    """That collection as records, by the end-to-end pipeline."""
    records = tmp_path_factory.mktemp("prepared") / "records"
    prepare(collection, records)
    return records


@pytest.fixture(scope="session")
def messy(tmp_path_factory):
    """A messy collection's folder, the fates, what was made of it, and where the records are."""

    def make(folder):
        root, records = folder / "Sounds", folder / "records"
        fate = write_messy_collection(root)
        before = {path: path.stat().st_mtime_ns for path in sorted(root.rglob("*"))}
        info = prepare(root, records, MESSY_OPTIONS)
        assert {path: path.stat().st_mtime_ns for path in sorted(root.rglob("*"))} == before
        (folder / "made.pickle").write_bytes(pickle.dumps((root, fate, info, records)))

    folder = made_once(tmp_path_factory, "messy", make)
    return pickle.loads((folder / "made.pickle").read_bytes())


@pytest.fixture(scope="session")
def messy_options():
    """How it was prepared."""
    return MESSY_OPTIONS


@pytest.fixture
def make_records(tmp_path):
    """Write records of noise without decoding anything: labels of the sounds -> folder."""

    def make(
        train, valid=(), test=(), length=256, shards=2, compression="", name="records", families=()
    ):
        folder = Path(tmp_path, name)
        folder.mkdir()
        rng = np.random.default_rng(0)
        sources, written = [], []
        for split, labels in (("train", train), ("valid", valid), ("test", test)):
            mine = [Source(f"{split}/{i}", LABELS[k], split, "") for i, k in enumerate(labels)]
            for number in range(shards if len(labels) else 0):
                part = range(len(labels) * number // shards, len(labels) * (number + 1) // shards)
                data = [
                    schema.encode(_noise(rng, length, i), labels[i], mine[i].path) for i in part
                ]
                shard = shard_name(split, number, shards)
                written.append(write_shard(folder, shard, split, data, compression))
            sources += mine
        info = DatasetInfo(
            labels=LABELS,
            counts=count_labels(sources, LABELS),
            sample_rate=44100,
            length=length,
            preparation={"fade_out_samples": 16} | ({"families": families} if families else {}),
            sources=sources,
            skipped=[],
            shards=written,
            compression=compression,
        )
        info.save(folder)
        return folder

    return make


def _noise(rng, length, number):
    """Noise between zeros whose second sample tells which record it is."""
    pcm = rng.integers(-9999, 9999, length)
    pcm[0] = pcm[-1] = 0
    pcm[1] = number
    return pcm.astype(np.int16)


@pytest.fixture
def identify():
    """Tell which records a batch from ``make_records`` holds."""
    return lambda audio: np.rint(np.asarray(audio)[:, 1] * schema.FULL_SCALE).astype(int).tolist()
