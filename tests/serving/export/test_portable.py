"""An export that runtimes other than TensorFlow can run, with the very same sounds."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.saved_model.session import SavedModelSession

from ...helpers.tiny_export import DESCRIPTION, LENGTH, expected_audio, random_z, tiny_frozen

OPENVINO = """
import sys
import numpy as np
import openvino
model = openvino.convert_model(sys.argv[1])
# bfloat16 is what it would choose by itself on some processors.
exact = {"INFERENCE_PRECISION_HINT": "f32"}
compiled = openvino.Core().compile_model(model, "CPU", exact)
for batch in (1, 5):
    given = np.load(f"{sys.argv[2]}/{batch}.npz")
    made = compiled({"z": given["z"], "label": given["label"]})["audio"]
    print(np.abs(made - given["audio"]).max())
"""


def filtered(z, class_weights):
    """Sounds whose spectrum is changed by class, as the post filter and shaped noise do it."""
    audio = tiny_frozen()(z, class_weights)
    kernel = np.random.default_rng(1).normal(0, 0.1, (3, LENGTH + 1)).astype(np.float32)
    gain = tf.exp(tf.matmul(class_weights, kernel))
    spectrum = tf.signal.rfft(audio, [2 * LENGTH]) * tf.complex(gain, tf.zeros_like(gain))
    return tf.signal.irfft(spectrum, [2 * LENGTH])[:, :LENGTH]


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    return export_generator(filtered, DESCRIPTION, tmp_path_factory.mktemp("m"), portable=True)


def test_openvino_makes_the_same_sounds(version, tmp_path):
    pytest.importorskip("openvino", reason="openvino runs the export without TensorFlow")
    for batch in (1, 5):
        z, label = random_z(batch), np.arange(batch, dtype=np.int32) % 3
        audio = filtered(tf.constant(z), tf.one_hot(label, 3)).numpy()
        np.savez(tmp_path / f"{batch}.npz", z=z, label=label, audio=audio)
    # Alone in its process, so that nothing of TensorFlow's is there.
    done = subprocess.run(
        [sys.executable, "-c", OPENVINO, str(version), str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert max(map(float, done.stdout.split())) < 1e-5


def test_litert_makes_the_same_sounds_from_operations_of_its_own(tmp_path):
    # Without a filter: LiteRT knows no inverse Fourier transform but TensorFlow's.
    version = export_generator(tiny_frozen(), DESCRIPTION, tmp_path / "m", portable=True)
    keys = ["serving_default"]
    converted = tf.lite.TFLiteConverter.from_saved_model(str(version), signature_keys=keys)
    run = tf.lite.Interpreter(model_content=converted.convert()).get_signature_runner(*keys)
    for batch in (1, 5):
        z, label = random_z(batch), np.arange(batch, dtype=np.int32) % 3
        made = run(z=z, label=label)["audio"]
        assert np.abs(made - expected_audio(z, label)).max() < 1e-5


def test_tensorflow_refuses_bad_values_as_ever(version):
    with SavedModelSession(version) as session:
        for label, value in (([-1], 0.0), ([3], 0.0), ([0], np.nan)):
            z = random_z(1)
            z[0, 0] += value
            with pytest.raises(tf.errors.InvalidArgumentError, match="example 0"):
                session.run({"z": z, "label": label})


def test_it_gathers_nothing_in_the_graph(version):
    saved = (version / "saved_model.pb").read_bytes()
    assert b"BatchFunction" not in saved
