"""Asks a server for a kick and writes it as a WAV file: python kick.py localhost:8500 kick.wav."""

import sys
import wave

import numpy as np

from drumsmith import Client

target, path = sys.argv[1:]
with Client(target) as client:
    sounds = client.generate("kick", n=1, seed=7)
samples = np.round(32767 * sounds.audio[0].clip(-1, 1)).astype("<i2")
with wave.open(path, "wb") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(sounds.sample_rate)
    file.writeframes(samples.tobytes())
print(f"{path}: {sounds.labels[0]}, seed {sounds.seeds[0]}")
