import dataclasses
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.common.errors import UserError
from drumsmith.common.publish import PARTIAL
from drumsmith.serving.export.check import ExportError
from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.export.graph import ServedGraph
from drumsmith.serving.export.warmup import sample_inputs
from drumsmith.serving.saved_model.description import Description
from drumsmith.serving.saved_model.signatures import SIGNATURES
from drumsmith.serving.saved_model.versions import list_versions
from drumsmith.serving.saved_model.warmup import read_warmup

from ...helpers.cpp_loader import CppError, CppModel
from ...helpers.tiny_export import (
    DESCRIPTION,
    LATENT_DIM,
    LENGTH,
    SMALL_BATCHES,
    expected_audio,
    export_anew,
    export_tiny,
    random_z,
    tiny_frozen,
)


@pytest.fixture(scope="module")
def loaded(models):
    """The export in TF Serving's loader."""
    model = CppModel(models / "1")
    yield model
    model.close()


def test_the_signatures_are_those_of_the_table(loaded):
    found = {
        name: (set(signature.inputs), set(signature.outputs))
        for name, signature in loaded.signatures.items()
        if not name.startswith("__")
    }
    assert found == {
        name: (set(table.inputs), set(table.outputs)) for name, table in SIGNATURES.items()
    }


@pytest.mark.parametrize(
    ("signature", "alias", "shape"),
    [
        ("serving_default", "z", [-1, LATENT_DIM]),
        ("serving_default", "label", [-1]),
        ("seeded", "seed", [-1]),
        ("mix", "class_weights", [-1, 3]),
    ],
)
def test_callers_are_told_the_shapes(loaded, signature, alias, shape):
    info = loaded.signatures[signature].inputs[alias]
    assert [dim.size for dim in info.tensor_shape.dim] == shape


@pytest.mark.parametrize("batch", [1, 3, 9])
def test_the_cpp_loader_gives_the_generators_sounds(loaded, batch):
    z, label = random_z(batch), np.arange(batch, dtype=np.int32) % 3
    audio = loaded.run({"z": z, "label": label})["audio"]
    np.testing.assert_allclose(audio, expected_audio(z, label), atol=1e-5)


def test_a_mixture_of_one_class_is_that_class(loaded):
    z, weights = random_z(2), np.array([[1, 0, 0], [0, 0, 1]], np.float32)
    audio = loaded.run({"z": z, "class_weights": weights}, signature="mix")["audio"]
    np.testing.assert_allclose(audio, expected_audio(z, [0, 2]), atol=1e-5)


def test_a_seed_gives_the_same_sound_in_any_batch(loaded):
    seeds, label = np.array([5, -1, 2**62, 5]), np.zeros(4, np.int32)
    together = loaded.run({"seed": seeds, "label": label}, signature="seeded")
    alone = loaded.run({"seed": seeds[2:3], "label": label[:1]}, signature="seeded")
    np.testing.assert_array_equal(together["z"][2:3], alone["z"])
    np.testing.assert_array_equal(together["z"][0], together["z"][3])


def test_seeded_noise_is_standard_normal(loaded):
    seeds, label = np.arange(256), np.zeros(256, np.int32)
    z = loaded.run({"seed": seeds, "label": label}, signature="seeded")["z"]
    assert abs(z.mean()) < 0.1
    assert abs(z.std() - 1) < 0.1
    assert len(np.unique(z)) == z.size


def test_a_model_of_a_uniform_prior_makes_seeds_and_warm_ups_of_uniform_z():
    description = dataclasses.replace(DESCRIPTION, latent_prior="uniform")
    seeded = ServedGraph(tiny_frozen(), description, None).signatures()["seeded"]
    z = seeded(tf.range(200, dtype=tf.int64), tf.zeros(200, tf.int32))["z"]
    assert np.abs(z).max() <= 1
    assert abs(np.std(z) - 3**-0.5) < 0.03
    warm = sample_inputs(description, "serving_default", 200)["z"]
    assert 0.98 < np.abs(warm).max() <= 1


