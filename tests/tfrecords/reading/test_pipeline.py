import itertools
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from drumsmith.tfrecords.reading.augmentation import Augmentation
from drumsmith.tfrecords.reading.pipeline import load_split, training_dataset
from drumsmith.tfrecords.reading.resampling import downsample
from drumsmith.tfrecords.records.dataset_info import RecordsError

LABELS = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2]
ALL = Augmentation(gain_db=6, shift_samples=20, polarity=True, resample=0.2)
OPTIONS = {
    "plain": {},
    "balanced": {"balanced": True},
    "augmented": {"augmentation": ALL},
    "lower rate": {"length": 64},
    "all": {"balanced": True, "augmentation": ALL, "length": 64},
}


@pytest.fixture
def records(make_records):
    return make_records(LABELS, valid=[2, 1])


def stream(records, count, *, batch_size=4, seed=1, **options):
    """The first ``count`` examples."""
    dataset = training_dataset(records, batch_size=batch_size, seed=seed, **options)
    batches = list(itertools.islice(dataset.as_numpy_iterator(), -(-count // batch_size)))
    audio, label = (np.concatenate(parts)[:count] for parts in zip(*batches, strict=True))
    return audio, label


@pytest.fixture(scope="module")
def streams():
    """What was read, by the name of its options; all tests write the same records."""
    return {}


@pytest.fixture(params=OPTIONS)
def whole(request, records, streams):
    """Options, and the first 40 examples that they give."""
    name = request.param
    if name not in streams:
        streams[name] = stream(records, 40, **OPTIONS[name])
    return OPTIONS[name], *streams[name]


def test_shapes_and_types_are_known_beforehand(records):
    audio, label = training_dataset(records, batch_size=3, seed=1).element_spec
    assert (audio.shape, audio.dtype.name) == ((3, 256), "float32")
    assert (label.shape, label.dtype.name) == ((3,), "int32")
    audio, _ = training_dataset(records, batch_size=3, seed=1, length=16).element_spec
    assert audio.shape == (3, 16)


def test_each_epoch_has_every_sound_once_in_a_new_order_across_batches(records, identify):
    audio, label = stream(records, 30)
    epochs = np.array(identify(audio)).reshape(3, 10)
    assert (np.sort(epochs, axis=1) == np.arange(10)).all()
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert label.tolist() == [LABELS[i] for i in epochs.reshape(-1)]


def test_the_same_seed_gives_the_same_stream_and_another_seed_another(records, whole):
    options, audio, label = whole
    again, other = (stream(records, 24, seed=seed, **options) for seed in (1, 2))
    np.testing.assert_array_equal(again[0], audio[:24])
    np.testing.assert_array_equal(again[1], label[:24])
    assert not np.array_equal(other[0], audio[:24])


def test_a_later_start_goes_on_where_the_stream_was(records, whole):
    options, audio, label = whole
    for start in (10, 17):
        rest, rest_label = stream(records, 40 - start, start=start, **options)
        np.testing.assert_allclose(rest, audio[start:], atol=1e-6, err_msg=f"from {start} on")
        np.testing.assert_array_equal(rest_label, label[start:])


def test_the_batch_size_only_cuts_the_stream(records, whole):
    options, audio, _ = whole
    ones, _ = stream(records, 13, batch_size=1, **options)
    np.testing.assert_allclose(ones, audio[:13], atol=1e-6)


def test_a_very_late_start_needs_no_reading_of_what_lies_before(records):
    assert len(stream(records, 4, start=10**14)[0]) == 4


def test_parts_together_are_the_batch(records):
    whole, *parts = (
        next(iter(training_dataset(records, batch_size=4, seed=1, start=8, part=part)))[0]
        for part in ((0, 1), (0, 2), (1, 2))
    )
    assert [len(part) for part in parts] == [2, 2]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_balanced_draws_every_label_equally_often(records):
    _, label = stream(records, 60, balanced=True)
    assert np.bincount(label).tolist() == [20, 20, 20]


@pytest.mark.parametrize("balanced", [False, True])
def test_a_sound_comes_under_its_family_as_often_as_under_its_own_label(
    make_records, identify, balanced
):
    kinds_of_cymbal = make_records([1, 2, 0], families={"cymbal": ["kick"]})
    audio, label = stream(kinds_of_cymbal, 60, balanced=balanced)
    met = Counter(zip(identify(audio), label.tolist(), strict=True))
    if balanced:
        assert met == {(0, 0): 10, (0, 1): 20, (1, 2): 20, (2, 0): 10}
    else:
        assert met == {(0, 0): 15, (0, 1): 15, (1, 2): 15, (2, 0): 15}


def test_the_kinds_of_a_family_share_one_labels_turn(make_records):
    mixed = make_records([0, 1, 1, 2, 2, 2], families={"snare": ["cymbal", "kick"]})
    _, label = stream(mixed, 60, balanced=True)
    assert np.bincount(label).tolist() == [15, 15, 30]


def test_a_lower_rate_is_the_stored_audio_band_limited(records):
    full, _ = stream(records, 8)
    low, _ = stream(records, 8, length=64)
    np.testing.assert_allclose(low, np.clip(downsample(full, 4), -1, 1), atol=1e-6)
    assert not np.allclose(low, full[:, ::4], atol=0.05)


def test_augmentation_is_drawn_anew_at_every_place(records):
    options = {"augmentation": Augmentation(gain_db=20)}
    gains = np.abs(stream(records, 40, **options)[0]).max(1) / np.abs(stream(records, 40)[0]).max(1)
    assert len(set(gains.round(4))) > 35


def test_compressed_records_give_the_same_stream(make_records, records):
    packed = make_records(LABELS, valid=[2, 1], compression="GZIP", name="packed")
    np.testing.assert_array_equal(stream(records, 24)[0], stream(packed, 24)[0])


@pytest.mark.parametrize("length", [256, 64])
def test_a_split_is_loaded_in_the_order_of_the_records(records, identify, length):
    audio, label, sources = load_split(records, "valid", length=length)
    assert (audio.shape, audio.dtype, label.dtype) == ((2, length), np.float32, np.int32)
    assert label.tolist() == [2, 1]
    assert sources == ["valid/0", "valid/1"]
    assert length == 64 or identify(audio) == [0, 1]


def test_a_loaded_split_has_the_kinds_of_a_family_again(make_records, identify):
    records = make_records([0], valid=[1, 2, 0], families={"cymbal": ["snare", "kick"]})
    audio, label, sources = load_split(records, "valid")
    assert identify(audio) == [0, 1, 2, 0, 1]
    assert label.tolist() == [1, 2, 0, 0, 0]
    assert sources == [f"valid/{i}" for i in (0, 1, 2, 0, 1)]
    assert load_split(records, "valid", limit=1)[1].tolist() == [1, 0]


def test_a_split_can_be_loaded_in_part_or_be_empty(records, make_records):
    assert load_split(records, "train", limit=3)[0].shape == (3, 256)
    assert load_split(make_records([0, 1], name="small"), "valid")[0].shape == (0, 256)


def test_a_flipped_bit_is_noticed_when_a_split_is_loaded(records):
    path = records / "valid-00000-of-00002.tfrecord"
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes(data)
    with pytest.raises(RecordsError, match="is damaged"):
        load_split(records, "valid")


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"length": 100}, RecordsError, "choose one of 256, 64, 16, 4, 1"),
        ({"length": 1024}, RecordsError, "or prepare with --length 1024"),
        ({"batch_size": 0}, ValueError, "batch_size 0"),
        ({"part": (2, 2)}, ValueError, "part"),
        ({"part": (0, 3)}, ValueError, "part"),
        ({"start": -1}, ValueError, "start -1"),
        ({"seed": -1}, ValueError, "seed -1"),
    ],
)
def test_wrong_arguments_are_refused(records, options, error, words):
    with pytest.raises(error, match=words):
        training_dataset(records, **{"batch_size": 4, "seed": 1, **options})


def test_records_without_training_sounds_are_refused(make_records):
    with pytest.raises(RecordsError, match="no training sounds"):
        training_dataset(make_records([], valid=[1]), batch_size=1, seed=1)


def test_an_unknown_split_is_refused(records):
    with pytest.raises(ValueError, match="no split 'later'"):
        load_split(records, "later")


def test_a_program_reads_without_tensorflow_io_and_may_end_while_batches_are_made(records):
    code = (
        "import sys; from pathlib import Path;"
        "from drumsmith.tfrecords.reading.pipeline import training_dataset, load_split;"
        "d = iter(training_dataset(Path(sys.argv[1]), batch_size=512, seed=1)); next(d);"
        "assert 'tensorflow_io' not in sys.modules and 'soundfile' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code, str(records)], capture_output=True)
    assert done.returncode == 0, done.stderr
    assert b"Fatal" not in done.stderr
