import asyncio
import inspect

import numpy as np
import pytest

from drumsmith.serving.client.async_client import AsyncClient
from drumsmith.serving.client.client import Client
from drumsmith.serving.client.errors import (
    ClosedError,
    DeadlineError,
    InputError,
    InvalidRequestError,
    ModelNotFoundError,
    NotSupportedError,
    TooLargeError,
    UnavailableError,
    UnknownLabelError,
)

from ...helpers.tiny_export import LABELS, LENGTH, expected_audio, random_z

PROPERTIES = {"labels", "sample_rate", "length", "latent_dim", "model_id"}


def _public(kind):
    return {name for name in dir(kind) if not name.startswith("_")}


def test_it_has_the_calls_of_the_client():
    assert _public(AsyncClient) == _public(Client) - PROPERTIES


@pytest.mark.parametrize("name", sorted(_public(AsyncClient)))
def test_its_calls_take_what_the_clients_take(name):
    ours, theirs = (
        list(inspect.signature(getattr(kind, name)).parameters.values())[1:]
        for kind in (AsyncClient, Client)
    )
    assert ours == theirs


def run(target, use, **options):
    """Run ``use(client)`` in an event loop of its own."""

    async def main():
        async with AsyncClient(target, **options) as client:
            return await use(client)

    return asyncio.run(main())


def test_sounds_come_by_label_and_seed(target, client):
    sounds = run(target, lambda c: c.generate(["snare", "kick"], n=2, seed=40))
    assert (sounds.labels, sounds.seeds) == (("snare", "snare", "kick", "kick"), (40, 41) * 2)
    np.testing.assert_allclose(
        sounds.audio, client.generate(["snare", "kick"], n=2, seed=40).audio, atol=1e-5
    )


def test_every_kind_of_call_is_answered(target):
    z = random_z(2)

    async def use(client):
        assert (await client.describe()).labels == LABELS
        assert await client.label_number("snare") == 1
        assert await client.ready()
        assert [v.state for v in await client.status()] == ["AVAILABLE"]
        assert (await client.seeded([1, 2], [0, 0])).shape == (2, LENGTH)
        assert len(await client.wav(z, [0, 1])) == 2
        return await client.from_z(z, [1, 1]), await client.mix(z, {"snare": 1.0})

    one, other = run(target, use)
    np.testing.assert_allclose(one, expected_audio(z, [1, 1]), atol=1e-5)
    np.testing.assert_allclose(other, expected_audio(z, [1, 1]), atol=1e-5)


def test_calls_run_side_by_side(target):
    async def use(client):
        return await asyncio.gather(*(client.generate("kick", n=3, seed=n) for n in range(8)))

    assert [sounds.seeds[0] for sounds in run(target, use)] == list(range(8))


def test_sounds_are_streamed_in_parts(target):
    async def use(client):
        return [len(part) async for part in client.stream("kick", n=40, seed=7)]

    assert run(target, use) == [32, 8]
    assert max(run(target, use, max_message_bytes=5000)) == 4


ERRORS = {
    "label": (UnknownLabelError, {}, lambda c: c.generate("tom")),
    "value": (InvalidRequestError, {}, lambda c: c.from_z(random_z(1), [99])),
    "input": (InputError, {}, lambda c: c.seeded([2**63], [0])),
    "model": (ModelNotFoundError, {"model": "bass"}, lambda c: c.describe()),
    "version": (ModelNotFoundError, {"version": 9}, lambda c: c.describe()),
    "signature": (NotSupportedError, {}, lambda c: c.predict("nothing", {})),
    "deadline": (DeadlineError, {}, lambda c: c.seeded(range(32), [0] * 32, timeout_s=1e-9)),
    "size": (TooLargeError, {"max_message_bytes": 600}, lambda c: c.from_z(random_z(1), [0])),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_are_those_of_the_client(target, case):
    error, options, use = ERRORS[case]
    with pytest.raises(error):
        run(target, use, **options)


def test_nobody_there_is_said():
    with pytest.raises(UnavailableError):
        run("127.0.0.1:1", lambda client: client.describe())


def test_a_closed_client_says_so(target):
    async def use(client):
        await client.describe()
        await client.close()
        await client.close()
        await client.describe()

    with pytest.raises(ClosedError):
        run(target, use)


def test_a_task_that_is_cancelled_is_cancelled(target):
    async def use(client):
        task = asyncio.ensure_future(client.describe())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(target, use)
