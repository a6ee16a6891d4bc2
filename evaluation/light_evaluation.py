"""The light evaluation: seconds instead of minutes, for use while a model trains.

Generated sounds are compared with held-out validation sounds, class by class; the floor compares
training sounds, in chunks of the same size, with the same validation sounds. No network is
trained: labels are read by the nearest neighbours among real training sounds.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from .metrics.artefacts import dc_offset, image_heights_db, spectra, tail_db
from .metrics.diversity import mean_distance
from .metrics.frechet import frechet_distance
from .metrics.pca import fit_pca
from .metrics.prdc import prdc
from .metrics.sampling import in_chunks
from .metrics.score import score
from .sounds.features import log_mel
from .sounds.real_sounds import EvaluationError, RealSounds, load_real

MOST_SOUNDS = 6000
"""Real sounds of each part that are read."""

MOST_TRAINING_SOUNDS = 1000
"""Training sounds of a class that are looked at, so that large collections stay quick."""

NEIGHBOURS = 5
"""Real training sounds that vote on a label."""


class LightEvaluation:
    """Quick figures for generated sounds, with everything about the real ones computed once.

    Example:
        ```python
        light = LightEvaluation(Path("records"))
        scalars = light.scalars(audio, label)
        ```

    Args:
        records: a folder of records, or real sounds already read.
        length: samples of the sounds to be judged, where it is less than the records' own.
        seed: of the choice of sounds.

    """

    def __init__(self, records: Path | RealSounds, length: int | None = None, seed: int = 0):
        real = (
            records
            if isinstance(records, RealSounds)
            else load_real(Path(records), length, MOST_SOUNDS)
        )
        self.labels = real.labels
        self.sample_rate = real.sample_rate
        self.length = real.length
        self._seed = seed
        train = [_at_most(real.train.of(i), MOST_TRAINING_SOUNDS, seed) for i in self._classes()]
        valid = [real.valid.of(i) for i in self._classes()]
        spectrograms = [log_mel(audio, self.sample_rate) for audio in train]
        self._pca = fit_pca(np.concatenate(spectrograms))
        self._train = [self._pca(one) for one in spectrograms]
        self._valid = [self._embed(audio) for audio in valid]
        # Equal numbers of each class, or the largest class would win votes by its size alone.
        votes = min(len(points) for points in self._train)
        self._voters = cKDTree(np.concatenate([points[:votes] for points in self._train]))
        self._voters_label = np.repeat(np.arange(len(self.labels)), votes)
        self._valid_tail = [float(np.median(tail_db(audio, self.sample_rate))) for audio in valid]
        self._floor = lru_cache(maxsize=None)(self._floor_of_class)

    def scalars(self, audio: np.ndarray, label: np.ndarray) -> dict[str, float]:
        """Judge generated sounds.

        Args:
            audio: float, shape (n, length) or (n, length, 1); some of every class, 32 or more each
                for steady figures.
            label: int, shape (n,), the labels that the sounds were asked for.

        Returns:
            Plain numbers by name. Figures are means over classes, except where said:

            - ``logmel_frechet``: Frechet distance to validation sounds on log-mel spectrograms
              reduced by PCA, in squared dB per cell; ``logmel_frechet_floor`` the same for
              training sounds; ``logmel_frechet_ratio`` the mean of the classes' ratios; also
              ``logmel_frechet/<class>``.
            - ``label_accuracy``: share of sounds whose five nearest real training sounds are
              mostly of the label asked for; ``label_accuracy_floor`` the same for validation.
            - ``coverage``, ``coverage_floor``: see `prdc`.
            - ``diversity``: mean distance of two sounds of a class over that of real ones.
            - ``image_peak_db``: highest of the image-frequency peaks, mean over classes.
            - ``tail_gap_db``: level of the median tail over that of real ones.
            - ``dc``: mean absolute offset.
            - ``score``: one number by which checkpoints are ranked, lower is better, see `score`.

        Raises:
            EvaluationError: a class is missing, sounds have the wrong length or are not finite.

        """
        audio, label = self._checked(audio, label)
        classes = [self._class_scalars(audio[label == i], i) for i in self._classes()]
        mean = {name: float(np.mean([one[name] for one in classes])) for name in classes[0]}
        for name, one in zip(self.labels, classes, strict=True):
            mean[f"logmel_frechet/{name}"] = one["logmel_frechet"]
        return mean | {"score": score(mean)}

    def _class_scalars(self, audio: np.ndarray, index: int) -> dict[str, float]:
        points = self._embed(audio)
        chunk = min(len(points), len(self._valid[index]))
        floor_frechet, floor_coverage = self._floor(index, chunk)
        frechet, coverage = self._distances(points, index, chunk)
        return {
            "logmel_frechet": frechet,
            "logmel_frechet_floor": floor_frechet,
            "logmel_frechet_ratio": frechet / floor_frechet,
            "label_accuracy": self._accuracy(points, index),
            "label_accuracy_floor": self._accuracy(self._valid[index], index),
            "coverage": coverage,
            "coverage_floor": floor_coverage,
            "diversity": mean_distance(points) / mean_distance(self._train[index]),
            "image_peak_db": max(image_heights_db(spectra(audio)).values(), default=0.0),
            "tail_gap_db": float(np.median(tail_db(audio, self.sample_rate)))
            - self._valid_tail[index],
            "dc": float(dc_offset(audio).mean()),
        }

    def _floor_of_class(self, index: int, chunk: int) -> tuple[float, float]:
        frechet, coverage = self._distances(self._train[index], index, chunk)
        return max(frechet, 1e-9), coverage

    def _distances(self, points: np.ndarray, index: int, chunk: int) -> tuple[float, float]:
        real = self._valid[index]
        reference = real[np.random.default_rng(self._seed).permutation(len(real))[:chunk]]
        rng = np.random.default_rng(self._seed)
        everything = np.arange(len(points))
        frechet = in_chunks(lambda i: frechet_distance(points[i], real), everything, chunk, rng)
        coverage = in_chunks(lambda i: prdc(reference, points[i]).coverage, everything, chunk, rng)
        return frechet, coverage

    def _accuracy(self, points: np.ndarray, index: int) -> float:
        neighbours = min(NEIGHBOURS, len(self._voters_label))
        _, found = self._voters.query(points, k=neighbours)
        votes = self._voters_label[np.asarray(found).reshape(len(points), -1)]
        counts = np.stack([(votes == i).sum(axis=1) for i in self._classes()], axis=1)
        return float(np.mean(counts.argmax(axis=1) == index))

    def _embed(self, audio: np.ndarray) -> np.ndarray:
        return self._pca(log_mel(audio, self.sample_rate))

    def _classes(self) -> range:
        return range(len(self.labels))

    def _checked(self, audio: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        audio = np.asarray(audio, np.float32).reshape(len(audio), -1)
        label = np.asarray(label).reshape(-1)
        if audio.shape[1] != self.length:
            raise EvaluationError(
                f"sounds have {audio.shape[1]} samples, the real ones {self.length}: "
                "give LightEvaluation the length of the model's stage"
            )
        if not np.isfinite(audio).all():
            raise EvaluationError("a generated sound is not finite: the training has diverged")
        for index, name in enumerate(self.labels):
            if np.sum(label == index) < 2:
                raise EvaluationError(f"class {name!r} has fewer than two generated sounds")
        return audio, label


def _at_most(audio: np.ndarray, most: int, seed: int) -> np.ndarray:
    if len(audio) <= most:
        return audio
    return audio[np.random.default_rng(seed).permutation(len(audio))[:most]]
