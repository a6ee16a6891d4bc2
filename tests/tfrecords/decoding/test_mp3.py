import io

import numpy as np
import pytest

from drumsmith.tfrecords.decoding.decoding import decode
from drumsmith.tfrecords.decoding.mp3 import mp3_is_cut_off

from ...helpers.audio_files import encoded

TAG = b"ID3\x04\x00\x00\x00\x00\x01\x02" + bytes(130)
SOUNDS = {rate: np.sin(np.arange(rate // 2) / 9) * 0.5 for rate in (44100, 22050, 8000)}


def mp3(rate, channels=1):
    audio = np.stack([SOUNDS[rate]] * channels, 1)
    return encoded("MP3", "MPEG_LAYER_III", audio=audio, rate=rate)


def without_promise(data):
    """The same without the first frame, which holds no sound."""
    begin = data.index(b"\xff", 4)
    while data[begin : begin + 2] != data[:2]:
        begin = data.index(b"\xff", begin + 1)
    return data[begin:]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", SOUNDS)
@pytest.mark.parametrize("change", [lambda data: data, without_promise, lambda data: TAG + data])
def test_a_whole_file_is_told_from_one_that_is_cut_off(rate, channels, change):
    data = change(mp3(rate, channels))
    assert not mp3_is_cut_off(io.BytesIO(data))
    assert not mp3_is_cut_off(io.BytesIO(data + b"TAG" + bytes(125)))
    assert mp3_is_cut_off(io.BytesIO(data[: len(data) * 3 // 4 + 7]))


def test_what_is_no_mp3_promises_nothing():
    for data in (b"", b"ID3", TAG, b"\xff\xfb", bytes(999)):
        assert not mp3_is_cut_off(io.BytesIO(data))


def test_the_decoder_says_so(tmp_path):
    data = mp3(44100)
    (tmp_path / "whole.mp3").write_bytes(data)
    (tmp_path / "cut.mp3").write_bytes(data[: len(data) * 3 // 4])
    assert decode(str(tmp_path / "whole.mp3")).whole
    assert not decode(str(tmp_path / "cut.mp3")).whole
