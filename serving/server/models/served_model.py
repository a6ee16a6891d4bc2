"""One model by name: which of its versions are loaded, and how that follows the folder."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from ...saved_model.quick_tensorflow import errors
from ...saved_model.session import message_of
from ...saved_model.versions import list_versions
from ..rpc_status import RpcStatus, invalid, not_found
from .served_version import ServedVersion

log = logging.getLogger("drumsmith.serving")

RETRIES = 5
RETRY_INTERVAL_S = 60.0

ENDED_KEPT = 8
"""Versions that have been unloaded whose state is still told; a server may see thousands."""


class State(IntEnum):
    """TF Serving's states of a version, with its numbers."""

    START = 10
    LOADING = 20
    AVAILABLE = 30
    UNLOADING = 40
    END = 50


@dataclass(frozen=True)
class VersionState:
    """State of one version; an error's code and words if it failed."""

    state: State
    error_code: int = 0
    error_message: str = ""


@dataclass(frozen=True)
class ModelConfig:
    """What to serve under a name.

    Args:
        name: what callers ask for.
        folder: of the versions.
        latest: how many of the newest versions to serve; None serves all.
        only: serve exactly these versions instead.
        version_labels: names that callers may use for versions.

    """

    name: str
    folder: Path
    latest: int | None = 1
    only: tuple[int, ...] = ()
    version_labels: Mapping[str, int] = field(default_factory=dict)

    def wanted(self, on_disk: Mapping[int, Path]) -> list[int]:
        """Return the versions to serve among those on disk, newest first."""
        newest_first = sorted(on_disk, reverse=True)
        if self.only:
            return [number for number in newest_first if number in self.only]
        return newest_first[: self.latest]


@dataclass
class _Failure:
    look: tuple
    attempts: int
    retry_at: float


