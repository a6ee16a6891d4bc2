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
    BadAnswerError,
    ClosedError,
    DeadlineError,
    InputError,
    InvalidRequestError,
    ModelNotFoundError,
    NotSupportedError,
    ServerError,
    TooLargeError,
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
    assert client.length == description.length == LENGTH


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


UNSENDABLE = {
    "lengths": (lambda c: c.from_z(random_z(2), [0]), "as many"),
    "seed too large": (lambda c: c.seeded([2**63], [0]), "must fit into int64"),
    "label too large": (lambda c: c.seeded([1], [2**32 + 1]), "must fit into int32"),
    "label of a fraction": (lambda c: c.seeded([1], [1.7]), "must be an integer"),
    "label of an array of floats": (lambda c: c.seeded([1], np.ones(1)), "must be an integer"),
    "label true": (lambda c: c.seeded([1], [True]), "must be an integer"),
    "label scalar": (lambda c: c.from_z(random_z(1), 0), "must be a row of integers"),
    "label text": (lambda c: c.from_z(random_z(1), "kick"), "must be a row of integers"),
    "z scalar": (lambda c: c.from_z(1.0, [0]), "must have shape"),
    "z ragged": (lambda c: c.from_z([[1.0], [1.0, 2.0]], [0, 0]), "different lengths"),
    "z text": (lambda c: c.from_z([["a"]], [0]), "must hold numbers"),
    "nothing": (lambda c: c.seeded([], []), "at least one"),
    "weights flat": (lambda c: c.mix(random_z(1), np.zeros(3)), "must have shape"),
    "audio flat": (lambda c: c.encode(np.zeros(3)), "must have shape"),
    "no tensor": (lambda c: c.predict("seeded", {"seed": {}}), "no tensor is made of"),
}


@pytest.mark.parametrize("case", UNSENDABLE)
def test_what_cannot_be_sent_is_refused_before_the_call(case):
    call, words = UNSENDABLE[case]
    with Client("127.0.0.1:1") as client, pytest.raises(InputError, match=words):
        call(client)


@pytest.mark.parametrize(
    ("n", "seed"), [(0, 1), (-1, 1), (1.5, 1), (True, 1), (1, 2**63), (2, 2**63 - 1), (1, 0.5)]
)
def test_numbers_of_sounds_and_seeds_are_checked(client, n, seed):
    with pytest.raises(InputError):
        client.generate("kick", n=n, seed=seed)


@pytest.mark.parametrize("label", [[], 3, ["kick", 3]])
def test_labels_are_names(client, label):
    with pytest.raises(InputError, match="must be a name"):
        client.generate(label)


def test_a_closed_client_says_so(target):
    client = Client(target)
    client.close()
    with pytest.raises(ClosedError):
        client.describe()


def test_sounds_are_streamed_in_parts(client):
    parts = list(client.stream(["kick", "snare"], n=40, seed=7))
    whole = client.generate(["kick", "snare"], n=40, seed=7)
    assert [len(part) for part in parts] == [32, 32, 16]
    assert sum((part.labels for part in parts), ()) == whole.labels
    assert sum((part.seeds for part in parts), ()) == whole.seeds
    np.testing.assert_allclose(np.concatenate([p.audio for p in parts]), whole.audio, atol=1e-5)


def test_parts_shrink_until_a_message_holds_them(target):
    # 32 sounds of 256 samples are 32 kB; one is 1 kB.
    with Client(target, max_message_bytes=5000) as client:
        sounds = client.generate("kick", n=40, seed=1)
        parts = [len(part) for part in client.stream("kick", n=40, seed=1)]
    assert len(sounds) == sum(parts) == 40
    assert max(parts) == 4


def test_a_sound_that_no_message_holds_is_said(target):
    with Client(target, max_message_bytes=600) as client, pytest.raises(TooLargeError):
        client.from_z(random_z(2), [0, 0])


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


@pytest.mark.parametrize("answer", [b"", b"\xff", b"\x0a\x03\x0a\x01z"])
def test_an_answer_of_another_service_is_told_apart(answer):
    with _server_with(lambda request, context: answer) as target, Client(target) as client:
        for call in (client.describe, lambda: client.seeded([1], [0])):
            with pytest.raises(BadAnswerError):
                call()


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
