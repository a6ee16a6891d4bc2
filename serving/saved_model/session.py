"""One exported version, run by the runtime that TF Serving uses."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from .quick_tensorflow import (
    ConfigProto,
    Graph,
    RunOptions,
    Session,
    TF_DeleteBuffer,
    TF_NewBufferFromString,
    TF_SessionRun_wrapper,
    errors,
    get_logger,
    load,
)
from .signatures import SERVING_DEFAULT

SERVE_TAG = "serve"


class SavedModelSession:
    """A SavedModel in a session of its own: its signatures, and a way to run them.

    TF Serving loads a model into a session, not through `tf.saved_model.load`; an export may work
    in the one and not in the other, and messages differ. A session also takes a deadline for each
    call. Safe to call from several threads; a context manager.

    Args:
        folder: of one version.
        threads: of the session, for one operation and between operations; 0 takes all cores.

    Raises:
        OSError, errors.OpError, ValueError: the folder holds no loadable model.

    """

    def __init__(self, folder: Path, *, threads: int = 0):
        graph = Graph()
        config = ConfigProto(
            intra_op_parallelism_threads=threads,
            inter_op_parallelism_threads=threads,
            # Asserts and WAV encoding have no GPU form.
            allow_soft_placement=True,
        )
        config.gpu_options.allow_growth = True
        # A first call waits for the graph's optimiser. These passes change no sample, make nothing
        # quicker afterwards, and were a third of that wait.
        rewriting = config.graph_options.rewrite_options
        rewriting.disable_tfg_optimizer = True
        rewriting.memory_optimization = rewriting.NO_MEM_OPT
        rewriting.meta_optimizer_iterations = rewriting.ONE
        with graph.as_default():
            self._session = Session(graph=graph, config=config)
            try:
                with _without_deprecation_notes():
                    meta_graph = load(self._session, [SERVE_TAG], str(folder))
            except BaseException:
                self._session.close()
                raise
        self.signatures: dict[str, Any] = {
            name: signature
            for name, signature in meta_graph.signature_def.items()
            if not name.startswith("__")
        }
        self._tensors = {name: _tensors(graph, s) for name, s in self.signatures.items()}

    def run(
        self,
        inputs: Mapping[str, Any],
        *,
        signature: str = SERVING_DEFAULT,
        outputs: Sequence[str] | None = None,
        timeout_s: float | None = None,
    ) -> dict[str, np.ndarray]:
        """Run a signature.

        Args:
            inputs: the value of each input by its alias.
            signature: its name.
            outputs: aliases wanted; all by default.
            timeout_s: seconds after which the call is given up.

        Returns:
            The value of each output by its alias.

        Raises:
            errors.InvalidArgumentError: the graph refuses the inputs.
            errors.DeadlineExceededError: the time is up.
            errors.UnavailableError: the queue for batches is full.

        """
        given, all_fetches = self._tensors[signature]
        wanted = list(outputs or all_fetches)
        fetches = [all_fetches[alias] for alias in wanted]
        feeds = {}
        for alias, value in inputs.items():
            place, dtype = given[alias]
            feeds[place] = np.asarray(value, dtype)
        # What `Session.run` ends in. Its own preparations, the same for every call of a signature,
        # cost 0.15 ms a call: a fifth of a sound of width 16.
        with _options(timeout_s) as options:
            values = TF_SessionRun_wrapper(
                self._session._session, options, feeds, fetches, [], None
            )
        return dict(zip(wanted, values, strict=True))

    def close(self) -> None:
        """Free the model; running calls must be over. A second call does nothing."""
        self._session.close()

    def __enter__(self) -> "SavedModelSession":
        return self

    def __exit__(self, *exception) -> None:
        self.close()


def _tensors(graph: Graph, signature: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return where a signature's inputs go, with their types, and where its outputs come from."""

    def find(infos):
        return {alias: graph.get_tensor_by_name(info.name) for alias, info in infos.items()}

    inputs, outputs = find(signature.inputs), find(signature.outputs)
    return (
        {alias: (t._as_tf_output(), t.dtype.as_numpy_dtype) for alias, t in inputs.items()},
        {alias: t._as_tf_output() for alias, t in outputs.items()},
    )


@contextmanager
def _options(timeout_s: float | None) -> Iterator[Any]:
    if timeout_s is None:
        yield None
        return
    # 0 would mean no limit.
    milliseconds = max(1, int(timeout_s * 1000))
    options = RunOptions(timeout_in_ms=milliseconds)
    buffer = TF_NewBufferFromString(options.SerializeToString())
    try:
        yield buffer
    finally:
        TF_DeleteBuffer(buffer)


class _without_deprecation_notes:
    """Silence TensorFlow's note that the session's loader is old; it is the point here."""

    def __enter__(self) -> None:
        get_logger().addFilter(_above_warning)

    def __exit__(self, *exception) -> None:
        get_logger().removeFilter(_above_warning)


def _above_warning(record: logging.LogRecord) -> bool:
    return record.levelno > logging.WARNING


def message_of(error: errors.OpError) -> str:
    """Return what the runtime said, without the names of nodes and the place in our graph."""
    lines = [
        line.strip()
        for line in (error.message or "").splitlines()
        if line.strip() and not line.lstrip().startswith("[[") and "Graph execution" not in line
    ]
    return lines[0] if lines else "the model failed"
