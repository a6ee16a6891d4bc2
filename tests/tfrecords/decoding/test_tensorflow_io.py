import numpy as np
import pytest
import tensorflow as tf

from drumsmith.tfrecords.decoding import tensorflow_io as module
from drumsmith.tfrecords.decoding.decoding import decode
from drumsmith.tfrecords.decoding.messages import Job
from drumsmith.tfrecords.decoding.tensorflow_io import decode_with_tensorflow_io
from drumsmith.tfrecords.decoding.worker import prepare_file
from drumsmith.tfrecords.preparing.preparation import Preparation

from ...helpers import audio_files as files


@pytest.fixture
def fell_back(monkeypatch):
    """The paths that were left to libsndfile."""
    paths = []

    def noted(path):
        paths.append(path)
        return decode(path)

    monkeypatch.setattr(module, "decode", noted)
    return paths


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", files.FAST)
def test_it_gives_the_samples_of_libsndfile(name, channels, tmp_path, fell_back):
    path = tmp_path / name
    path.write_bytes(files.encoded(*files.FAST[name], channels))
    expected, decoded = decode(str(path)), decode_with_tensorflow_io(str(path))
    assert not fell_back
    assert (decoded.rate, decoded.bits, decoded.lossless) == (
        expected.rate,
        expected.bits,
        expected.lossless,
    )
    np.testing.assert_allclose(decoded.audio, expected.audio, atol=2e-6)


@pytest.mark.parametrize("name", files.SLOW)
def test_kinds_that_it_gets_wrong_are_left_to_libsndfile(name, tmp_path, fell_back):
    path = tmp_path / name
    path.write_bytes(files.encoded(*files.SLOW[name], audio=files.drum(samples=4800), rate=48000))
    decode_with_tensorflow_io(str(path))
    assert fell_back == [str(path)]


@pytest.mark.parametrize("name", files.odd_files())
def test_an_odd_layout_is_decoded_right(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(files.odd_files()[name])
    decoded = decode_with_tensorflow_io(str(path))
    np.testing.assert_allclose(decoded.audio, decode(str(path)).audio, atol=1e-6)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_it_still_reads_32_bit_integers_as_floats():
    """Why libsndfile gets them. When this fails, tensorflow-io has been mended."""
    import tensorflow_io

    data = files.encoded("WAV", "PCM_32")
    wrong = tensorflow_io.audio.decode_wav(data, dtype=tf.float32).numpy()
    assert not np.allclose(wrong, files.drum(), atol=0.1, equal_nan=True)


def test_a_flac_whose_md5_differs_is_left_to_libsndfile(tmp_path, fell_back):
    path = tmp_path / "a.flac"
    data = bytearray(files.encoded("FLAC", "PCM_16"))
    data[30] ^= 1
    path.write_bytes(data)
    decode_with_tensorflow_io(str(path))
    assert fell_back == [str(path)]


def test_both_decoders_prepare_the_same_sound(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(files.encoded("WAV", "PCM_24"))
    found = [
        np.frombuffer(prepare_file(Job(0, str(path)), Preparation(), decoder).pcm, np.int16)
        for decoder in (decode, decode_with_tensorflow_io)
    ]
    assert np.abs(found[0].astype(int) - found[1]).max() <= 1