def test_describe_says_what_the_file_says(loaded, models):
    answer = loaded.run({}, signature="describe")
    file = json.loads((models / "1" / "assets.extra" / "drumsmith.json").read_text())
    assert [label.decode() for label in answer["labels"]] == file["labels"]
    assert answer["model_id"].item().decode() == file["model_id"]
    assert (answer["sample_rate"], answer["latent_dim"]) == (44100, LATENT_DIM)
    assert answer["length"] == file["length"]


def test_the_file_holds_the_training_summary_and_the_hash(models):
    file = json.loads((models / "1" / "assets.extra" / "drumsmith.json").read_text())
    assert file["summary"] == {"steps": 600}
    assert len(file["weights_sha256"]) == 64


BAD = {
    "label below": ({"label": np.array([0, -1], np.int32)}, "example 1 asks for -1"),
    "label above": ({"label": np.array([99, 0], np.int32)}, "0 kick, 1 snare, 2 cymbal"),
    "label scalar": ({"label": np.array(0, np.int32)}, "label must have shape [batch], but has []"),
    "label short": ({"label": np.zeros(1, np.int32)}, "z holds 2 examples, but label holds 1"),
    "z nan": ({"z": np.full((2, LATENT_DIM), np.nan, np.float32)}, "example 0 holds nan"),
    "z infinite": ({"z": np.full((2, LATENT_DIM), -np.inf, np.float32)}, "holds -inf"),
    "z huge": ({"z": np.full((2, LATENT_DIM), 1e30, np.float32)}, "holds 1e+30"),
    "z narrow": ({"z": np.zeros((2, 5), np.float32)}, "but has [2 5]"),
    "z flat": (
        {"z": np.zeros(LATENT_DIM, np.float32)},
        "z must have shape [batch, 8], but has [8]",
    ),
    "z without width": ({"z": np.zeros((2, 0), np.float32)}, "but has [2 0]"),
    "z empty and without width": ({"z": np.zeros((0, 0), np.float32)}, "but has [0 0]"),
    "z deep": ({"z": np.zeros((2, LATENT_DIM, 1), np.float32)}, "but has [2 8 1]"),
    "empty": (
        {"z": np.zeros((0, LATENT_DIM), np.float32), "label": np.zeros(0, np.int32)},
        "1 to 256 examples",
    ),
    "too many": (
        {"z": np.zeros((257, LATENT_DIM), np.float32), "label": np.zeros(257, np.int32)},
        "1 to 256 examples",
    ),
}


@pytest.mark.parametrize("signature", ["serving_default", "wav"])
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_with_its_value(loaded, case, signature):
    changes, words = BAD[case]
    inputs = {"z": random_z(2), "label": np.zeros(2, np.int32)} | changes
    with pytest.raises(CppError) as refusal:
        loaded.run(inputs, signature=signature)
    assert refusal.value.code == tf.errors.INVALID_ARGUMENT
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.full((1, 3), np.nan, np.float32), "class_weights must be finite"),
        (np.ones((1, 4), np.float32), "class_weights must have shape [batch, 3]"),
        (np.ones((2, 3), np.float32), "z holds 1 examples, but class_weights holds 2"),
    ],
)
def test_bad_class_weights_are_refused(loaded, weights, words):
    with pytest.raises(CppError) as refusal:
        loaded.run({"z": random_z(1), "class_weights": weights}, signature="mix")
    assert refusal.value.code == tf.errors.INVALID_ARGUMENT
    assert words in str(refusal.value)


def test_weights_beyond_the_classes_are_allowed(loaded):
    weights = np.array([[2.0, -1.0, 0.0]], np.float32)
    audio = loaded.run({"z": random_z(1), "class_weights": weights}, signature="mix")["audio"]
    assert np.isfinite(audio).all()


def test_the_constants_are_on_disk_once(tmp_path):
    kernel = np.random.default_rng(0).standard_normal((LATENT_DIM, LENGTH, 100)).astype(np.float32)
    frozen = lambda z, w: tf.tanh(tf.einsum("bl,lto->bt", z, kernel) + w[:, :1])  # noqa: E731
    version = export_generator(frozen, DESCRIPTION, tmp_path, batching=SMALL_BATCHES)
    size = sum(path.stat().st_size for path in version.rglob("*") if path.is_file())
    assert kernel.nbytes < size < 1.5 * kernel.nbytes


