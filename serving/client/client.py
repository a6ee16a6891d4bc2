"""The light client: drum sounds from a server, with numpy and grpcio alone."""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np

from ..latent_moves import LatentMoves
from ..saved_model.signatures import (
    AUDIO,
    CLASS_WEIGHTS,
    DESCRIBE,
    LABEL,
    LABELS,
    LATENT_DIM,
    MIX,
    MODEL_ID,
    MODEL_NAME,
    SAFE_BATCH,
    SAMPLE_RATE,
    SEED,
    SEEDED,
    SERVING_DEFAULT,
    WAV,
    WAV_BYTES,
    Z,
)
from ..sounds import Sounds
from .errors import BadAnswerError, UnknownLabelError, error_for
from .wire import (
    ModelSpec,
    VersionStatus,
    WireError,
    decode_predict_response,
    decode_status_response,
    encode_predict_request,
    encode_status_request,
)

PREDICT = "/tensorflow.serving.PredictionService/Predict"
GET_MODEL_STATUS = "/tensorflow.serving.ModelService/GetModelStatus"

MAX_MESSAGE_BYTES = 64 * 2**20
"""Largest answer taken; gRPC's own 4 MiB is what 64 sounds of 16384 samples fill exactly."""

SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],
            # UNAVAILABLE means that the call did not run; nothing else is safe to send again.
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    # A server in trouble is not helped by four times the calls.
    "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.2},
}


@dataclass(frozen=True)
class ModelDescription:
    """What a served model says of itself."""

    labels: tuple[str, ...]
    sample_rate: int
    latent_dim: int
    model_id: str


