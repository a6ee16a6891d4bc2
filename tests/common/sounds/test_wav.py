import io

import numpy as np
import pytest
import soundfile
import tensorflow as tf

from drumsmith.common.sounds.wav import (
    Tags,
    WavError,
    encode_samples,
    quantise,
    read_wav,
    wav_bytes,
)

TAGS = Tags("kick 1", "drumsmith 0", '{"drumsmith":"0"} é')
SOUND = np.random.default_rng(0).uniform(-1.1, 1.1, 999).astype(np.float32)
SUBTYPES = {"16": "PCM_16", "24": "PCM_24", "float": "FLOAT"}


@pytest.mark.parametrize("encoding", SUBTYPES)
@pytest.mark.parametrize("tags", [None, TAGS])
def test_libsndfile_reads_what_is_written(encoding, tags):
    content = wav_bytes(SOUND, 48000, encoding=encoding, tags=tags)
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        assert (file.samplerate, file.subtype, file.channels) == (48000, SUBTYPES[encoding], 1)
        np.testing.assert_array_equal(file.read(), quantise(SOUND, encoding))
        assert file.title == ("kick 1" if tags else "")


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("form", ["WAV", "WAVEX"])
def test_what_libsndfile_writes_is_read(subtype, form):
    file = io.BytesIO()
    stereo = np.clip(SOUND[:998].reshape(-1, 2), -0.99, 0.99)
    soundfile.write(file, stereo, 44100, subtype=subtype, format=form)
    again = read_wav(file.getvalue())
    expected, _ = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32")
    np.testing.assert_array_equal(again.audio, expected)
    assert again.sample_rate == 44100


def test_samples_are_those_of_the_graphs_encoder():
    # Halves among them, where two rules of rounding part.
    halves = (np.arange(-20, 20) + 0.5) / 32768
    audio = np.concatenate([halves, SOUND]).astype(np.float32)
    graph = tf.audio.encode_wav(audio[:, None], 44100).numpy()
    assert read_wav(graph).data == encode_samples(audio, "16")


def test_the_note_is_in_three_chunks_and_outlives_another_comment():
    content = wav_bytes(SOUND, 44100, tags=TAGS)
    assert content.count(TAGS.note.encode()) == 4
    assert read_wav(content).info == {
        "INAM": TAGS.title,
        "ISFT": TAGS.software,
        "ICMT": TAGS.note,
        "ISBJ": TAGS.note,
    }


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3" * 20, b"RIFF\0\0\0\0WAVEdata\0\0\0\0"])
def test_another_file_is_refused(content):
    with pytest.raises(WavError):
        read_wav(content)
