"""Do other runtimes make the sounds that TensorFlow makes?

Exports each generator with random weights as `export --portable` does, and compares what OpenVINO
makes of it, alone in a process, with TensorFlow; and with each sound computed by itself.

    python benchmarks/serving/portable.py [--generators upsampling tones-and-noise] [--sounds 24]

Prints the largest differences of a sample for each generator.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from drumsmith.model.network_config import NetworkConfig
from drumsmith.model.networks import build_generator
from drumsmith.serving.export.exporter import export_generator
from drumsmith.serving.saved_model.description import Description

LABELS = ("kick", "snare", "cymbal")
SMALL = {"latent_dim": 6, "width": 4}

OPENVINO = """
import sys
import numpy as np
import openvino
given = np.load(sys.argv[2])
model = openvino.convert_model(sys.argv[1])
# bfloat16 is what it would choose by itself on some processors.
compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
made = compiled({"z": given["z"], "label": given["label"]})["audio"]
print(np.abs(made - given["audio"]).max())
"""


def main() -> None:
    """Print the differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generators", nargs="+", default=["upsampling", "tones-and-noise"])
    parser.add_argument("--sounds", type=int, default=24)
    args = parser.parse_args()
    for name in args.generators:
        with tempfile.TemporaryDirectory() as scratch:
            version, sounds, alone = _export(name, args.sounds, Path(scratch))
            command = [sys.executable, "-c", OPENVINO, str(version), str(sounds)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        theirs = float(done.stdout.split()[-1])
        print(f"{name}: OpenVINO differs by {theirs:.1e}, each alone by {alone:.1e}", flush=True)


def _export(name: str, count: int, scratch: Path) -> tuple[Path, Path, float]:
    """Return a version, a file with inputs and sounds, and how far those made alone differ."""
    keras.utils.set_random_seed(1)
    full = name == "tones-and-noise"
    config = NetworkConfig(generator=name, lines=full, attack=full, **SMALL)
    generator = build_generator(config, len(LABELS))
    if full:  # an untrained network has neither
        for layer in (generator.to_contrast, generator.to_attack):
            layer.bias.assign(tf.fill(layer.bias.shape, 0.8))
    frozen = generator.frozen()
    description = Description(LABELS, 44100, generator.latent_dim, generator.length)
    version = export_generator(frozen, description, scratch / "models", portable=True)
    z = np.random.default_rng(0).standard_normal((count, generator.latent_dim)).astype(np.float32)
    label = np.arange(count, dtype=np.int32) % len(LABELS)
    audio = frozen(tf.constant(z), tf.one_hot(label, len(LABELS))).numpy()
    np.savez(scratch / "sounds.npz", z=z, label=label, audio=audio)
    alone = [
        frozen(tf.constant(z[i : i + 1]), tf.one_hot(label[i : i + 1], len(LABELS))).numpy()
        for i in range(count)
    ]
    return version, scratch / "sounds.npz", float(np.abs(np.concatenate(alone) - audio).max())


if __name__ == "__main__":
    main()
