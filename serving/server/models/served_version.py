"""One version of a model in memory, and the calls that are using it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...saved_model.session import SavedModelSession
from ...saved_model.warmup import read_warmup
from ..predict.gathering import Gathering
from ..predict.prediction import run_predict
from ..rpc_status import RpcStatus


class ServedVersion:
    """A loaded, warmed-up version; it can be closed while calls run, and then waits for them.

    Args:
        number: of the version.
        folder: where it lies; not needed any more once it is loaded.
        threads: of the session; 0 takes all cores.

    Raises:
        RpcStatus: a warm-up request fails.
        OSError, ValueError, KeyError, errors.OpError: the folder holds no loadable model.

    """

    def __init__(self, number: int, folder: Path, *, threads: int = 0):
        self.number = number
        self.session = SavedModelSession(folder, threads=threads)
        self.calls = Gathering(self.session)
        self._idle = threading.Condition()
        self._users = 0
        try:
            self._warm_up(folder)
        except BaseException:
            self.session.close()
            raise

    def _warm_up(self, folder: Path) -> None:
        for index, request in enumerate(read_warmup(folder)):
            try:
                run_predict(self.session, request, timeout_s=None)
            except RpcStatus as status:
                raise RpcStatus(status.code, f"warm-up {index}: {status.message}") from status

    def enter(self) -> None:
        """Count one more call."""
        with self._idle:
            self._users += 1

    @contextmanager
    def leaving(self) -> Iterator["ServedVersion"]:
        """Count the call out when the block ends."""
        try:
            yield self
        finally:
            with self._idle:
                self._users -= 1
                self._idle.notify_all()

    def close(self, timeout_s: float | None = None) -> bool:
        """Wait for the calls in flight, then free the model.

        Args:
            timeout_s: seconds to wait at most; None waits as long as it takes.

        Returns:
            Whether the calls ended in time; if not, the model is left as it is.

        """
        with self._idle:
            idle = self._idle.wait_for(lambda: self._users == 0, timeout_s)
        if idle:
            self.session.close()
        return idle
