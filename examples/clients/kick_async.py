"""The same from asyncio, eight kicks at once: python kick_async.py localhost:8500 kick.wav."""

import asyncio
import sys
import wave

import numpy as np

from drumsmith import AsyncClient


async def main(target: str, path: str) -> None:
    """Ask for eight kicks side by side and keep the first."""
    async with AsyncClient(target) as client:
        kicks = await asyncio.gather(*(client.generate("kick", seed=seed) for seed in range(8)))
    samples = np.round(32767 * kicks[0].audio[0].clip(-1, 1)).astype("<i2")
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(kicks[0].sample_rate)
        file.writeframes(samples.tobytes())
    print(f"{path}: the first of {len(kicks)}")


asyncio.run(main(*sys.argv[1:]))
