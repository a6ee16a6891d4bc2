"""An exported model in this process: no server, no network."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...common.errors import UserError
from .description import Description
from .quick_tensorflow import tf
from .session import SavedModelSession, message_of
from .signatures import AUDIO, LABEL, SAFE_BATCH, SEED, SEEDED, SERVING_DEFAULT, Z
from .versions import ModelsError, find_version


class LocalModel:
    """The generator of an exported version, run as TF Serving runs it.

    Args:
        models: a folder of versions, as `drumsmith export` fills it.
        version: which one; the newest by default.
        threads: for one operation and between operations; 0 takes all cores.

    Attributes:
        labels: names of the classes, in the order of their numbers.
        sample_rate: in Hz.
        length: of a sound, in samples.
        latent_dim: length of z.
        model_id: short name of the weights.
        version: the number of the version.

    Raises:
        ModelsError: there is no such version, or it does not load.

    Example:
        >>> with LocalModel(Path("models")) as model:
        ...     audio = model.seeded([1, 2, 3], [0, 0, 0])  # three kicks

    """

    def __init__(self, models: Path, version: int | None = None, *, threads: int = 0):
        self.version, folder = find_version(Path(models), version)
        description = Description.read(folder)
        self.labels: tuple[str, ...] = description.labels
        self.sample_rate = description.sample_rate
        self.length = description.length
        self.latent_dim = description.latent_dim
        self.model_id = description.model_id
        self.description = description
        try:
            self._session = SavedModelSession(folder, threads=threads)
        except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelsError(
                f"version {self.version} of {models} does not load: {reason}"
            ) from error

    def generate(self, z: np.ndarray, label: np.ndarray | Sequence[int]) -> np.ndarray:
        """Generate from latent vectors.

        Args:
            z: float32 (batch, latent_dim).
            label: int32 (batch,).

        Returns:
            Audio, float32 (batch, length).

        Raises:
            UserError: the model refuses a value; the message names it.

        """
        z, label = np.asarray(z, np.float32), np.asarray(label, np.int32)
        return self._in_parts(SERVING_DEFAULT, {Z: z, LABEL: label})

    def seeded(self, seed: Sequence[int], label: np.ndarray | Sequence[int]) -> np.ndarray:
        """Generate from seeds: the same seed and label give the same sound in any batch.

        Args:
            seed: int64 (batch,).
            label: int32 (batch,).

        Returns:
            Audio, float32 (batch, length).

        Raises:
            UserError: the model refuses a value; the message names it.

        """
        seeds, label = np.asarray(seed, np.int64), np.asarray(label, np.int32)
        return self._in_parts(SEEDED, {SEED: seeds, LABEL: label})

    def close(self) -> None:
        """Free the model; a second call does nothing."""
        self._session.close()

    def __enter__(self) -> "LocalModel":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def _in_parts(self, signature: str, inputs: dict[str, np.ndarray]) -> np.ndarray:
        counts = {alias: len(value) for alias, value in inputs.items()}
        if len(set(counts.values())) > 1:
            raise UserError(f"inputs must hold as many examples each, but hold {counts}")
        count = counts[LABEL]
        if count == 0:
            return np.zeros((0, self.length), np.float32)
        parts = [slice(at, at + SAFE_BATCH) for at in range(0, count, SAFE_BATCH)]
        return np.concatenate(
            [self._run(signature, {a: v[part] for a, v in inputs.items()}) for part in parts]
        )

    def _run(self, signature: str, inputs: dict[str, np.ndarray]) -> np.ndarray:
        try:
            return self._session.run(inputs, signature=signature, outputs=[AUDIO])[AUDIO]
        except tf.errors.InvalidArgumentError as error:
            raise UserError(message_of(error)) from error
