"""What a server's answers become: a description, sounds, what an encoder hears."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..saved_model.signatures import (
    AUDIO,
    LABELS,
    LATENT_DIM,
    LENGTH,
    MODEL_ID,
    SAMPLE_RATE,
    Z,
)
from ..sounds import Sounds
from .errors import BadAnswerError, UnknownLabelError

Answer = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class ModelDescription:
    """What a served model says of itself.

    Attributes:
        labels: names of the classes, in the order of their numbers.
        sample_rate: in Hz.
        latent_dim: length of z.
        model_id: short name of the weights.
        length: of a sound in samples; None where an earlier export does not say.

    """

    labels: tuple[str, ...]
    sample_rate: int
    latent_dim: int
    model_id: str
    length: int | None = None

    def label_number(self, name: str) -> int:
        """Return the number of a label.

        Raises:
            UnknownLabelError: the model has no such label; the message names those it has.

        """
        if name not in self.labels:
            known = ", ".join(self.labels)
            raise UnknownLabelError(f"no label {name!r}; the model knows {known}")
        return self.labels.index(name)


def description_of(answer: Answer) -> ModelDescription:
    """Return what `describe` answered.

    Raises:
        BadAnswerError: no drum model answers so.

    """

    def read() -> ModelDescription:
        return ModelDescription(
            labels=tuple(label.decode() for label in answer[LABELS].tolist()),
            sample_rate=int(answer[SAMPLE_RATE].item()),
            latent_dim=int(answer[LATENT_DIM].item()),
            model_id=answer[MODEL_ID].item().decode(),
            length=int(answer[LENGTH].item()) if LENGTH in answer else None,
        )

    return reading(read)


def sounds_of(
    answer: Answer, described: ModelDescription, numbers: Sequence[int], seeds: Sequence[int]
) -> Sounds:
    """Return what `seeded` answered."""
    return reading(
        lambda: Sounds(
            audio=answer[AUDIO],
            labels=tuple(described.labels[number] for number in numbers),
            seeds=tuple(seeds),
            z=answer[Z],
            sample_rate=described.sample_rate,
            model_id=described.model_id,
        )
    )


def output(answer: Answer, alias: str) -> np.ndarray:
    """Return one output."""
    return reading(lambda: answer[alias])


def joined(answers: Sequence[Answer], counts: Sequence[int]) -> dict[str, np.ndarray]:
    """Join the answers to the parts of one request.

    Args:
        answers: of the parts.
        counts: how many examples each part asked for.

    Raises:
        BadAnswerError: a part holds another number of examples.

    """

    def join() -> dict[str, np.ndarray]:
        for answer, count in zip(answers, counts, strict=True):
            held = {alias: len(value) for alias, value in answer.items()}
            if set(held.values()) != {count}:
                raise ValueError(f"asked for {count} examples, but outputs hold {held}")
        return {alias: np.concatenate([a[alias] for a in answers]) for alias in answers[0]}

    return reading(join)


def reading(read: Callable[[], Any]) -> Any:
    """Call ``read``; what it trips over is the server's fault.

    Raises:
        BadAnswerError: it tripped.

    """
    try:
        return read()
    except KeyError as error:
        raise BadAnswerError(f"the server's answer lacks {error}") from error
    except (ValueError, TypeError, AttributeError, OverflowError, MemoryError) as error:
        raise BadAnswerError(f"the server's answer cannot be read: {error}") from error
