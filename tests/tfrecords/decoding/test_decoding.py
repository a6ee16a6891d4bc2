import numpy as np
import pytest
import soundfile
import tensorflow as tf

from drumsmith.tfrecords.decoding.decoding import (
    LONGEST_S,
    SOUNDFILE,
    DecodingError,
    decode_file,
    prepared_in_parallel,
    read_header,
    read_with_soundfile,
    tensorflow_io_is_usable,
)
from drumsmith.tfrecords.preparing.preparation import Preparation

from ...helpers import audio_files as files


def decode_fast(path):
    header = read_header(str(path))
    return decode_file(
        tf.constant(str(path)), tf.constant(header.kind), [header.frames, header.channels]
    )


def test_tensorflow_io_loads_with_this_tensorflow():
    assert tensorflow_io_is_usable()


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("name", files.FAST)
def test_tensorflow_io_gives_the_samples_of_libsndfile(name, channels, tmp_path):
    path = tmp_path / name
    path.write_bytes(files.encoded(*files.FAST[name], channels))
    assert read_header(str(path)).kind != SOUNDFILE
    expected, rate = read_with_soundfile(str(path))
    assert rate == read_header(str(path)).rate
    np.testing.assert_allclose(decode_fast(path), expected, atol=2e-6)


@pytest.mark.parametrize("name", files.SLOW)
def test_kinds_that_tensorflow_io_gets_wrong_are_left_to_libsndfile(name, tmp_path):
    path = tmp_path / name
    audio = files.drum(samples=4800)
    path.write_bytes(files.encoded(*files.SLOW[name], audio=audio, rate=48000))
    assert read_header(str(path)).kind == SOUNDFILE
    decoded, rate = read_with_soundfile(str(path))
    assert rate == 48000
    # Lossy kinds may differ in loudness by a little, noise would not correlate.
    assert np.corrcoef(decoded[:4800, 0], audio[:, 0])[0, 1] > 0.98


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_tensorflow_io_still_reads_32_bit_integers_as_floats(tmp_path):
    """Why libsndfile gets them. When this fails, tensorflow-io has been mended."""
    import tensorflow_io

    data = files.encoded("WAV", "PCM_32")
    wrong = tensorflow_io.audio.decode_wav(data, dtype=tf.float32).numpy()
    assert not np.allclose(wrong, files.drum(), atol=0.1, equal_nan=True)


@pytest.mark.parametrize("name", files.odd_files())
def test_an_odd_layout_is_decoded_right_or_not_at_all(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(files.odd_files()[name])
    expected, _ = read_with_soundfile(str(path))
    np.testing.assert_allclose(expected[:, 0], files.drum()[:, 0], atol=1e-4)
    try:
        decoded = decode_fast(path)
    except tf.errors.OpError:
        return  # goes to libsndfile
    np.testing.assert_allclose(decoded, expected, atol=1e-6)


def test_a_flac_whose_md5_differs_is_refused(tmp_path):
    path = tmp_path / "a.flac"
    data = bytearray(files.encoded("FLAC", "PCM_16"))
    data[30] ^= 1
    path.write_bytes(data)
    with pytest.raises(tf.errors.OpError, match="MD5"):
        decode_fast(path)


@pytest.mark.parametrize("name", files.useless_files())
def test_a_file_without_a_usable_sound_never_comes_out(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(files.useless_files()[name])
    try:
        header = read_header(str(path))
    except DecodingError:
        return
    found = list(prepared_in_parallel([str(path)], [header], Preparation(), 1))
    assert not found or int(found[0][2]) != 0


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DecodingError, match="No such file"):
        read_header(str(tmp_path / "a.wav"))


def test_what_fails_is_left_out_and_the_rest_stays_in_order(tmp_path):
    paths = [tmp_path / f"{number}.wav" for number in range(9)]
    for path in paths:
        path.write_bytes(files.encoded("WAV", "PCM_16"))
    headers = [read_header(str(path)) for path in paths]
    paths[4].write_bytes(b"gone bad in the meantime")
    found = prepared_in_parallel([str(path) for path in paths], headers, Preparation(), 3)
    assert [int(number) for number, _, _ in found] == [0, 1, 2, 3, 5, 6, 7, 8]


def test_of_a_long_file_the_first_minute_is_read_with_libsndfile(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.ones(int(8000 * LONGEST_S) + 9), 8000)
    assert read_header(str(path)).kind == SOUNDFILE
    assert len(read_with_soundfile(str(path))[0]) == 8000 * LONGEST_S
