import numpy as np
import pytest

from drumsmith.tfrecords.decoding.supervisor import decode_all
from drumsmith.tfrecords.preparing.preparation import Preparation

from ...helpers.audio_files import write_harmed_files


@pytest.mark.slow
def test_of_damaged_files_each_is_used_or_named(tmp_path):
    """benchmarks/preparing/fuzz.py does the same with 2,000."""
    paths = write_harmed_files(tmp_path, 150, np.random.default_rng(0))
    results = {result.number: result for result in decode_all(paths, Preparation(), stalled_s=60)}
    assert sorted(results) == sorted(paths)
    assert all(bool(result.reason) != bool(result.pcm) for result in results.values())
    assert any(result.pcm for result in results.values())
