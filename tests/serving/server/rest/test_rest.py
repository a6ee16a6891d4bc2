import base64
import http.client
import io
import json
import threading
import wave

import numpy as np
import pytest

from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

from ....helpers.tiny_export import LABELS, LATENT_DIM, LENGTH, expected_audio, random_z

PREDICT = "/v1/models/drums:predict"
OPTIONS = ServerOptions(port=0, rest_port=0, workers=4, max_message_bytes=100_000)


@pytest.fixture(scope="module")
def rest(models):
    config = ModelConfig("drums", models, version_labels={"stable": 1})
    with Server([config], OPTIONS) as server:
        yield server.rest_port


def ask(port, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    content = body if body is None or isinstance(body, bytes) else json.dumps(body)
    connection.request(method, path, content, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, json.loads(text) if text.startswith("{") else text


def rows(batch=2):
    return [{"z": z.tolist(), "label": n % 3} for n, z in enumerate(random_z(batch))]


def test_rows_give_predictions(rest):
    status, answer = ask(rest, "POST", PREDICT, {"instances": rows()})
    assert status == 200
    np.testing.assert_allclose(
        answer["predictions"], expected_audio(random_z(2), [0, 1]), atol=1e-5
    )


def test_columns_give_outputs(rest):
    columns = {"z": random_z(2).tolist(), "label": [0, 1]}
    status, answer = ask(rest, "POST", PREDICT, {"inputs": columns})
    assert status == 200
    np.testing.assert_allclose(answer["outputs"], expected_audio(random_z(2), [0, 1]), atol=1e-5)


@pytest.mark.parametrize("place", ["/versions/1", "/labels/stable"])
def test_a_version_is_chosen_in_the_path(rest, place):
    body = {"instances": rows(1)}
    assert ask(rest, "POST", f"/v1/models/drums{place}:predict", body)[0] == 200


def test_several_outputs_are_named(rest):
    body = {"signature_name": "seeded", "instances": [{"seed": 5, "label": 0}]}
    (row,) = ask(rest, "POST", PREDICT, body)[1]["predictions"]
    assert len(row["z"]) == LATENT_DIM
    assert len(row["audio"]) == LENGTH


def test_wav_comes_in_base64(rest):
    body = {"signature_name": "wav", "instances": rows(1)}
    (row,) = ask(rest, "POST", PREDICT, body)[1]["predictions"]
    with wave.open(io.BytesIO(base64.b64decode(row["b64"]))) as file:
        assert file.getnframes() == LENGTH


def test_describe_answers_by_columns(rest):
    status, answer = ask(rest, "POST", PREDICT, {"signature_name": "describe", "inputs": {}})
    assert status == 200
    assert answer["outputs"]["labels"] == list(LABELS)
    assert answer["outputs"]["sample_rate"] == 44100


BAD = {
    "no JSON": (PREDICT, b"{", 400, "JSON Parse error"),
    "deep JSON": (PREDICT, b"[" * 90_000, 400, "JSON Parse error"),
    "no object": (PREDICT, [1], 400, "must be an object"),
    "neither": (PREDICT, {}, 400, "exactly one of"),
    "both": (PREDICT, {"instances": [1], "inputs": [1]}, 400, "exactly one of"),
    "no rows": (PREDICT, {"instances": []}, 400, "not empty"),
    "odd rows": (PREDICT, {"instances": [{"z": [0]}, {"label": 1}]}, 400, "same keys"),
    "nameless": (PREDICT, {"instances": [[0.0]]}, 400, "inputs must be named"),
    "ragged": (
        PREDICT,
        {"inputs": {"z": [[0], [0, 1]], "label": [0, 1]}},
        400,
        "z is not a tensor of type: float32",
    ),
    "text": (PREDICT, {"inputs": {"z": "kick", "label": [0]}}, 400, "z is not a tensor"),
    "fraction": (
        PREDICT,
        {"inputs": {"z": random_z(1).tolist(), "label": [0.5]}},
        400,
        "label is not a tensor of type: int32",
    ),
    "true": (
        PREDICT,
        {"inputs": {"z": random_z(1).tolist(), "label": [True]}},
        400,
        "label is not a tensor of type: int32",
    ),
    "true among numbers": (
        PREDICT,
        {"inputs": {"z": random_z(2).tolist(), "label": [0, True]}},
        400,
        "label is not a tensor of type: int32",
    ),
    "too large": (
        PREDICT,
        {"inputs": {"z": random_z(1).tolist(), "label": [2**32 + 1]}},
        400,
        "label is not a tensor of type: int32",
    ),
    "seed too large": (
        PREDICT,
        {"signature_name": "seeded", "inputs": {"seed": [2**63], "label": [0]}},
        400,
        "seed is not a tensor of type: int64",
    ),
    "fraction in rows": (
        PREDICT,
        {"instances": [{"z": random_z(1)[0].tolist(), "label": 1.7}]},
        400,
        "label is not a tensor of type: int32",
    ),
    "z true": (PREDICT, {"inputs": {"z": [[True]], "label": [0]}}, 400, "z is not a tensor"),
    "label": (
        PREDICT,
        {"inputs": {"z": random_z(1).tolist(), "label": [99]}},
        400,
        "example 0 asks for 99",
    ),
    "missing": (PREDICT, {"inputs": {"z": random_z(1).tolist()}}, 400, "Missing but required"),
    "unknown input": (PREDICT, {"inputs": {"z": [[0]], "pitch": 1}}, 400, "not found in request"),
    "signature": (
        PREDICT,
        {"signature_name": "X", "inputs": {}},
        400,
        'Serving signature name: "X" not found in signature def',
    ),
    "model": (
        "/v1/models/bass:predict",
        {"inputs": {}},
        404,
        "Servable not found for request: Latest(bass)",
    ),
    "version": (
        "/v1/models/drums/versions/9:predict",
        {"inputs": {}},
        404,
        "Servable not found for request: Specific(drums, 9)",
    ),
    "path": ("/v1/models/drums:explain", {}, 404, "Malformed request: POST"),
    "classify": ("/v1/models/drums:classify", {}, 400, "Expected classification signature"),
    "regress": ("/v1/models/drums:regress", {}, 400, "Expected regression signature"),
    "large": (PREDICT, b" " * 100_001, 413, "the body is over 100000 bytes"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_requests_are_refused(rest, case):
    path, body, code, words = BAD[case]
    status, answer = ask(rest, "POST", path, body)
    assert (status, set(answer)) == (code, {"error"})
    assert words in answer["error"]


def test_status_is_told(rest):
    status, answer = ask(rest, "GET", "/v1/models/drums")
    (version,) = answer["model_version_status"]
    assert status == 200
    assert (version["version"], version["state"]) == ("1", "AVAILABLE")
    assert version["status"] == {"error_code": "OK", "error_message": ""}


def test_an_unknown_models_status_is_not_found(rest):
    answer = ask(rest, "GET", "/v1/models/bass")
    assert answer == (404, {"error": "Could not find any versions of model bass"})


def test_metadata_is_told(rest):
    status, answer = ask(rest, "GET", "/v1/models/drums/metadata")
    assert status == 200
    assert answer["model_spec"]["name"] == "drums"
    assert "seeded" in answer["metadata"]["signature_def"]["signature_def"]


def test_metrics_count_calls_under_tf_servings_names(rest):
    ask(rest, "POST", PREDICT, {"instances": rows(2)})
    ask(rest, "POST", PREDICT, {"inputs": {"z": [[0]], "label": [0]}})
    ask(rest, "POST", "/v1/models/invented-name:predict", {"inputs": {}})
    status, text = ask(rest, "GET", "/monitoring/prometheus/metrics")
    assert status == 200
    assert ':tensorflow:serving:request_count{model_name="drums",status="OK"}' in text
    assert ':tensorflow:serving:request_count{model_name="drums",status="INVALID_ARGUMENT"}' in text
    assert 'request_latency_bucket{model_name="drums",API="Predict",entrypoint="REST",le="' in text
    assert ':drumsmith:serving:version_available{model_name="drums",version="1"} 1' in text
    assert ":drumsmith:serving:sounds_count" in text
    assert "invented-name" not in text


def test_a_histogram_adds_up(rest):
    _, text = ask(rest, "GET", "/monitoring/prometheus/metrics")
    chosen = [line for line in text.splitlines() if 'API="Predict",entrypoint="REST"' in line]
    counts = [int(line.split()[-1]) for line in chosen if "_bucket" in line and "drums" in line]
    assert counts == sorted(counts)
    total = next(line for line in chosen if "_count" in line and "drums" in line)
    assert counts[-1] == int(total.split()[-1])


def test_a_connection_serves_several_requests(rest):
    connection = http.client.HTTPConnection("127.0.0.1", rest, timeout=20)
    for _ in range(3):
        connection.request("GET", "/v1/models/drums")
        assert connection.getresponse().read()
    connection.close()


def test_what_http_does_not_know_is_an_error_in_json(rest):
    status, answer = ask(rest, "DELETE", "/v1/models/drums")
    assert (status, set(answer)) == (405, {"error"})


def test_the_token_guards_rest_too(models, tmp_path):
    (tmp_path / "token").write_text("0123456789abcdef")
    options = ServerOptions(port=0, rest_port=0, token_file=tmp_path / "token")
    with Server([ModelConfig("drums", models)], options) as server:
        port = server.rest_port
        assert ask(port, "GET", "/v1/models/drums")[0] == 401
        assert (
            ask(port, "GET", "/v1/models/drums", Authorization="Bearer 0123456789abcdef")[0] == 200
        )
        assert ask(port, "GET", "/monitoring/prometheus/metrics")[0] == 200


def test_an_idle_connection_does_not_hold_up_the_stop(models):
    server = Server([ModelConfig("drums", models)], OPTIONS)
    connection = http.client.HTTPConnection("127.0.0.1", server.rest_port, timeout=20)
    connection.request("GET", "/v1/models/drums")
    connection.getresponse().read()
    stop = threading.Thread(target=server.stop, kwargs={"grace_s": 3600})
    stop.start()
    stop.join(timeout=60)
    assert not stop.is_alive()
    connection.close()
