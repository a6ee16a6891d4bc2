"""An exported model in this process: no server, no network."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ...common.errors import UserError
from ..latent_moves import LatentMoves
from ..pretrained import pretrained_models
from ..sounds import Encoded, Sounds
from .description import Description
from .quick_tensorflow import errors
from .session import SavedModelSession, message_of
from .signatures import (
    AUDIO,
    CLASS_WEIGHTS,
    ENCODE,
    LABEL,
    MIX,
    SAFE_BATCH,
    SEED,
    SEEDED,
    SERVING_DEFAULT,
    Z,
)
from .versions import ModelsError, find_version


class LocalModel(LatentMoves):
    """The generator of an exported version, run as TF Serving runs it.

    Its methods are those of `Client`, so that a program may start with the one and go on with the
    other.

    Args:
        models: a folder of versions, as `drumsmith export` fills it; the pretrained model by
            default.
        version: which one; the newest by default.
        threads: for one operation and between operations; 0 takes all cores.

    Attributes:
        labels: names of the classes, in the order of their numbers.
        sample_rate: in Hz.
        length: of a sound, in samples.
        latent_dim: length of z.
        latent_prior: what z is drawn from, see `common.latent_prior`.
        model_id: short name of the weights.
        version: the number of the version.

    Raises:
        ModelsError: there is no such version, or it does not load.

    Example:
        >>> with LocalModel() as model:
        ...     kicks = model.generate("kick", n=8, seed=1)
        >>> kicks.audio.shape
        (8, 16384)

    """

    def __init__(
        self, models: str | Path | None = None, version: int | None = None, *, threads: int = 0
    ):
        models = pretrained_models() if models is None else Path(models)
        number, folder = find_version(models, version)
        self.version: int | None = number
        description = Description.read(folder)
        self.labels: tuple[str, ...] = description.labels
        self.sample_rate = description.sample_rate
        self.length = description.length
        self.latent_dim = description.latent_dim
        self.latent_prior = description.latent_prior
        self.model_id = description.model_id
        self.description = description
        try:
            self._session = SavedModelSession(folder, threads=threads)
        except (OSError, ValueError, KeyError, errors.OpError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise ModelsError(
                f"version {self.version} of {models} does not load: {reason}"
            ) from error

    def generate(
        self, label: str | Sequence[str], n: int = 1, *, seed: int | None = None
    ) -> Sounds:
        """Make sounds of one label or of several.

        Args:
            label: a name, or several.
            n: sounds of each label.
            seed: of the first sound; the next has ``seed + 1`` and so on, anew for each label.
                Drawn at random if None; the answer holds the seeds.

        Returns:
            All sounds of the first label, then of the second, and so on.

        Raises:
            UserError: the model has no such label; the message names those it has.

        """
        if n < 1:
            raise UserError(f"n must be at least 1, but is {n}")
        names = [label] if isinstance(label, str) else list(label)
        first = secrets.randbits(31) if seed is None else seed
        seeds = [first + i for _ in names for i in range(n)]
        numbers = [number for name in names for number in [self.label_number(name)] * n]
        made = self._in_parts(SEEDED, _seeded_inputs(seeds, numbers), (AUDIO, Z))
        return Sounds(
            audio=made[AUDIO],
            labels=tuple(self.labels[number] for number in numbers),
            seeds=tuple(seeds),
            z=made[Z],
            sample_rate=self.sample_rate,
            model_id=self.model_id,
        )

    def from_z(self, z: np.ndarray, label: np.ndarray | Sequence[int]) -> np.ndarray:
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
        return self._in_parts(SERVING_DEFAULT, {Z: z, LABEL: label})[AUDIO]

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
        return self._in_parts(SEEDED, _seeded_inputs(seed, label))[AUDIO]

    def mix(self, z: np.ndarray, class_weights: np.ndarray | Mapping[str, float]) -> np.ndarray:
        """Generate between classes.

        Args:
            z: float32 (batch, latent_dim).
            class_weights: (batch, classes), or shares by label for all: ``{"kick": 0.5, ...}``.

        Returns:
            Audio, float32 (batch, length).

        Raises:
            UserError: the model refuses a value; the message names it.

        """
        z = np.asarray(z, np.float32)
        if isinstance(class_weights, Mapping):
            row = np.zeros(len(self.labels), np.float32)
            for name, share in class_weights.items():
                row[self.label_number(name)] = share
            class_weights = np.tile(row, (len(z), 1))
        return self._in_parts(MIX, {Z: z, CLASS_WEIGHTS: np.asarray(class_weights, np.float32)})[
            AUDIO
        ]

    def encode(self, audio: np.ndarray) -> Encoded:
        """Find what sounds were made of; `mix` of the answer makes sounds like them.

        Args:
            audio: float32 (batch, length), prepared as the model's sounds are.

        Raises:
            UserError: the model has no encoder, or refuses a value; the message names it.

        """
        if ENCODE not in self._session.signatures:
            raise UserError(f"model {self.model_id} has no encoder: it finds no z of a sound")
        inputs = {AUDIO: np.asarray(audio, np.float32)}
        found = self._in_parts(ENCODE, inputs, (Z, CLASS_WEIGHTS))
        return Encoded(found[Z], found[CLASS_WEIGHTS])

    def z_of(self, seed: Sequence[int]) -> np.ndarray:
        """Return the latent vectors that `seeded` makes of seeds, float32 (batch, latent_dim)."""
        return self._in_parts(SEEDED, _seeded_inputs(seed, np.zeros(len(seed))), (Z,))[Z]

    def label_number(self, name: str) -> int:
        """Return the number of a label.

        Raises:
            UserError: the model has no such label; the message names those it has.

        """
        if name not in self.labels:
            raise UserError(f"no label {name!r}; the model knows {', '.join(self.labels)}")
        return self.labels.index(name)

    def close(self) -> None:
        """Free the model; a second call does nothing."""
        self._session.close()

    def __enter__(self) -> "LocalModel":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def _in_parts(
        self, signature: str, inputs: dict[str, np.ndarray], outputs: Sequence[str] = (AUDIO,)
    ) -> dict[str, np.ndarray]:
        counts = {alias: len(value) for alias, value in inputs.items()}
        if len(set(counts.values())) > 1:
            raise UserError(f"inputs must hold as many examples each, but hold {counts}")
        count = max(counts.values())
        if count == 0:
            widths = {
                AUDIO: self.length,
                Z: self.latent_dim,
                CLASS_WEIGHTS: len(self.labels),
            }
            return {alias: np.zeros((0, widths[alias]), np.float32) for alias in outputs}
        parts = [slice(at, at + SAFE_BATCH) for at in range(0, count, SAFE_BATCH)]
        answers = [
            self._run(signature, {a: v[part] for a, v in inputs.items()}, outputs) for part in parts
        ]
        return {alias: np.concatenate([one[alias] for one in answers]) for alias in outputs}

    def _run(
        self, signature: str, inputs: dict[str, np.ndarray], outputs: Sequence[str]
    ) -> dict[str, np.ndarray]:
        try:
            return self._session.run(inputs, signature=signature, outputs=outputs)
        except errors.InvalidArgumentError as error:
            raise UserError(message_of(error)) from error


def _seeded_inputs(seed: Sequence[int], label: np.ndarray | Sequence[int]) -> dict[str, np.ndarray]:
    return {SEED: np.asarray(seed, np.int64), LABEL: np.asarray(label, np.int32)}
