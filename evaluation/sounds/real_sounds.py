"""The real sounds that everything is measured against: a training part and a held-out part.

Held out is the test part where the records have one, otherwise the validation part. Training
chooses its best checkpoint by the validation part, so a figure against it is a little kind.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...common.errors import UserError

FEWEST = 4
"""Sounds of a class that each part must have: fewer have no covariance and no neighbours."""

MOST_SOUNDS = 20_000
"""Sounds of each part that are held in memory: 1.3 GB of 16,384 samples each."""


VALID, TEST = "valid", "test"

PART_WORDS = {VALID: "validation", TEST: "test"}
"""What people call the parts that no model is trained on."""


class EvaluationError(UserError):
    """What was given cannot be evaluated; the message says why and what to do."""


@dataclass(frozen=True)
class Sounds:
    """A set of labelled sounds.

    Attributes:
        audio: float32, shape (n, length).
        label: int32, shape (n,).
        sources: where each came from, for people; n names or none.
        own: how many stand under their own label; those after them are some of these again, under
            their family's. None: all.

    """

    audio: np.ndarray
    label: np.ndarray
    sources: tuple[str, ...] = ()
    own: int | None = None

    def of(self, label: int) -> np.ndarray:
        """Return the audio of one class."""
        return self.audio[self.label == label]

    def count(self, label: int) -> int:
        """Return the number of sounds of one class."""
        return int(np.sum(self.label == label))


@dataclass(frozen=True)
class RealSounds:
    """Real training sounds, and real sounds that were held out.

    Attributes:
        labels: names of the classes; ``label`` in `Sounds` counts in them.
        sample_rate: in Hz.
        train: sounds that a model may have been trained on.
        held_out: sounds that no model was trained on.
        digest: changes when the records or the part change.
        name: what people call them.
        part: that the held-out sounds are: `VALID` or `TEST`.
        families: of labels that stand for others, too, the numbers of these.

    """

    labels: tuple[str, ...]
    sample_rate: int
    train: Sounds
    held_out: Sounds
    digest: str = ""
    name: str = ""
    part: str = VALID
    families: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part, sounds in (("training", self.train), (self.part_words, self.held_out)):
            for index, name in enumerate(self.labels):
                if (found := sounds.count(index)) < FEWEST:
                    raise EvaluationError(
                        f"the {part} part of {self.name or 'the real sounds'} has {found} sounds "
                        f"of class {name!r}, evaluation needs {FEWEST} at least: prepare more "
                        "sounds or a larger share for that part"
                    )

    @property
    def part_words(self) -> str:
        """What people call the held-out part."""
        return PART_WORDS[self.part]

    @property
    def length(self) -> int:
        """Samples of a sound."""
        return self.train.audio.shape[1]

    def heard_as(self, guess: np.ndarray, label: np.ndarray) -> np.ndarray:
        """Return ``guess``, and ``label`` in its place where one is of the other's family.

        A crash is a cymbal: what is heard as a kind of the family that was asked for is right, and
        so is the family of the kind.

        Args:
            guess: classes that were heard, int, any shape.
            label: classes that were asked for, likewise.

        """
        heard = np.array(guess)
        for family, kinds in self.families.items():
            heard[(label == family) & np.isin(guess, kinds)] = family
            of_kind = np.isin(label, kinds) & (guess == family)
            heard[of_kind] = label[of_kind]
        return heard


def load_real(
    records: Path, length: int | None = None, most: int = MOST_SOUNDS, part: str | None = None
) -> RealSounds:
    """Read the training part of ``records`` and a held-out one.

    Args:
        records: a folder of TFRecords.
        length: samples, for a model of an earlier stage: sounds are resampled down to it.
        most: sounds read of each part; of larger records the first ones.
        part: `VALID` or `TEST`; by default the test part where there is one.

    Raises:
        UserError: the folder is not one of records, or a class has too few sounds.

    """
    # The metrics work on plain arrays; only reading records needs TensorFlow.
    from ...tfrecords.reading.pipeline import load_split
    from ...tfrecords.records.dataset_info import DatasetInfo

    records = Path(records)
    info = DatasetInfo.load(records)
    length = length or info.length
    part = part or (TEST if info.count(TEST) else VALID)
    parts = [load_split(records, name, length=length, limit=most) for name in ("train", part)]
    train, held_out = (
        Sounds(audio, label, tuple(sources), min(info.count(name), most))
        for (audio, label, sources), name in zip(parts, ("train", part), strict=True)
    )
    number = {label: index for index, label in enumerate(info.labels)}
    return RealSounds(
        labels=tuple(info.labels),
        sample_rate=round(info.sample_rate * length / info.length),
        train=train,
        held_out=held_out,
        digest=hashlib.sha256(f"{info.digest};{length};{most};{part}".encode()).hexdigest(),
        name=records.name,
        part=part,
        families={
            number[family]: tuple(number[kind] for kind in kinds)
            for family, kinds in info.families.items()
        },
    )
