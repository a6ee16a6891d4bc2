import numpy as np
import pytest

from drumsmith.tfrecords.decoding.supervisor import decode_all
from drumsmith.tfrecords.preparing.preparation import Preparation

from ...helpers import audio_files as files

KINDS = {**files.FAST, **files.SLOW}


def harmed(data, rng):
    """Cut, flipped or spliced, at random."""
    kind = rng.integers(3)
    place = int(rng.integers(1, len(data)))
    if kind == 0:
        return data[:place]
    if kind == 1:
        return files.damaged(data, int(rng.integers(1 << 30)))
    return data[:place] + data[int(rng.integers(len(data))) :]


@pytest.mark.slow
def test_of_damaged_files_each_is_used_or_named(tmp_path):
    rng = np.random.default_rng(0)
    whole = [files.encoded(*kind, rate=48000) for kind in KINDS.values()]
    paths = {}
    for number in range(150):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(harmed(whole[number % len(whole)], rng))
        paths[number] = str(path)
    results = {result.number: result for result in decode_all(paths, Preparation(), stalled_s=20)}
    assert sorted(results) == sorted(paths)
    assert all(bool(result.reason) != bool(result.pcm) for result in results.values())
    assert any(result.pcm for result in results.values())
