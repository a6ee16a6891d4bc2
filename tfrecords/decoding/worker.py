"""The process that decodes, started by ``supervisor`` as ``python -m`` of this module.

It gets a Setup and then Jobs over a socket, whose number is its argument, says None when it is
ready, and answers each Job with a Done. It ends when the socket does, whatever its decoders are
doing: a killed parent leaves no worker behind.
"""

import contextlib
import hashlib
import os
import queue
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from ..preparing.fingerprint import fingerprint
from ..preparing.preparation import Preparation, UnusableSound, prepare_sound
from .decoding import Decoded, DecodingError, decode
from .messages import Done, Facts, Job, Setup


def prepare_file(
    job: Job, options: Preparation, decoder: Callable[[str], Decoded] = decode
) -> Done:
    """Decode and prepare one file.

    Args:
        job: which.
        options: how to prepare it.
        decoder: path -> Decoded.
    """
    facts: dict[str, Any] = {}
    try:
        facts["sha256"] = _sha256(job.path)
        decoded = decoder(job.path)
        facts |= {
            "rate": decoded.rate,
            "channels": decoded.audio.shape[1],
            "bits": decoded.bits,
            "lossless": decoded.lossless,
            "seconds": round(decoded.seconds, 4),
        }
        sound = prepare_sound(
            decoded.audio, decoded.rate, options, whole=decoded.whole, bits=decoded.bits
        )
    except (DecodingError, UnusableSound) as error:
        return Done(job.number, b"", str(error), Facts(**facts))
    facts |= {
        "peak_db": sound.peak_db,
        "onset_s": round(decoded.begins_s + sound.onset_s, 6),
        "lasts_s": sound.lasts_s,
        "hits": sound.hits,
        "notes": sound.notes,
        "fingerprint": fingerprint(sound.pcm, options.sample_rate).tobytes().hex(),
    }
    return Done(job.number, sound.pcm.tobytes(), "", Facts(**facts))


def _sha256(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DecodingError(f"cannot be read ({error.strerror})") from None


def _decoder(name: str) -> Callable[[str], Decoded]:
    if name == "soundfile":
        return decode
    from .tensorflow_io import decode_with_tensorflow_io

    return decode_with_tensorflow_io


def main() -> None:
    """Answer jobs over the socket given as argument until it closes."""
    connection = Connection(int(sys.argv[1]))
    setup: Setup = connection.recv()
    decoder = _decoder(setup.decoder)
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, jobs), daemon=True).start()
    with contextlib.suppress(ConnectionError, KeyboardInterrupt):  # the parent is gone or going
        connection.send(None)  # ready
        while True:
            job = jobs.get()
            done = prepare_file(job, setup.options, decode if job.careful else decoder)
            connection.send(done)
    os._exit(0)


def _receive(connection: "Connection[Any, Any]", jobs: "queue.SimpleQueue[Job]") -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            jobs.put(connection.recv())
    # Also out of a decoder's endless loop, and not by the interpreter's end, which would wait.
    os._exit(1)


if __name__ == "__main__":
    main()
