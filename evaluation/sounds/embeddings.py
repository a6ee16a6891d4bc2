"""A third embedding, given as a SavedModel: VGGish, YAMNet, or one's own.

Expected is a model that maps a waveform in [-1, 1] to one vector, or to a vector for each of its
frames, which are then averaged. Waveforms may be taken one at a time, (samples,), as VGGish does,
or in batches, (batch, samples).

```
drum    |#####______|                          0.37 s, resampled to the model's rate
padded  |#####______|0000000000000000000000|   0.975 s, zeros behind: one frame of VGGish
```

Zeros behind, not around or repeated: the sound keeps its onset at the start, and generated and real
sounds are padded alike, so that the padding adds nothing to their distance but dilutes it alike.
"""

from collections.abc import Callable
from math import gcd
from pathlib import Path

import numpy as np
import tensorflow as tf

from .real_sounds import EvaluationError

SAMPLE_RATE = 16_000
"""What VGGish and YAMNet listen at, in Hz."""

SECONDS = 0.975
"""What one frame of VGGish needs: 15,600 samples at 16 kHz."""

_BATCH = 64


class SavedModelEmbedding:
    """An embedding read from a SavedModel.

    Args:
        path: folder of the SavedModel.
        sample_rate: what the model listens at, in Hz.
        seconds: what sounds are padded (or cut) to.

    Raises:
        EvaluationError: nothing can be loaded from ``path``.

    """

    def __init__(self, path: Path, sample_rate: int = SAMPLE_RATE, seconds: float = SECONDS):
        if not (Path(path) / "saved_model.pb").is_file():
            raise EvaluationError(f"{path} is no SavedModel: it has no saved_model.pb")
        # The model owns the function's variables and must stay alive.
        self._model = tf.saved_model.load(str(path))
        self._path = path
        self.sample_rate = sample_rate
        self.samples = round(seconds * sample_rate)
        self._function, self._batched = self._entry()

    def __call__(
        self,
        audio: np.ndarray,
        sample_rate: int,
        advance: Callable[[int], None] = lambda count: None,
    ) -> np.ndarray:
        """Embed ``audio`` (n, length) taken at ``sample_rate``; returns (n, d) float64."""
        parts = []
        for i in range(0, len(audio), _BATCH):
            waves = self.padded(audio[i : i + _BATCH], sample_rate)
            parts.extend(self._batch(waves) if self._batched else [self._one(w) for w in waves])
            advance(len(waves))
        return np.stack(parts).astype(np.float64)

    def padded(self, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """Return ``audio`` at the model's rate and length, zeros behind, (n, samples) float32."""
        # Here, as scipy.signal takes a second to import, and few bring an embedding.
        from scipy.signal import resample_poly

        common = gcd(self.sample_rate, sample_rate)
        resampled = resample_poly(audio, self.sample_rate // common, sample_rate // common, axis=1)
        resampled = resampled[:, : self.samples]
        missing = self.samples - resampled.shape[1]
        return np.pad(resampled, ((0, 0), (0, missing))).astype(np.float32)

    def _batch(self, waves: np.ndarray) -> list[np.ndarray]:
        vectors = _first(self._function(tf.constant(waves))).numpy()
        # (batch, d), or (batch, frames, d) whose frames are averaged.
        return list(vectors.reshape(len(waves), -1, vectors.shape[-1]).mean(axis=1))

    def _one(self, wave: np.ndarray) -> np.ndarray:
        vectors = _first(self._function(tf.constant(wave))).numpy()
        return vectors.reshape(-1, vectors.shape[-1]).mean(axis=0)

    def _entry(self) -> tuple[Callable, bool]:
        """Return the function to call and whether it takes batches."""
        if signature := self._model.signatures.get("serving_default"):
            (name, spec), *others = signature.structured_input_signature[1].items()
            if others:
                raise EvaluationError(
                    f"the embedding {self._path} asks for {1 + len(others)} inputs, not for audio"
                )
            return (lambda waves: signature(**{name: waves})), len(spec.shape) == 2
        if not callable(self._model):
            raise EvaluationError(
                f"the embedding {self._path} has neither a serving_default signature nor __call__"
            )
        return self._model, self._call_takes_batches()

    def _call_takes_batches(self) -> bool:
        try:
            self._model(tf.zeros([self.samples]))
        except (ValueError, tf.errors.InvalidArgumentError):
            return True
        return False


def _first(output):
    """Return the tensor of a model that answers with a tensor, a tuple or a dict of one."""
    if isinstance(output, dict):
        return next(iter(output.values()))
    return output[0] if isinstance(output, list | tuple) else output
