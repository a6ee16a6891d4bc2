"""All models of a server, and the thread that keeps them in step with their folders."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ...saved_model.versions import ModelsError, list_versions
from ..rpc_status import invalid, not_found, unknown
from .served_model import ModelConfig, ServedModel
from .served_version import ServedVersion

log = logging.getLogger("drumsmith.serving")


class StartCancelled(Exception):
    """Whoever started the server does not want it any more."""


class ModelRegistry:
    """Finds the version that a request asks for.

    Args:
        configs: what to serve.
        threads: of each session; 0 takes all cores.
        poll_s: seconds between looks at the folders.

    """

    def __init__(self, configs: Sequence[ModelConfig], *, threads: int = 0, poll_s: float = 1.0):
        self._threads = threads
        self._poll_s = poll_s
        self._models = {config.name: self._model(config) for config in configs}
        # Held while models are loaded and unloaded, never while a call runs.
        self._changing = threading.Lock()
        self._stop = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="drumsmith-poll", daemon=True)
        self._on_change: list = []

    def _model(self, config: ModelConfig) -> ServedModel:
        return ServedModel(config, threads=self._threads, on_change=self._changed)

    @property
    def models(self) -> dict[str, ServedModel]:
        """The models by name."""
        return dict(self._models)

    def on_change(self, callback) -> None:
        """Have ``callback()`` called when versions become available or end."""
        self._on_change.append(callback)

    def start(self, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Load every model, then begin to follow the folders.

        A model that has no version that loads is named in the log and tried again, as long as
        another one answers.

        Args:
            cancelled: asked after each model; once it says so, no further one is loaded.

        Raises:
            ModelsError: no model has a version that loads; nothing is left running.
            StartCancelled: as asked for; nothing is left running.

        """
        try:
            for model in self._models.values():
                model.load_first()
                if cancelled():
                    raise StartCancelled
            self._require_one()
        except BaseException:
            for model in self._models.values():
                model.close()
            raise
        self._poller.start()

    def _require_one(self) -> None:
        problems = [_problem(model) for model in self._models.values() if not model.available]
        if problems and len(problems) == len(self._models):
            raise ModelsError(problems[0])
        for problem in problems:
            log.error("%s", problem)

    def reload(self, configs: Sequence[ModelConfig]) -> None:
        """Serve these models instead; those that were served already are not interrupted.

        Returns when every model listed is available.

        Raises:
            RpcStatus: a model has no version that loads; the others are served all the same.
        """
        with self._changing:
            before = self._models
            after = {config.name: self._kept(config) or self._model(config) for config in configs}
            for model in after.values():
                model.load_first()
            self._models = after
            for model in set(before.values()) - set(after.values()):
                model.close()
        self._changed()
        missing = [name for name, model in after.items() if not model.available]
        if missing:
            raise unknown(f"Some models did not become available: {{{', '.join(missing)}}}")

    def _kept(self, config: ModelConfig) -> ServedModel | None:
        model = self._models.get(config.name)
        if model is None or model.config.folder != config.folder:
            return None
        model.update(config)
        return model

    def close(self, timeout_s: float | None = None) -> bool:
        """Stop following the folders and unload everything.

        Args:
            timeout_s: seconds to wait for calls in flight and for a version that is being loaded;
                None waits as long as it takes.

        Returns:
            Whether all of it ended in time; if not, what still runs is left as it is.

        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        self._stop.set()
        if self._poller.is_alive():
            self._poller.join(timeout_s)
        ended = [
            model.close(deadline and max(0.0, deadline - time.monotonic()))
            for model in self._models.values()
        ]
        return all(ended) and not self._poller.is_alive()

    @contextmanager
    def lease(self, request: Any) -> Iterator[ServedVersion]:
        """Hold the version that a request's model_spec asks for.

        Raises:
            RpcStatus: there is none, in TF Serving's words.

        """
        if not request.HasField("model_spec"):
            raise invalid("Missing ModelSpec")
        spec = request.model_spec
        if not spec.name:
            raise invalid("ModelSpec has no name specified.")
        version = spec.version.value if spec.HasField("version") else None
        model = self._models.get(spec.name)
        if model is None:
            if spec.version_label:
                raise invalid(f"Unrecognized servable version label: {spec.version_label}")
            asked = (
                f"Latest({spec.name})" if version is None else f"Specific({spec.name}, {version})"
            )
            raise not_found(f"Servable not found for request: {asked}")
        with model.lease(version, spec.version_label) as served:
            yield served

    def _poll(self) -> None:
        while not self._stop.wait(self._poll_s):
            with self._changing:
                for model in self._models.values():
                    _follow(model)

    def _changed(self) -> None:
        for callback in self._on_change:
            callback()


def _follow(model: ServedModel) -> None:
    try:
        model.poll()
    except Exception:
        # A folder that cannot be read now may be read in a second; serving goes on.
        log.exception("cannot follow %s", model.config.folder)


def _problem(model: ServedModel) -> str:
    """Return why a model has no version that answers."""
    folder = model.config.folder
    if not list_versions(folder):
        return f"{folder} holds no exported version; make one with: drumsmith export RUN {folder}"
    states = model.states()
    if not states:
        return f"{folder} holds none of the versions {', '.join(map(str, model.config.only))}"
    number, state = next(iter(states.items()))
    why = state.error_message or state.state.name
    return f"no version in {folder} loads; version {number}: {why}"
