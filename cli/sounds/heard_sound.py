"""An audio file as a model hears it."""

from pathlib import Path
from typing import Any

import numpy as np

from ...common.errors import UserError


def read_sound(path: Path, source: Any) -> np.ndarray:
    """Read any audio file and prepare it as `prepare` does; float32 (length,).

    Args:
        path: the file.
        source: the model, which says the rate and length.

    Raises:
        UserError: the file cannot be used; the message says why.

    """
    from ...tfrecords.decoding.decoding import DecodingError, decode
    from ...tfrecords.preparing.preparation import Preparation, UnusableSound, prepare_sound

    options = Preparation(sample_rate=source.sample_rate, length=source.length)
    try:
        found = decode(str(path))
        pcm = prepare_sound(
            found.audio, found.rate, options, whole=found.whole, bits=found.bits
        ).pcm
    except (DecodingError, UnusableSound) as error:
        raise UserError(f"{path} {error}") from error
    return np.asarray(pcm, np.float32) / 32768.0