class ServedModel:
    """Versions of one model, loaded and unloaded as the folder changes.

    A version becomes available only when it is loaded and warmed up; the one before stays until
    then, and is freed when its last call is over. A version that does not load is named in the
    log and in its state, and tried again when its folder changes, and up to five times a minute
    apart; what was available stays. When the folder is emptied, the last version goes on serving.

    Args:
        config: what to serve.
        threads: of each session; 0 takes all cores.
        on_change: called without arguments when a version becomes available or ends.

    """

    def __init__(
        self,
        config: ModelConfig,
        *,
        threads: int = 0,
        on_change: Callable[[], None] = lambda: None,
    ):
        self.config = config
        self._threads = threads
        self._on_change = on_change
        self._lock = threading.Lock()
        self._available: dict[int, ServedVersion] = {}
        self._states: dict[int, VersionState] = {}
        self._failures: dict[int, _Failure] = {}

    def update(self, config: ModelConfig) -> None:
        """Serve other versions of the same folder from the next poll on."""
        with self._lock:
            self.config = config

    @property
    def available(self) -> tuple[int, ...]:
        """Numbers of the versions that answer calls, newest first."""
        with self._lock:
            return tuple(sorted(self._available, reverse=True))

    def states(self) -> dict[int, VersionState]:
        """Return the state of the versions, newest first, and of the last that have ended."""
        with self._lock:
            return dict(sorted(self._states.items(), reverse=True))

    @contextmanager
    def lease(self, version: int | None = None, version_label: str = "") -> Iterator[ServedVersion]:
        """Hold a version for one call; the newest if neither number nor label is given.

        Raises:
            RpcStatus: there is no such version or label, in TF Serving's words.

        """
        with self._lock:
            chosen = self._choose(version, version_label)
            chosen.enter()
        with chosen.leaving():
            yield chosen

    def _choose(self, version: int | None, version_label: str) -> ServedVersion:
        if version_label:
            if version_label not in self.config.version_labels:
                raise invalid(f"Unrecognized servable version label: {version_label}")
            version = self.config.version_labels[version_label]
        if version == 0 and 0 not in self._available:
            # OpenVINO's client means the default version by it, and always sends it.
            version = None
        if version is None:
            if not self._available:
                raise not_found(f"Servable not found for request: Latest({self.config.name})")
            return self._available[max(self._available)]
        if version not in self._available:
            raise not_found(
                f"Servable not found for request: Specific({self.config.name}, {version})"
            )
        return self._available[version]

    def load_first(self) -> None:
        """Load what is wanted or, where that fails, the newest version that does load."""
        self.poll()
        if self.available or self.config.only:
            return
        for number, folder in sorted(list_versions(self.config.folder).items(), reverse=True):
            if number not in self._failures and self._load(number, folder):
                log.warning("%s falls back to version %d", self.config.name, number)
                return

    def poll(self) -> None:
        """Look at the folder once; load what is new, then unload what is not wanted any more."""
        on_disk = list_versions(self.config.folder)
        wanted = self.config.wanted(on_disk)
        for number in wanted:
            if number not in self._available and self._may_try(number, on_disk[number]):
                self._load(number, on_disk[number])
        served = [number for number in wanted if number in self._available]
        # Nothing is taken away before what replaces it is there.
        if served and len(served) == len(wanted):
            for number in set(self._available) - set(wanted):
                self._unload(number)
        self._forget(set(wanted) & set(on_disk))

    def close(self, timeout_s: float | None = None) -> bool:
        """Unload everything once the calls in flight are over; tell whether they ended in time."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        left = [
            number
            for number in self.available
            if not self._unload(number, deadline and max(0.0, deadline - time.monotonic()))
        ]
        return not left

    def _load(self, number: int, folder: Path) -> bool:
        look = _look(folder)
        self._set(number, State.LOADING)
        start = time.monotonic()
        try:
            loaded = ServedVersion(number, folder, threads=self._threads)
        except Exception as error:
            # Whatever a folder holds: it is this version's failure, and no other's.
            self._failed(number, look, error)
            return False
        with self._lock:
            self._available[number] = loaded
            self._failures.pop(number, None)
            self._states[number] = VersionState(State.AVAILABLE)
        took = time.monotonic() - start
        log.info("%s version %d available after %.1f s", self.config.name, number, took)
        self._on_change()
        return True

    def _unload(self, number: int, timeout_s: float | None = None) -> bool:
        with self._lock:
            version = self._available.pop(number)
            self._states[number] = VersionState(State.UNLOADING)
        if not version.close(timeout_s):
            log.warning("%s version %d is still answering calls", self.config.name, number)
            return False
        del version
        # A session's graph is full of cycles, which would wait for the collector's next turn:
        # measured, 0.5 MB more for each version of a small model.
        gc.collect()
        self._set(number, State.END)
        log.info("%s version %d unloaded", self.config.name, number)
        self._on_change()
        return True

    def _failed(self, number: int, look: tuple, error: Exception) -> None:
        code, message = _reason(error)
        before = self._failures.get(number)
        attempts = before.attempts + 1 if before and before.look == look else 1
        self._failures[number] = _Failure(look, attempts, time.monotonic() + RETRY_INTERVAL_S)
        self._set(number, State.END, code, message)
        served = ", ".join(map(str, self.available)) or "none"
        log.error(
            "%s version %d does not load: %s; serving %s", self.config.name, number, message, served
        )

    def _may_try(self, number: int, folder: Path) -> bool:
        failure = self._failures.get(number)
        if failure is None or failure.look != _look(folder):
            return True
        return failure.attempts <= RETRIES and time.monotonic() >= failure.retry_at

    def _forget(self, wanted: set[int]) -> None:
        """Forget failures of versions that nobody wants any more, and what ended long ago.

        A failure that stayed would keep an alert up whose cause is gone.
        """
        for number in set(self._failures) - wanted:
            del self._failures[number]
        with self._lock:
            ended = [n for n, state in self._states.items() if state.state == State.END]
            failed = {n for n in ended if self._states[n].error_code}
            for number in failed - set(self._failures):
                del self._states[number]
            for number in sorted(set(ended) - failed)[:-ENDED_KEPT]:
                del self._states[number]

    def _set(self, number: int, state: State, code: int = 0, message: str = "") -> None:
        with self._lock:
            self._states[number] = VersionState(state, code, message)


def _reason(error: Exception) -> tuple[int, str]:
    if isinstance(error, RpcStatus):
        return error.code.value[0], error.message
    if isinstance(error, errors.OpError):
        return error.error_code, message_of(error)
    return errors.UNKNOWN, (str(error).splitlines() or [type(error).__name__])[0]


def _look(folder: Path) -> tuple:
    """Return what tells a folder that was mended from one that was not."""
    try:
        stats = [(str(path), path.stat()) for path in sorted(folder.rglob("*"))]
    except OSError:
        return ()
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)
