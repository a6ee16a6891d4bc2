"""Decodes a collection in a process that may die, and says which file it was that killed it.

Damaged audio can crash a decoder or send it round an endless loop. So the decoders live in a
worker; when it dies or falls silent, the files that were under way are decoded again, one by one
and with libsndfile alone, by a new worker. A file that kills that one too is skipped by name.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing import Pipe
from typing import Any

from ..preparing.preparation import Preparation
from .decoding import Header
from .messages import Begun, Done, Finished, HeaderRead, InParallel, Job

# The longest file that tensorflow-io gets decodes in under a second. Waiting costs time once per
# endless loop, giving up too soon costs nothing: libsndfile decodes what was under way.
STALLED_S = 20.0
# After libsndfile nobody else tries, so it gets time to read from a slow disk.
_PATIENCE_ALONE = 6
# Loading TensorFlow takes 3 seconds, but minutes from a cold network disk.
STARTING_S = 600.0


class WorkerError(RuntimeError):
    """The decoding process does not start."""


@dataclass
class _State:
    """What is known across workers."""

    paths: dict[int, str]
    headers: dict[int, Header] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)
    alone: int | None = None  # the file that the worker turned to, if it does one at a time
    ahead: list[int] = field(default_factory=list)  # files that follow in parallel
    tensorflow_io: bool = True

    def heed(self, message: Any) -> Done | None:
        """Take note of a message; give it back if a file is finished by it."""
        match message:
            case Begun(number):
                self._leave_parallel()
                self.alone = number
            case HeaderRead(number, header):
                self.headers[number] = header
                self.alone = None
            case InParallel(numbers):
                self.ahead = list(numbers)
            case Done(number):
                self._forget(number)
                return message
            case Finished(usable):
                self.tensorflow_io = usable
        return None

    def patience(self, stalled_s: float) -> float:
        """Seconds to wait for the next message."""
        return stalled_s if self.ahead else _PATIENCE_ALONE * stalled_s

    def blame(self, parallel: int) -> Done | None:
        """After a death: give up the only file there was, or doubt those that were under way.

        Raises:
            WorkerError: no file was under way.
        """
        if self.alone is not None:
            number = self.alone
            self._forget(number)
            return Done(number, b"", "makes the decoder crash or hang")
        if not self.ahead:
            raise WorkerError("the decoding process ends without decoding anything")
        # The one that was being sent, and those begun after it.
        self.doubtful.update(self.ahead[: parallel + 1])
        self.ahead = []
        return None

    def _forget(self, number: int) -> None:
        self.paths.pop(number, None)
        self.headers.pop(number, None)
        self.alone = None
        if number in self.ahead:
            # They come out in order: what was passed over has failed.
            place = self.ahead.index(number)
            self.doubtful.update(self.ahead[:place])
            self.ahead = self.ahead[place + 1 :]

    def _leave_parallel(self) -> None:
        self.doubtful.update(self.ahead)
        self.ahead = []


def decode_all(
    paths: Mapping[int, str],
    options: Preparation,
    *,
    parallel: int | None = None,
    stalled_s: float = STALLED_S,
) -> Generator[Done, None, None]:
    """Decode and prepare files, as they are finished, each exactly once.

    Args:
        paths: number -> path.
        options: how to prepare.
        parallel: files at once; as many as there are processors by default.
        stalled_s: a worker that says nothing for so many seconds is given up; six times as many
            while it decodes with libsndfile.

    Yields:
        Done(number, pcm, reason): int16 samples as bytes, or why there are none.

    Raises:
        WorkerError: the decoding process does not start.
    """
    parallel = parallel or os.cpu_count() or 1
    state = _State(dict(paths))
    while state.paths:
        job = Job(
            dict(state.paths), dict(state.headers), frozenset(state.doubtful), options, parallel
        )
        with _Worker(job) as worker:
            for message in worker.messages(lambda: state.patience(stalled_s)):
                done = state.heed(message)
                if done:
                    yield done
        if state.paths:
            blamed = state.blame(parallel)
            if blamed:
                yield blamed


class _Worker:
    """One worker process and the messages it sends."""

    def __init__(self, job: Job):
        self._job = job

    def __enter__(self) -> "_Worker":
        self._connection, theirs = Pipe()
        self._errors = tempfile.TemporaryFile()
        # -P: the folder that the user stands in must not offer modules.
        command = [sys.executable, "-P", "-m", f"{__package__}.worker", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            pass_fds=[theirs.fileno()],
            env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        theirs.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._connection.close()
        self._errors.close()

    def messages(self, patience: Callable[[], float]) -> Iterator[Any]:
        """Yield what the worker says until it ends, dies or falls silent for too long."""
        seconds = STARTING_S
        try:
            self._connection.send(self._job)
            while self._connection.poll(seconds):
                yield self._connection.recv()
                seconds = patience()
        except (EOFError, OSError):
            if seconds == STARTING_S:
                raise WorkerError(self._last_words()) from None

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"the decoding process does not start: {lines[-1] if lines else 'no message'}"
