"""Warm-up requests that travel with an export, as a server reads them (see `export.warmup`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .quick_tensorflow import RecordIterator

# Second: whoever first imports a part of TensorFlow, as this does, would load all of it.
from tensorflow_serving.apis import prediction_log_pb2  # isort: skip

WARMUP_FILE = Path("assets.extra", "tf_serving_warmup_requests")


def read_warmup(version: Path) -> Iterator[Any]:
    """Yield the PredictRequests of an exported version; none if it has no warm-up.

    Raises:
        ValueError: a record is not what a warm-up holds.
        errors.DataLossError: the file is damaged.

    """
    path = version / WARMUP_FILE
    if not path.exists():
        return
    for record in RecordIterator(str(path), ""):
        log = prediction_log_pb2.PredictionLog.FromString(record)
        if log.WhichOneof("log_type") != "predict_log":
            raise ValueError(f"{path} holds a {log.WhichOneof('log_type')}, not a predict_log")
        yield log.predict_log.request
