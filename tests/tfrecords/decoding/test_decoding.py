import numpy as np
import pytest
import soundfile

from drumsmith.tfrecords.decoding.decoding import LONGEST_S, DecodingError, decode

from ...helpers import audio_files as files


@pytest.mark.parametrize("name", files.FAST | files.SLOW)
def test_every_kind_is_decoded(name, tmp_path):
    path = tmp_path / name
    audio = files.drum(2, samples=4800)
    kind = (files.FAST | files.SLOW)[name]
    path.write_bytes(files.encoded(*kind, audio=audio, rate=48000))
    decoded = decode(str(path))
    assert (decoded.rate, decoded.audio.shape[1], decoded.whole) == (48000, 2, True)
    # Lossy kinds may differ in loudness by a little, noise would not correlate.
    for channel in (0, 1):
        got, given = decoded.audio[:4800, channel], audio[:, channel]
        assert np.corrcoef(got, given)[0, 1] > 0.98


@pytest.mark.parametrize("name", files.odd_files())
def test_an_odd_layout_is_decoded_right(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(files.odd_files()[name])
    decoded = decode(str(path))
    np.testing.assert_allclose(decoded.audio[:, 0], files.drum()[:, 0], atol=1e-4)
    assert decoded.whole


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.wav", ("WAV", "PCM_16")), ("a.flac", ("FLAC", "PCM_16")), ("a.aiff", ("AIFF", "PCM_16"))],
)
def test_half_a_download_is_used_as_far_as_it_is_whole(name, kind, tmp_path):
    audio = files.drum(samples=44100)
    data = files.encoded(*kind, audio=audio)
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    decoded = decode(str(tmp_path / name))
    assert not decoded.whole
    # Blocks of a FLAC are lost as a whole.
    assert 4000 < len(decoded.audio) < 23000
    np.testing.assert_allclose(decoded.audio[:, 0], audio[: len(decoded.audio), 0], atol=1e-4)


def test_of_a_long_file_the_minute_is_read_in_which_the_sound_begins(tmp_path):
    audio = np.zeros(int(8000 * (LONGEST_S + 30)))
    audio[8000 * 70 : 8000 * 71] = 0.5
    soundfile.write(tmp_path / "late.wav", audio, 8000)
    decoded = decode(str(tmp_path / "late.wav"))
    assert decoded.begins_s == 69
    assert decoded.seconds == LONGEST_S + 30
    assert np.abs(decoded.audio).max() == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is an empty file"),
        (b"hello drums\n" * 40, "is not readable as audio"),
        (files.encoded("WAV", "PCM_16")[:44], "holds no samples"),
    ],
)
def test_what_is_no_sound_is_told(data, words, tmp_path):
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(DecodingError, match=words):
        decode(str(tmp_path / "a.wav"))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(DecodingError, match="No such file"):
        decode(str(tmp_path / "a.wav"))