def test_versions_count_on_and_other_weights_are_another_model(tmp_path):
    versions = [export_tiny(tmp_path), *(export_anew(tmp_path, seed) for seed in (0, 1))]
    assert [version.name for version in versions] == ["1", "2", "3"]
    first, again, other = (Description.read(version).model_id for version in versions)
    assert first == again != other


def test_it_works_without_batching(tmp_path):
    model = CppModel(export_generator(tiny_frozen(), DESCRIPTION, tmp_path, batching=None))
    z = random_z(2)
    audio = model.run({"z": z, "label": np.zeros(2, np.int32)})["audio"]
    model.close()
    np.testing.assert_allclose(audio, expected_audio(z, [0, 0]), atol=1e-5)


def test_the_warm_up_covers_every_signature_and_size(tmp_path):
    requests = list(read_warmup(export_tiny(tmp_path, warm_up=True)))
    seen = {(r.model_spec.signature_name, len(r.inputs["label"].int_val)) for r in requests}
    assert {name for name, _ in seen} == set(SIGNATURES)
    assert len(requests) == 1 + 4 * len(SMALL_BATCHES.sizes)


def test_a_generator_that_makes_nan_is_not_exported(tmp_path):
    def diverged(z, weights):
        return tf.tile(z[:, :1] + weights[:, :1], [1, LENGTH]) * np.float32(np.nan)

    with pytest.raises(ExportError, match="diverged"):
        export_generator(diverged, DESCRIPTION, tmp_path / "models", batching=SMALL_BATCHES)
    assert list(tmp_path.iterdir()) == []


def test_a_generator_that_does_not_repeat_itself_is_not_exported(tmp_path):
    def restless(z, weights):
        return tf.tile(z[:, :1], [1, LENGTH]) + tf.random.normal([])

    with pytest.raises(ExportError, match="differs from the generator"):
        export_generator(restless, DESCRIPTION, tmp_path / "models", batching=SMALL_BATCHES)
    assert not (tmp_path / "models").exists()


def test_a_generator_of_another_length_is_not_exported(tmp_path):
    with pytest.raises(UserError):
        export_generator(
            lambda z, w: tf.tile(z[:, :1] + w[:, :1], [1, 7]), DESCRIPTION, tmp_path / "models"
        )
    assert not (tmp_path / "models").exists()


def test_variables_are_not_exported(tmp_path):
    variable = tf.Variable(1.0)
    with pytest.raises(ValueError, match="constants only"):
        export_generator(lambda z, w: z * variable, DESCRIPTION, tmp_path)


def test_a_models_folder_that_is_a_file_is_named(tmp_path):
    path = tmp_path / "models"
    path.write_text("")
    with pytest.raises(UserError, match="cannot write to"):
        export_anew(path)


KILLED = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.helpers.tiny_export import export_anew
print("ready", flush=True)
while True:
    export_anew(Path({models!r}))
"""


@pytest.mark.slow
def test_a_killed_export_leaves_no_half_version(tmp_path, request):
    models = tmp_path / "models"
    program = KILLED.format(root=str(request.config.rootpath), models=str(models))
    for half_written in ("variables", "assets.extra"):
        # What the last one left lies there until this one sweeps it away.
        left = set(models.glob(f"*{PARTIAL}*"))
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as exporter:
            exporter.stdout.readline()
            while exporter.poll() is None and not _writes(models, left, half_written):
                time.sleep(0.005)
            exporter.kill()
        assert exporter.returncode == -signal.SIGKILL
        for version in list_versions(models).values():
            CppModel(version).close()
    export_anew(models)
    assert [child.name for child in models.iterdir() if not child.name.isdecimal()] == []


def _writes(models, left, part):
    return any((half / part).exists() for half in set(models.glob(f"*{PARTIAL}*")) - left)
