"""Every name that an exported model and its callers must agree on; nowhere else are they spelled.

| name              | inputs                  | output                                    |
|-------------------|-------------------------|-------------------------------------------|
| `serving_default` | z, label                | audio float32 [B, T]                      |
| `wav`             | z, label                | wav_bytes string [B], 16-bit PCM          |
| `seeded`          | seed int64 [B], label   | audio, z                                  |
| `mix`             | z, class_weights        | audio                                     |
| `describe`        | none                    | labels, sample_rate, length, latent_dim,  |
|                   |                         | model_id                                  |
| `encode`          | audio float32 [B, T]    | z, class_weights                          |

`encode` is there where the model has an encoder (`OPTIONAL`).
`z` is float32 [B, latent_dim], `label` int32 [B], `class_weights` float32 [B, classes].
"""

from dataclasses import dataclass

MODEL_NAME = "drums"

SERVING_DEFAULT = "serving_default"
WAV = "wav"
SEEDED = "seeded"
MIX = "mix"
DESCRIBE = "describe"
ENCODE = "encode"

Z = "z"
LABEL = "label"
SEED = "seed"
CLASS_WEIGHTS = "class_weights"
AUDIO = "audio"
# The ending makes TF Serving's REST interface encode the value in base64.
WAV_BYTES = "wav_bytes"
LABELS = "labels"
SAMPLE_RATE = "sample_rate"
LENGTH = "length"
LATENT_DIM = "latent_dim"
MODEL_ID = "model_id"


@dataclass(frozen=True)
class Signature:
    """The aliases that a signature takes and gives."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


SIGNATURES = {
    SERVING_DEFAULT: Signature((Z, LABEL), (AUDIO,)),
    WAV: Signature((Z, LABEL), (WAV_BYTES,)),
    SEEDED: Signature((SEED, LABEL), (AUDIO, Z)),
    MIX: Signature((Z, CLASS_WEIGHTS), (AUDIO,)),
    DESCRIBE: Signature((), (LABELS, SAMPLE_RATE, LENGTH, LATENT_DIM, MODEL_ID)),
}

OPTIONAL = {ENCODE: Signature((AUDIO,), (Z, CLASS_WEIGHTS))}
"""Signatures that an export may lack."""

SAFE_BATCH = 32
"""Examples in one request that every export accepts; callers with more split them."""

VALUE_LIMIT = 1000.0
"""Largest size of an element of z or class_weights; beyond it float32 overflows on the way."""
