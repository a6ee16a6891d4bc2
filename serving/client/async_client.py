"""`Client` for asyncio: the same calls, errors and retries."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import grpc
import grpc.aio
import numpy as np

from ...common.latent import path_z, vary_z
from ..latent_moves import shares_of
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


class AsyncClient:
    """Asks a server for drums from asyncio code; see `Client` for its arguments and errors.

    Connects on the first call, in the event loop that makes it, and belongs to that loop.

    Example:
        >>> async with AsyncClient("localhost:8500") as client:
        ...     sounds = await client.generate("kick", n=8, seed=1)
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
        self._credentials = credentials
        self._options = channel_options(max_message_bytes)
        self._channel: grpc.aio.Channel | None = None
        self._closed = False
        self._description: ModelDescription | None = None

    async def describe(self, *, timeout_s: float | None = None) -> ModelDescription:
        """Ask what the model is: its labels, sample rate, latent dimension and id."""
        self._description = description_of(await self.predict(DESCRIBE, {}, timeout_s=timeout_s))
        return self._description

    async def generate(
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
        described = await self._described()
        plan = seeded_plan(described, label, n, seed)
        answer = await self._in_parts(SEEDED, plan.inputs, timeout_s)
        return sounds_of(answer, described, plan.numbers, plan.seeds)

    async def stream(
        self,
        label: str | Sequence[str],
        n: int = 1,
        *,
        seed: int | None = None,
        timeout_s: float | None = None,
    ) -> AsyncIterator[Sounds]:
        """Make sounds as `generate` does, and give them as they come, some at a time.

        Memory holds one part only, whatever ``n`` is.
        """
        names_of(label)
        described = await self._described()
        plan = seeded_plan(described, label, n, seed)
        async for span, answer in self._parts(SEEDED, plan.inputs, timeout_s):
            yield sounds_of(answer, described, plan.numbers[span], plan.seeds[span])

    async def seeded(
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
        return output(await self._in_parts(SEEDED, seeded_inputs(seed, label), timeout_s), AUDIO)

    async def from_z(
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
        return output(await self._in_parts(SERVING_DEFAULT, z_inputs(z, label), timeout_s), AUDIO)

    async def mix(
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
        described = await self._described() if isinstance(class_weights, Mapping) else None
        return output(
            await self._in_parts(MIX, mix_plan(described, z, class_weights), timeout_s), AUDIO
        )

    async def vary(
        self,
        z: np.ndarray,
        label: str | Mapping[str, float],
        n: int = 1,
        *,
        amount: float = 0.1,
        seed: int = 0,
    ) -> np.ndarray:
        """Generate around a place; see `LatentMoves.vary`."""
        return await self.mix(vary_z(z, amount, n, seed), shares_of(label))

    async def path(
        self,
        a: np.ndarray,
        b: np.ndarray,
        label: str | Mapping[str, float],
        steps: int = 8,
        *,
        how: str = "spherical",
    ) -> np.ndarray:
        """Generate on the way from one place to another; see `LatentMoves.path`."""
        return await self.mix(path_z(a, b, steps, how), shares_of(label))

    async def encode(self, audio: np.ndarray, *, timeout_s: float | None = None) -> Encoded:
        """Ask what an encoder hears in sounds; `mix` of the answer makes sounds like them.

        Args:
            audio: (batch, length), prepared as the model's sounds are.
            timeout_s: deadline of each call.

        Raises:
            NotSupportedError: the model has no encoder.

        """
        answer = await self._in_parts(ENCODE, audio_inputs(audio), timeout_s)
        return Encoded(output(answer, Z), output(answer, CLASS_WEIGHTS))

    async def z_of(
        self, seed: Sequence[int] | np.ndarray, *, timeout_s: float | None = None
    ) -> np.ndarray:
        """Return the latent vectors that `seeded` makes of seeds, float32 (batch, latent_dim)."""
        return output(await self._in_parts(SEEDED, seed_inputs(seed), timeout_s, (Z,)), Z)

    async def wav(
        self,
        z: np.ndarray,
        label: Sequence[int] | np.ndarray,
        *,
        timeout_s: float | None = None,
    ) -> list[bytes]:
        """Generate from latent vectors, each sound as the bytes of a 16-bit WAV file."""
        return list(output(await self._in_parts(WAV, z_inputs(z, label), timeout_s), WAV_BYTES))

    async def label_number(self, name: str) -> int:
        """Return the number of a label.

        Raises:
            UnknownLabelError: the model has no such label; the message names those it has.

        """
        return (await self._described()).label_number(name)

    async def status(self, *, timeout_s: float | None = None) -> list[VersionStatus]:
        """Ask in which state each version of the model is."""
        request = encode_status_request(ModelSpec(self.model, self.version))
        message = await self._call(GET_MODEL_STATUS, request, timeout_s)
        return reading(lambda: decode_status_response(message))

    async def ready(self, *, timeout_s: float | None = None) -> bool:
        """Ask whether a version of the model is available.

        Raises:
            ModelNotFoundError: the server does not know the model at all.

        """
        return any(v.state == "AVAILABLE" for v in await self.status(timeout_s=timeout_s))

    async def predict(
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
        message = await self._call(PREDICT, request, timeout_s)
        return reading(lambda: decode_predict_response(message)[1])

    async def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self._closed = True
        if self._channel is not None:
            await self._channel.close()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    async def _described(self) -> ModelDescription:
        return self._description or await self.describe()

    async def _parts(
        self,
        signature: str,
        inputs: Inputs,
        timeout_s: float | None,
        outputs: Sequence[str] = (),
    ) -> AsyncIterator[tuple[slice, dict[str, np.ndarray]]]:
        """Yield the answer to each part of a request, and which examples it holds."""
        parts = Parts(inputs)
        for part in parts:
            try:
                answer = await self.predict(signature, part, outputs=outputs, timeout_s=timeout_s)
            except TooLargeError as error:
                parts.halve(error)
                continue
            yield parts.span, joined([answer], [parts.span.stop - parts.span.start])

    async def _in_parts(
        self,
        signature: str,
        inputs: Inputs,
        timeout_s: float | None,
        outputs: Sequence[str] = (),
    ) -> dict[str, np.ndarray]:
        answered = [part async for part in self._parts(signature, inputs, timeout_s, outputs)]
        counts = [span.stop - span.start for span, _ in answered]
        return joined([answer for _, answer in answered], counts)

    async def _call(self, method: str, request: bytes, timeout_s: float | None) -> Any:
        if self._closed:
            raise ClosedError(f"the client of {self.target} is closed")
        timeout = self.timeout_s if timeout_s is None else timeout_s
        call = self._connected().unary_unary(method)
        try:
            return await call(request, timeout=timeout, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            raise error_for(self.target, error.code(), error.details()) from None
        except grpc.aio.UsageError as error:
            raise ClosedError(f"the client of {self.target} is closed") from error
        except asyncio.CancelledError:
            # A channel that is closed cancels its calls; a task that is cancelled must stay so.
            if not self._closed:
                raise
            raise ClosedError(f"the client of {self.target} is closed") from None

    def _connected(self) -> grpc.aio.Channel:
        if self._channel is None:
            self._channel = (
                grpc.aio.insecure_channel(self.target, self._options)
                if self._credentials is None
                else grpc.aio.secure_channel(self.target, self._credentials, self._options)
            )
        return self._channel
