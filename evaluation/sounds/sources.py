"""Where the sounds to be judged come from: a generator, or a folder of audio files by class."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile

from ...common.latent_prior import draw_z
from ...tfrecords.decoding.file_formats import AUDIO_ENDINGS
from .real_sounds import FEWEST, EvaluationError, Sounds

MOST_ROUNDS = 8
"""Times that as many sounds as are asked for are drawn, at most, where faulty ones are left out."""

_BATCH = 64


class SoundSource(Protocol):
    """Anything that generates sounds of classes: a model in this process or elsewhere."""

    @property
    def labels(self) -> Sequence[str]:
        """Names of the classes, in the order of their numbers."""

    @property
    def sample_rate(self) -> int:
        """Samples a second."""

    @property
    def length(self) -> int:
        """Samples of a sound."""

    @property
    def latent_dim(self) -> int:
        """Width of z."""

    @property
    def latent_prior(self) -> str:
        """What z is drawn from, see `common.latent_prior`."""

    def from_z(self, z: np.ndarray, label: np.ndarray) -> np.ndarray:
        """Map z float32 (n, latent_dim) and label int32 (n,) to audio (n, length)."""


def class_numbers(source: SoundSource, labels: Sequence[str]) -> list[int]:
    """Return the source's own number of each class in ``labels``.

    Raises:
        EvaluationError: the source lacks a class.

    """
    own = list(source.labels)
    for name in labels:
        if name not in own:
            raise EvaluationError(
                f"the model has no class {name!r} (it has {', '.join(own)}) but the records do: "
                "give the records of the collection that it was trained on"
            )
    return [own.index(name) for name in labels]


def generate_in_batches(
    source: SoundSource,
    z: np.ndarray,
    label: int,
    advance: Callable[[int], None] = lambda count: None,
) -> np.ndarray:
    """Return audio (n, length) for z (n, latent_dim) of one class, by the source's own number.

    Raises:
        EvaluationError: a sound is not finite.

    """
    parts = []
    for i in range(0, len(z), _BATCH):
        batch = z[i : i + _BATCH].astype(np.float32)
        audio = np.asarray(source.from_z(batch, np.full(len(batch), label, np.int32)))
        parts.append(audio.reshape(len(batch), -1).astype(np.float32))
        advance(len(batch))
    audio = np.concatenate(parts)
    if not np.isfinite(audio).all():
        raise EvaluationError("the model made a sound that is not finite: its training diverged")
    return audio


def generate_sounds(
    source: SoundSource,
    labels: Sequence[str],
    count: int,
    seed: int,
    advance: Callable[[int], None] = lambda count: None,
    *,
    leave_out: Callable[[np.ndarray, int], np.ndarray] | None = None,
) -> Sounds:
    """Generate ``count`` sounds of each class from z of the source's prior.

    Args:
        source: the generator.
        labels: classes; the result's labels count in them, whatever order the source has.
        count: sounds of each class.
        seed: of z.
        advance: told how many sounds are done.
        leave_out: tells from audio (n, length) and the sample rate which sounds are drawn again.

    Raises:
        EvaluationError: a class is missing, or nearly all sounds are left out.

    """
    rng = np.random.default_rng(seed)

    def draw(number: int) -> np.ndarray:
        z = draw_z(source.latent_prior, rng, count, source.latent_dim)
        return generate_in_batches(source, z, number, advance)

    audio = []
    for name, number in zip(labels, class_numbers(source, labels), strict=True):
        kept = draw(number)
        for _ in range(MOST_ROUNDS if leave_out else 0):
            kept = kept[~leave_out(kept, source.sample_rate)]  # type: ignore[misc]
            if len(kept) >= count:
                break
            kept = np.concatenate([kept, draw(number)])
        else:
            if leave_out:
                raise EvaluationError(
                    f"nearly all sounds of {name!r} are faulty: the model is far from trained"
                )
        audio.append(kept[:count])
    sources = [f"{name} {i}" for name in labels for i in range(count)]
    label = np.repeat(np.arange(len(labels), dtype=np.int32), count)
    return Sounds(np.concatenate(audio), label, tuple(sources))


def read_folder(
    folder: Path,
    labels: Sequence[str],
    sample_rate: int,
    length: int,
    count: int,
    seed: int = 0,
    advance: Callable[[int], None] = lambda count: None,
) -> Sounds:
    """Read sounds from ``folder/<class>/*``, at most ``count`` of each, chosen by ``seed``.

    Levels stay as they are. Channels are averaged; longer sounds are cut to ``length`` samples,
    shorter ones get zeros behind.

    Raises:
        EvaluationError: no such folder, an empty folder, a missing class, too few sounds, another
            sample rate, or a file that cannot be read.

    """
    folder = Path(folder)
    if not folder.is_dir():
        raise EvaluationError(f"there is no folder {folder}")
    if not any(folder.iterdir()):
        raise EvaluationError(f"the folder {folder} is empty: it needs one folder for each class")
    rng = np.random.default_rng(seed)
    chosen = [
        (i, path) for i, name in enumerate(labels) for path in _choose(folder, name, count, rng)
    ]
    audio = []
    for _, path in chosen:
        audio.append(_read(path, sample_rate, length))
        advance(1)
    return Sounds(
        np.stack(audio),
        np.array([label for label, _ in chosen], np.int32),
        tuple(str(path.relative_to(folder)) for _, path in chosen),
    )


def audio_files(folder: Path) -> list[Path]:
    """Return the audio files under ``folder``, nested ones too, sorted by name."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in AUDIO_ENDINGS)


def _choose(folder: Path, name: str, count: int, rng: np.random.Generator) -> list[Path]:
    if not (folder / name).is_dir():
        there = sorted(inner.name for inner in folder.iterdir() if inner.is_dir())
        raise EvaluationError(
            f"{folder} has no folder for class {name!r} (it has {', '.join(there) or 'none'}): "
            "name its folders like the records' classes"
        )
    files = audio_files(folder / name)
    if len(files) < FEWEST:
        raise EvaluationError(
            f"{folder / name} holds {len(files)} sounds, evaluation needs {FEWEST} at least "
            "(and 100 for figures that mean something)"
        )
    return [files[i] for i in sorted(rng.permutation(len(files))[:count])]


def _read(path: Path, sample_rate: int, length: int) -> np.ndarray:
    try:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True, frames=length)
    except (soundfile.LibsndfileError, OSError) as error:
        raise EvaluationError(f"{path} cannot be read as audio: {error}") from error
    if rate != sample_rate:
        raise EvaluationError(
            f"{path} has {rate} samples a second, the records {sample_rate}: resample the folder"
        )
    mono = audio.mean(axis=1)
    if not np.isfinite(mono).all():
        raise EvaluationError(f"{path} has samples that are not finite")
    return np.pad(mono, (0, length - len(mono)))
