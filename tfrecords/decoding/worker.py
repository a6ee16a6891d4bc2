"""The process that decodes, started by ``supervisor`` as ``python -m`` of this module.

It gets one Job over a socket, whose number is its argument, and sends messages back. It ends when
the socket does, whatever its decoders are doing: a killed parent leaves no worker behind.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from ..preparing.preparation import REASONS, prepare_sound
from .decoding import (
    SOUNDFILE,
    DecodingError,
    Header,
    prepared_in_parallel,
    read_header,
    read_with_soundfile,
    tensorflow_io_is_usable,
)
from .messages import Begun, Done, Finished, HeaderRead, InParallel, Job


def run(job: Job) -> Iterator[Any]:
    """Do a job, telling each step before or after it as the messages say."""
    headers = dict(job.headers)
    yield from _read_headers(job, headers)
    usable = tensorflow_io_is_usable()
    fast = [n for n, h in headers.items() if usable and _is_fast(n, h, job)]
    yield InParallel(fast)
    done = set()
    for message in _in_parallel(job, headers, fast):
        done.add(message.number)
        yield message
    yield from _one_by_one(job, [number for number in headers if number not in done])
    yield Finished(usable)


def _read_headers(job: Job, headers: dict[int, Header]) -> Iterator[Any]:
    for number, path in job.paths.items():
        if number in headers:
            continue
        yield Begun(number)
        try:
            headers[number] = read_header(path)
            yield HeaderRead(number, headers[number])
        except DecodingError as error:
            yield Done(number, b"", str(error))


def _is_fast(number: int, header: Header, job: Job) -> bool:
    return header.kind != SOUNDFILE and number not in job.doubtful


def _in_parallel(job: Job, headers: dict[int, Header], fast: list[int]) -> Iterator[Done]:
    if not fast:
        return
    paths, heads = [job.paths[n] for n in fast], [headers[n] for n in fast]
    dataset = prepared_in_parallel(paths, heads, job.options, job.parallel)
    for place, pcm, problem in dataset.as_numpy_iterator():
        yield _done(fast[place], pcm, problem)


def _one_by_one(job: Job, numbers: list[int]) -> Iterator[Any]:
    import tensorflow as tf

    # One graph for all sounds, whatever their size.
    prepare = tf.function(
        lambda audio, rate: prepare_sound(audio, rate, job.options),
        input_signature=[tf.TensorSpec((None, None)), tf.TensorSpec((), tf.int32)],
    )
    for number in numbers:
        yield Begun(number)
        try:
            pcm, problem = prepare(*read_with_soundfile(job.paths[number]))
            yield _done(number, pcm.numpy(), problem.numpy())
        except DecodingError as error:
            yield Done(number, b"", str(error))


def _done(number: int, pcm: Any, problem: Any) -> Done:
    return Done(number, b"" if problem else pcm.tobytes(), REASONS[problem])


def main() -> None:
    """Serve one job over the socket given as argument."""
    connection = Connection(int(sys.argv[1]))
    job = connection.recv()
    threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
    with contextlib.suppress(ConnectionError, KeyboardInterrupt):  # the parent is gone or going
        for message in run(job):
            connection.send(message)
    # Not through the interpreter's end, where TensorFlow's threads may still hold a decoder.
    os._exit(0)


def _end_with(connection: "Connection[Any, Any]") -> None:
    # Nothing more is sent to a worker, so that anything to read is the end of the socket.
    connection.poll(None)
    os._exit(1)


if __name__ == "__main__":
    main()