class Client(LatentMoves):
    """Asks a server for drums: the embedded one or TF Serving, which it cannot tell apart.

    Safe to use from several threads; connects on the first call, and reconnects by itself.

    Args:
        target: `HOST:PORT`, or any gRPC target, such as `dns:///drums:8500`, whose addresses are
            then called in turn.
        model: the served model's name.
        version: ask for this version instead of the newest.
        timeout_s: deadline of each call in seconds, retries included.
        credentials: for TLS, from `grpc.ssl_channel_credentials`; plain text without.
        token: sent with each call as `authorization: Bearer ...`. Only over TLS is it a secret.
        max_message_bytes: largest answer taken.

    Raises:
        ClientError: every method does, in the kinds that `errors` draws.

    Example:
        >>> with Client("localhost:8500") as client:
        ...     sounds = client.generate("kick", n=8, seed=1)
        >>> sounds.audio.shape
        (8, 16384)

    """

    def __init__(
        self,
        target: str,
        *,
        model: str = MODEL_NAME,
        version: int | None = None,
        timeout_s: float = 10.0,
        credentials: grpc.ChannelCredentials | None = None,
        token: str | None = None,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
    ):
        self.target = target
        self.model = model
        self.version = version
        self.timeout_s = timeout_s
        self._metadata = [("authorization", f"Bearer {token}")] if token else []
        options: list[tuple[str, Any]] = [
            ("grpc.service_config", json.dumps(SERVICE_CONFIG)),
            ("grpc.max_receive_message_length", max_message_bytes),
            ("grpc.max_send_message_length", max_message_bytes),
            # A server that restarts is found again soon; the default grows to two minutes.
            ("grpc.max_reconnect_backoff_ms", 2000),
        ]
        self._channel = (
            grpc.insecure_channel(target, options)
            if credentials is None
            else grpc.secure_channel(target, credentials, options)
        )
        self._predict = self._channel.unary_unary(PREDICT)
        self._status = self._channel.unary_unary(GET_MODEL_STATUS)
        self._description: ModelDescription | None = None

    def describe(self, *, timeout_s: float | None = None) -> ModelDescription:
        """Ask what the model is: its labels, sample rate, latent dimension and id."""
        answer = self.predict(DESCRIBE, {}, timeout_s=timeout_s)
        self._description = ModelDescription(
            labels=tuple(label.decode() for label in answer[LABELS]),
            sample_rate=int(answer[SAMPLE_RATE]),
            latent_dim=int(answer[LATENT_DIM]),
            model_id=answer[MODEL_ID].item().decode(),
        )
        return self._description

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, in the order of their numbers; asked for once."""
        return self._described().labels

    @property
    def sample_rate(self) -> int:
        """Samples per second; asked for once."""
        return self._described().sample_rate

    @property
    def latent_dim(self) -> int:
        """Length of z; asked for once."""
        return self._described().latent_dim

    @property
    def model_id(self) -> str:
        """Short name of the weights; asked for once."""
        return self._described().model_id

    def generate(
        self,
        label: str | Sequence[str],
        n: int = 1,
        *,
        seed: int | None = None,
        timeout_s: float | None = None,
    ) -> Sounds:
        """Make sounds of one label or of several.

        Args:
            label: a name, or several.
            n: sounds of each label.
            seed: of the first sound; the next has ``seed + 1`` and so on, anew for each label.
                Drawn at random if None; the answer holds the seeds.
            timeout_s: deadline of each call.

        Returns:
            All sounds of the first label, then of the second, and so on.

        Raises:
            UnknownLabelError: the model has no such label; the message names those it has.

        """
        if n < 1:
            raise ValueError(f"n must be at least 1, but is {n}")
        names = [label] if isinstance(label, str) else list(label)
        first = secrets.randbits(31) if seed is None else seed
        seeds = [first + i for _ in names for i in range(n)]
        numbers = [number for name in names for number in [self.label_number(name)] * n]
        answer = self._in_parts(SEEDED, self._seeded_inputs(seeds, numbers), timeout_s)
        described = self._described()
        return Sounds(
            audio=answer[AUDIO],
            labels=tuple(described.labels[number] for number in numbers),
            seeds=tuple(seeds),
            z=answer[Z],
            sample_rate=described.sample_rate,
            model_id=described.model_id,
        )

    def seeded(
        self,
        seed: Sequence[int],
        label: Sequence[int] | np.ndarray,
        *,
        timeout_s: float | None = None,
    ) -> np.ndarray:
        """Generate from seeds: the same seed and label give the same sound in any batch.

        Args:
            seed: int64 (batch,).
            label: numbers of the labels, (batch,).
            timeout_s: deadline of each call.

        Returns:
            Audio, float32 (batch, length).

        """
        return self._in_parts(SEEDED, self._seeded_inputs(seed, label), timeout_s)[AUDIO]

    def from_z(
        self,
        z: np.ndarray,
        label: Sequence[int] | np.ndarray,
        *,
        timeout_s: float | None = None,
    ) -> np.ndarray:
        """Generate from latent vectors.

        Args:
            z: (batch, latent_dim), N(0, 1).
            label: numbers of the labels, (batch,).
            timeout_s: deadline of each call.

        Returns:
            Audio, float32 (batch, length).

        """
        return self._in_parts(SERVING_DEFAULT, _z_inputs(z, label), timeout_s)[AUDIO]

    def mix(
        self,
        z: np.ndarray,
        class_weights: np.ndarray | Mapping[str, float],
        *,
        timeout_s: float | None = None,
    ) -> np.ndarray:
        """Generate between classes.

        Args:
            z: (batch, latent_dim).
            class_weights: (batch, classes), or shares by label for all: ``{"kick": 0.5, ...}``.
            timeout_s: deadline of each call.

        Returns:
            Audio, float32 (batch, length).

        """
        z = np.asarray(z, np.float32)
        if isinstance(class_weights, Mapping):
            row = np.zeros(len(self.labels), np.float32)
            for name, share in class_weights.items():
                row[self.label_number(name)] = share
            class_weights = np.tile(row, (len(z), 1))
        inputs = {Z: z, CLASS_WEIGHTS: np.asarray(class_weights, np.float32)}
        return self._in_parts(MIX, inputs, timeout_s)[AUDIO]

    def z_of(self, seed: Sequence[int], *, timeout_s: float | None = None) -> np.ndarray:
        """Return the latent vectors that `seeded` makes of seeds, float32 (batch, latent_dim)."""
        inputs = self._seeded_inputs(seed, np.zeros(len(seed), np.int32))
        return self._in_parts(SEEDED, inputs, timeout_s, outputs=(Z,))[Z]

    def wav(
        self,
        z: np.ndarray,
        label: Sequence[int] | np.ndarray,
        *,
        timeout_s: float | None = None,
    ) -> list[bytes]:
        """Generate from latent vectors, each sound as the bytes of a 16-bit WAV file."""
        return list(self._in_parts(WAV, _z_inputs(z, label), timeout_s)[WAV_BYTES])

    def label_number(self, name: str) -> int:
        """Return the number of a label.

        Raises:
            UnknownLabelError: the model has no such label; the message names those it has.

        """
        if name not in self.labels:
            known = ", ".join(self.labels)
            raise UnknownLabelError(f"no label {name!r}; {self.model} knows {known}")
        return self.labels.index(name)

    def status(self, *, timeout_s: float | None = None) -> list[VersionStatus]:
        """Ask in which state each version of the model is."""
        request = encode_status_request(ModelSpec(self.model, self.version))
        return _read(decode_status_response, self._call(self._status, request, timeout_s))

    def ready(self, *, timeout_s: float | None = None) -> bool:
        """Ask whether a version of the model is available.

        Raises:
            ModelNotFoundError: the server does not know the model at all.

        """
        return any(version.state == "AVAILABLE" for version in self.status(timeout_s=timeout_s))

    def predict(
        self,
        signature: str,
        inputs: Mapping[str, np.ndarray],
        *,
        outputs: Sequence[str] = (),
        timeout_s: float | None = None,
    ) -> dict[str, np.ndarray]:
        """Call a signature with arrays of the very types it takes; see `signatures`.

        Args:
            signature: its name.
            inputs: the value of each input by its alias.
            outputs: aliases wanted; all when empty.
            timeout_s: deadline of the call.

        Returns:
            The value of each output by its alias; strings as an array of bytes.

        """
        spec = ModelSpec(self.model, self.version, signature=signature)
        request = encode_predict_request(spec, inputs, outputs)
        return _read(decode_predict_response, self._call(self._predict, request, timeout_s))[1]

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self._channel.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def _described(self) -> ModelDescription:
        return self._description or self.describe()

    def _seeded_inputs(self, seed, label) -> dict[str, np.ndarray]:
        return {SEED: np.asarray(seed, np.int64), LABEL: np.asarray(label, np.int32)}

    def _in_parts(
        self,
        signature: str,
        inputs: dict[str, np.ndarray],
        timeout_s: float | None,
        outputs: Sequence[str] = (),
    ) -> dict[str, np.ndarray]:
        """Call a signature as often as its inputs need at `SAFE_BATCH` examples a call."""
        counts = {alias: len(value) for alias, value in inputs.items()}
        if len(set(counts.values())) > 1:
            raise ValueError(f"inputs must hold as many examples each, but hold {counts}")
        starts = range(0, max(counts.values()), SAFE_BATCH) or (0,)
        answers = [
            self.predict(
                signature,
                {alias: value[at : at + SAFE_BATCH] for alias, value in inputs.items()},
                outputs=outputs,
                timeout_s=timeout_s,
            )
            for at in starts
        ]
        return {alias: np.concatenate([a[alias] for a in answers]) for alias in answers[0]}

    def _call(self, method: Callable, request: bytes, timeout_s: float | None) -> bytes:
        timeout = self.timeout_s if timeout_s is None else timeout_s
        try:
            return method(request, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            # What a unary call raises is the call itself, with its code and details.
            raise error_for(self.target, error.code(), error.details()) from None  # type: ignore


def _z_inputs(z, label) -> dict[str, np.ndarray]:
    return {Z: np.asarray(z, np.float32), LABEL: np.asarray(label, np.int32)}


def _read(decode: Callable, message: bytes) -> Any:
    try:
        return decode(message)
    except (WireError, UnicodeDecodeError) as error:
        raise BadAnswerError(f"the server's answer cannot be read: {error}") from error
