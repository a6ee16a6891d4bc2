"""The light client: drum sounds from a server, with numpy and grpcio alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import grpc
import numpy as np

from ..latent_moves import LatentMoves
from ..saved_model.signatures import (
    AUDIO,
    CLASS_WEIGHTS,
    DESCRIBE,
    ENCODE,
    MIX,
    MODEL_NAME,
    SEEDED,
    SERVING_DEFAULT,
    WAV,
    WAV_BYTES,
    Z,
)
from ..sounds import Encoded, Sounds
from .answers import (
    ModelDescription,
    description_of,
    joined,
    output,
    reading,
    sounds_of,
)
from .connection import (
    GET_MODEL_STATUS,
    MAX_MESSAGE_BYTES,
    PREDICT,
    call_metadata,
    channel_options,
)
from .errors import ClosedError, TooLargeError, error_for
from .inputs import Inputs, audio_inputs, seed_inputs, seeded_inputs, z_inputs
from .parts import Parts
from .plans import checked_version, mix_plan, names_of, predict_message, seeded_plan
from .wire import (
    ModelSpec,
    VersionStatus,
    decode_predict_response,
    decode_status_response,
    encode_status_request,
)


class Client(LatentMoves):
    """Asks a server for drums: the embedded one or TF Serving, which it cannot tell apart.

    Safe to use from several threads; connects on the first call, and reconnects by itself.
    `AsyncClient` has the same calls for asyncio.

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
        self.version = checked_version(version)
        self.timeout_s = timeout_s
        self._metadata = call_metadata(token)
        options = channel_options(max_message_bytes)
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
        self._description = description_of(self.predict(DESCRIBE, {}, timeout_s=timeout_s))
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
    def length(self) -> int:
        """Samples of a sound; asked for once."""
        if (length := self._described().length) is not None:
            return length
        return self.from_z(np.zeros((1, self.latent_dim), np.float32), [0]).shape[1]

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
        plan = seeded_plan(self._described(), label, n, seed)
        answer = self._in_parts(SEEDED, plan.inputs, timeout_s)
        return sounds_of(answer, self._described(), plan.numbers, plan.seeds)

    def stream(
        self,
        label: str | Sequence[str],
        n: int = 1,
        *,
        seed: int | None = None,
        timeout_s: float | None = None,
    ) -> Iterator[Sounds]:
        """Make sounds as `generate` does, and give them as they come, some at a time.

        Memory holds one part only, whatever ``n`` is.
        """
        names_of(label)
        plan = seeded_plan(self._described(), label, n, seed)
        for span, answer in self._parts(SEEDED, plan.inputs, timeout_s):
            yield sounds_of(answer, self._described(), plan.numbers[span], plan.seeds[span])

    def seeded(
        self,
        seed: Sequence[int] | np.ndarray,
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
        return output(self._in_parts(SEEDED, seeded_inputs(seed, label), timeout_s), AUDIO)

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
        return output(self._in_parts(SERVING_DEFAULT, z_inputs(z, label), timeout_s), AUDIO)

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
        described = self._described() if isinstance(class_weights, Mapping) else None
        return output(self._in_parts(MIX, mix_plan(described, z, class_weights), timeout_s), AUDIO)

    def encode(self, audio: np.ndarray, *, timeout_s: float | None = None) -> Encoded:
        """Ask what an encoder hears in sounds; `mix` of the answer makes sounds like them.

        Args:
            audio: (batch, length), prepared as the model's sounds are.
            timeout_s: deadline of each call.

        Raises:
            NotSupportedError: the model has no encoder.

        """
        answer = self._in_parts(ENCODE, audio_inputs(audio), timeout_s)
        return Encoded(output(answer, Z), output(answer, CLASS_WEIGHTS))

    def z_of(
        self, seed: Sequence[int] | np.ndarray, *, timeout_s: float | None = None
    ) -> np.ndarray:
        """Return the latent vectors that `seeded` makes of seeds, float32 (batch, latent_dim)."""
        return output(self._in_parts(SEEDED, seed_inputs(seed), timeout_s, (Z,)), Z)

    def wav(
        self,
        z: np.ndarray,
        label: Sequence[int] | np.ndarray,
        *,
        timeout_s: float | None = None,
    ) -> list[bytes]:
        """Generate from latent vectors, each sound as the bytes of a 16-bit WAV file."""
        return list(output(self._in_parts(WAV, z_inputs(z, label), timeout_s), WAV_BYTES))

    def label_number(self, name: str) -> int:
        """Return the number of a label.

        Raises:
            UnknownLabelError: the model has no such label; the message names those it has.

        """
        return self._described().label_number(name)

    def status(self, *, timeout_s: float | None = None) -> list[VersionStatus]:
        """Ask in which state each version of the model is."""
        request = encode_status_request(ModelSpec(self.model, self.version))
        message = self._call(self._status, request, timeout_s)
        return reading(lambda: decode_status_response(message))

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
        request = predict_message(spec, inputs, outputs)
        message = self._call(self._predict, request, timeout_s)
        return reading(lambda: decode_predict_response(message)[1])

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self._channel.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _described(self) -> ModelDescription:
        return self._description or self.describe()

    def _parts(
        self,
        signature: str,
        inputs: Inputs,
        timeout_s: float | None,
        outputs: Sequence[str] = (),
    ) -> Iterator[tuple[slice, dict[str, np.ndarray]]]:
        """Yield the answer to each part of a request, and which examples it holds."""
        parts = Parts(inputs)
        for part in parts:
            try:
                answer = self.predict(signature, part, outputs=outputs, timeout_s=timeout_s)
            except TooLargeError as error:
                parts.halve(error)
                continue
            yield parts.span, joined([answer], [parts.span.stop - parts.span.start])

    def _in_parts(
        self,
        signature: str,
        inputs: Inputs,
        timeout_s: float | None,
        outputs: Sequence[str] = (),
    ) -> dict[str, np.ndarray]:
        spans, answers = zip(*self._parts(signature, inputs, timeout_s, outputs), strict=True)
        return joined(answers, [span.stop - span.start for span in spans])

    def _call(self, method: Callable, request: bytes, timeout_s: float | None) -> Any:
        timeout = self.timeout_s if timeout_s is None else timeout_s
        try:
            return method(request, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            # What a unary call raises is the call itself, with its code and details.
            raise error_for(self.target, error.code(), error.details()) from None  # type: ignore
        except ValueError as error:
            # gRPC's word for a channel that is closed.
            raise ClosedError(f"the client of {self.target} is closed") from error
