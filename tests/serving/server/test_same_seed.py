"""The same seed is the same sound, whoever else asks, and however many are asked for at once."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from drumsmith.model.network_config import NetworkConfig
from drumsmith.model.networks import build_generator
from drumsmith.serving.client.client import Client
from drumsmith.serving.export.batching import Batching
from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

COUNTS = (1, 2, 3, 7, 8, 17, 64)
CALLERS = 8
TOLERANCE = 2e-5
"""What serving/README.md says of batches of other sizes."""


@pytest.fixture(scope="module")
def generator():
    keras.utils.set_random_seed(0)
    return build_generator(NetworkConfig(latent_dim=6, width=4, blocks=3), 3)


def _answers(generator, folder, sizes):
    """Ask for seeds 0, 1, ... in requests of every size, from several callers at once."""
    description = Description(("kick", "snare", "cymbal"), 44100, 6, generator.length)
    # Eight callers wait with 64 sounds each; the queue counts batches, here of one sound.
    batching = Batching(sizes=sizes, queue=1024)
    export_generator(generator.frozen(), description, folder, batching=batching)
    with (
        Server([ModelConfig("drums", folder)], ServerOptions(port=0)) as server,
        Client(f"127.0.0.1:{server.port}", timeout_s=120) as client,
        ThreadPoolExecutor(CALLERS) as callers,
    ):
        asked = [count for count in COUNTS for _ in range(2)] * 2
        return list(callers.map(lambda n: client.seeded(range(n), [0] * n, timeout_s=120), asked))


def test_batches_of_one_give_the_same_bits_in_any_company(generator, tmp_path):
    answers = _answers(generator, tmp_path, (1,))
    longest = max(answers, key=len)
    for answer in answers:
        np.testing.assert_array_equal(answer, longest[: len(answer)])


def test_other_batches_differ_by_rounding_only(generator, tmp_path):
    answers = _answers(generator, tmp_path, (1, 2, 4, 8, 16))
    longest = max(answers, key=len)
    for answer in answers:
        np.testing.assert_allclose(answer, longest[: len(answer)], atol=TOLERANCE)
