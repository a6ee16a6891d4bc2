"""Decodes a collection in processes that may die, and says which file it was that killed one.

Damaged audio can crash a decoder or send it round an endless loop. So the decoders live in workers,
one a processor, each with one file under way and one that waits. When a worker dies or falls
silent, the file that was under way is decoded once more, by libsndfile; a file that kills that
worker too is skipped by name. What only waited is given to another worker.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Generator, Mapping
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Self

from ..preparing.preparation import Preparation
from .messages import Done, Facts, Job, Setup

# The longest file that is decoded takes seconds; a cold network disk takes longer.
STALLED_S = 60.0
# Loading takes half a second, TensorFlow three, but minutes from a cold network disk.
STARTING_S = 600.0
_FILES_FOR_ANOTHER = 50
"""Files that take about as long as a worker takes to load."""

_AT_ONCE = 2  # files that a worker has: one under way, one that saves waiting for the next


class WorkerError(RuntimeError):
    """The decoding process does not start."""


def decode_all(
    paths: Mapping[int, str],
    options: Preparation,
    *,
    parallel: int | None = None,
    stalled_s: float = STALLED_S,
    decoder: str = "soundfile",
) -> Generator[Done, None, None]:
    """Decode and prepare files, as they are finished, each exactly once.

    Args:
        paths: number -> path.
        options: how to prepare.
        parallel: files at once; by default as many as there are processors, fewer for few files.
        stalled_s: a worker that has said nothing for so many seconds is given up.
        decoder: one of DECODERS.

    Yields:
        Done(number, pcm, reason, facts): int16 samples as bytes, or why there are none.

    Raises:
        WorkerError: the decoding process does not start.
    """
    with Workers(options, parallel=parallel, stalled_s=stalled_s, decoder=decoder) as workers:
        yield from workers.decode(paths)


class Workers:
    """Decoding processes that stay between one set of files and the next.

    Args:
        options: how to prepare.
        parallel: files at once; by default as many as there are processors, fewer for few files.
        stalled_s: a worker that has said nothing for so many seconds is given up.
        decoder: one of DECODERS.
    """

    def __init__(
        self,
        options: Preparation,
        *,
        parallel: int | None = None,
        stalled_s: float = STALLED_S,
        decoder: str = "soundfile",
    ):
        self._setup = Setup(options, decoder)
        self._parallel = parallel
        self._stalled_s = stalled_s
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        """Return itself; processes start with the first files."""
        return self

    def __exit__(self, *exception: object) -> None:
        """End the processes."""
        self.close()

    def decode(self, paths: Mapping[int, str]) -> Generator[Done, None, None]:
        """Decode files as ``decode_all`` does; not while another such call goes on."""
        waiting = deque(Job(number, path) for number, path in paths.items())
        try:
            while len(self._workers) < self._wanted(len(waiting)):
                self._workers.append(_Worker(self._setup))
            while waiting or any(worker.jobs for worker in self._workers):
                for worker in self._workers:
                    worker.give(waiting)
                yield from _answers(self._workers, self._stalled_s)
                for place, worker in enumerate(self._workers):
                    if worker.is_given_up(self._stalled_s):
                        yield from _bury(worker, waiting)
                        self._workers[place] = _Worker(self._setup)
        finally:
            if any(worker.jobs for worker in self._workers):
                self.close()  # nobody waits for what they are doing

    def _wanted(self, files: int) -> int:
        if self._parallel:
            return min(self._parallel, files)
        return min(os.cpu_count() or 1, -(-files // _FILES_FOR_ANOTHER))

    def close(self) -> None:
        """End the processes; later files start others."""
        while self._workers:
            self._workers.pop().close()


def _answers(workers: "list[_Worker]", stalled_s: float) -> Generator[Done, None, None]:
    """Yield what the workers have finished; waits until there is something, or a second."""
    by_socket = {worker.connection: worker for worker in workers if worker.jobs}
    for socket in wait(list(by_socket), timeout=min(1.0, stalled_s / 4)):
        done = by_socket[socket].receive()  # type: ignore[index]
        if done is not None:
            yield done


def _bury(worker: "_Worker", waiting: "deque[Job]") -> Generator[Done, None, None]:
    """Clean up after a worker; its files go to another one, the guilty one only once."""
    failed = worker.failed
    last_words = worker.close()
    if not worker.is_ready and failed:
        raise WorkerError(f"the decoding process does not start: {last_words}")
    if not worker.is_ready:  # somebody killed it
        waiting.extendleft(reversed(worker.jobs))
        return
    guilty, *others = worker.jobs
    waiting.extendleft(reversed(others))
    if guilty.careful:
        yield Done(guilty.number, b"", "makes the decoder crash or hang", Facts())
    else:
        waiting.append(guilty._replace(careful=True))


class _Worker:
    """One worker process, the files it has, and when it last said something."""

    def __init__(self, setup: Setup):
        self.connection, theirs = Pipe()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        # -P: the folder that the user stands in must not offer modules.
        command = [sys.executable, "-P", "-m", f"{__package__}.worker", str(theirs.fileno())]
        # One thread each: there is a worker for every processor.
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        quiet = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            pass_fds=[theirs.fileno()],
            env={**os.environ, **threads, **quiet},
        )
        theirs.close()
        self.jobs: deque[Job] = deque()
        self.is_ready = False
        self._dead = False
        self._heard = time.monotonic()
        self._send(setup)

    def give(self, waiting: "deque[Job]") -> None:
        """Take what is needed to have something to do."""
        while waiting and len(self.jobs) < _AT_ONCE:
            job = waiting.popleft()
            if not self.jobs:
                self._heard = time.monotonic()
            self.jobs.append(job)
            self._send(job)

    def receive(self) -> Done | None:
        """Read one message; a closed socket is noticed."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            self._dead = True
            return None
        self._heard = time.monotonic()
        if message is None:
            self.is_ready = True
            return None
        self.jobs.popleft()
        return message

    def is_given_up(self, stalled_s: float) -> bool:
        """Whether it is dead, or silent for too long while it has something to do."""
        patience = stalled_s if self.is_ready else STARTING_S
        silent = bool(self.jobs) and time.monotonic() - self._heard > patience
        return bool(self.jobs) and (self._dead or silent)

    @property
    def failed(self) -> bool:
        """Whether it ended by itself with an error."""
        try:
            return self._process.wait(timeout=1.0 if self._dead else 0.0) > 0
        except subprocess.TimeoutExpired:
            return False

    def close(self) -> str:
        """End the process; return the last line that it said in despair."""
        self._process.kill()
        self._process.wait()
        self.connection.close()
        if self._errors.closed:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        self._errors.close()
        return lines[-1] if lines else "no message"

    def _send(self, message: Setup | Job) -> None:
        try:
            self.connection.send(message)
        except OSError:
            self._dead = True
