import io
import subprocess
import sys
import time
import wave

import grpc
import numpy as np
import pytest

from drumsmith.serving.client.client import Client
from drumsmith.serving.client.errors import (
    DeadlineError,
    InvalidRequestError,
    ModelNotFoundError,
    NotSupportedError,
    ServerError,
    UnavailableError,
    UnknownLabelError,
)

from ...helpers.tiny_export import LABELS, LATENT_DIM, LENGTH, expected_audio, random_z

FRESH = """
import sys
import drumsmith.serving.client.client
heavy = {"tensorflow", "keras", "tensorflow_serving", "google.protobuf", "rich", "scipy"}
print(sorted(heavy & set(sys.modules)))
"""


def test_the_client_loads_neither_tensorflow_nor_keras_nor_protobuf():
    done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_describe_tells_what_is_served(client):
    description = client.describe()
    assert description.labels == LABELS
    assert (description.sample_rate, description.latent_dim) == (44100, LATENT_DIM)


def test_sounds_come_by_label_and_seed(client):
    sounds = client.generate("snare", n=2, seed=40)
    assert sounds.audio.shape == (2, LENGTH)
    assert (sounds.labels, sounds.seeds) == (("snare", "snare"), (40, 41))
    np.testing.assert_allclose(sounds.audio, expected_audio(sounds.z, [1, 1]), atol=1e-5)


def test_the_same_seed_is_the_same_sound(client):
    many, one = client.generate("kick", n=8, seed=1), client.generate("kick", seed=3)
    np.testing.assert_allclose(many.audio[2], one.audio[0], atol=1e-6)


def test_without_a_seed_sounds_differ(client):
    first, second = client.generate("kick"), client.generate("kick")
    assert first.seeds != second.seeds
    assert np.abs(first.audio - second.audio).max() > 0.01


def test_several_labels_come_one_after_the_other(client):
    sounds = client.generate(["cymbal", "kick"], n=2, seed=0)
    assert sounds.labels == ("cymbal", "cymbal", "kick", "kick")
    assert sounds.seeds == (0, 1, 0, 1)


def test_more_sounds_than_a_request_holds_are_asked_for_in_parts(client):
    assert len(client.generate("kick", n=300, seed=0)) == 300


def test_latent_vectors_give_their_sounds(client):
    z = random_z(3)
    np.testing.assert_allclose(client.from_z(z, [0, 1, 2]), expected_audio(z, [0, 1, 2]), atol=1e-5)


def test_mixtures_are_named_by_label(client):
    z = random_z(2)
    np.testing.assert_allclose(client.mix(z, {"snare": 1.0}), expected_audio(z, [1, 1]), atol=1e-5)


def test_wav_gives_files(client):
    z = random_z(1)
    (content,) = client.wav(z, [0])
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getnframes(), file.getsampwidth()) == (44100, LENGTH, 2)
        samples = np.frombuffer(file.readframes(LENGTH), "<i2") / 32768
    np.testing.assert_allclose(samples, expected_audio(z, [0])[0], atol=4e-5)


def test_an_unknown_label_names_the_known_ones(client):
    with pytest.raises(UnknownLabelError, match="kick, snare, cymbal"):
        client.generate("tom")


def test_status_and_readiness(client):
    assert [(v.version, v.state) for v in client.status()] == [(1, "AVAILABLE")]
    assert client.ready()


def test_a_refused_value_is_named(client):
    with pytest.raises(InvalidRequestError, match="asks for 99"):
        client.from_z(random_z(1), [99])


def test_an_unknown_model_is_told_apart(target):
    with Client(target, model="bass") as client, pytest.raises(ModelNotFoundError):
        client.describe()


def test_an_unknown_version_is_told_apart(target):
    with Client(target, version=9) as client, pytest.raises(ModelNotFoundError):
        client.describe()


def test_an_unknown_signature_is_told_apart(client):
    with pytest.raises(NotSupportedError):
        client.predict("nothing", {})


def test_lengths_that_differ_are_refused_before_the_call():
    with Client("127.0.0.1:1") as client, pytest.raises(ValueError, match="as many"):
        client.from_z(random_z(2), [0])


def test_nobody_there_is_said_before_the_deadline():
    with Client("127.0.0.1:1", timeout_s=3600) as client, pytest.raises(UnavailableError):
        client.describe()


def test_every_call_has_a_deadline():
    with (
        _server_with(lambda request, context: time.sleep(1)) as target,
        Client(target) as client,
        pytest.raises(DeadlineError),
    ):
        client.describe(timeout_s=0.05)


def test_close_may_be_called_twice(target):
    client = Client(target)
    client.close()
    client.close()


def test_unavailable_alone_is_tried_again():
    calls: list = []

    def fail_twice(request, context):
        calls.append(dict(context.invocation_metadata()))
        if len(calls) < 3:
            context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")
        context.abort(grpc.StatusCode.INTERNAL, "broken")

    with (
        _server_with(fail_twice) as target,
        Client(target, token="abc") as client,
        pytest.raises(ServerError, match="broken"),
    ):
        client.describe()
    assert len(calls) == 3
    assert calls[0]["authorization"] == "Bearer abc"


class _server_with:
    """A real server whose Predict is the given function."""

    def __init__(self, predict):
        from concurrent.futures import ThreadPoolExecutor

        self._server = grpc.server(ThreadPoolExecutor(2))
        self._server.add_generic_rpc_handlers(
            [
                grpc.method_handlers_generic_handler(
                    "tensorflow.serving.PredictionService",
                    {"Predict": grpc.unary_unary_rpc_method_handler(predict)},
                )
            ]
        )

    def __enter__(self):
        port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return f"127.0.0.1:{port}"

    def __exit__(self, *exception):
        self._server.stop(None).wait()
