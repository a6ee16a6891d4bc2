"""The light evaluation: seconds instead of minutes, for use while a model trains.

Generated sounds are compared with validation sounds, class by class; the control compares training
sounds, in chunks of the same size, with the same validation sounds. No network is trained: labels
are read by the nearest neighbours among real training sounds. Distances are not extrapolated to
infinite n, which would be too noisy for few sounds: ratios are a little kinder than those of
`evaluate`.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from ..common.sounds.faults import any_fault
from .metrics.artefacts import dc_offset, image_heights_db, spectra, tail_db, tail_spectra
from .metrics.descriptors import is_kick
from .metrics.diversity import mean_distance
from .metrics.frechet import frechet_distance, usable_dimensions
from .metrics.low_frequency import low_spectrogram
from .metrics.prdc import Prdc, prdc
from .metrics.sampling import in_chunks
from .ranking import mean_scalars
from .score import score
from .sounds.features import log_mel
from .sounds.pca import Pca, fit_pca
from .sounds.real_sounds import VALID, EvaluationError, RealSounds, load_real

SCALARS: dict[str, str] = {
    "score": "score",
    "logmel_frechet_ratio": "Frechet x control",
    "logmel_frechet": "dB2",
    "low_frechet_ratio": "under 300 Hz",
    "label_accuracy": "labels",
    "coverage": "coverage",
    "coverage_control": "real",
    "recall": "recall",
    "recall_control": "real",
    "faulty": "faulty",
    "faulty_control": "real",
    "image_peak_db": "image dB",
    "tail_gap_db": "tail dB",
    "diversity": "diversity",
}
"""What tables show of `LightEvaluation.scalars`, in order, with a short title."""

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
            else load_real(Path(records), length, MOST_SOUNDS, VALID)
        )
        self.labels = real.labels
        self.sample_rate = real.sample_rate
        self.length = real.length
        self._seed = seed
        self._heard_as = real.heard_as
        train = [_at_most(real.train.of(i), MOST_TRAINING_SOUNDS, seed) for i in self._classes()]
        valid = [real.held_out.of(i) for i in self._classes()]
        spectrograms = [log_mel(audio, self.sample_rate) for audio in train]
        self._pca = fit_pca(np.concatenate(spectrograms))
        self._train = [self._pca(one) for one in spectrograms]
        self._valid = [self._embed(audio) for audio in valid]
        self._low = {i: self._low_points(train[i], valid[i]) for i in self._kicks()}
        self._voters, self._voters_label = self._choose_voters(real.families)
        self._valid_tail = [float(np.median(tail_db(audio, self.sample_rate))) for audio in valid]
        self._valid_faulty = [
            self._faulty(audio, points, i)
            for i, (audio, points) in enumerate(zip(valid, self._valid, strict=True))
        ]
        self._control = lru_cache(maxsize=None)(self._control_of_class)

    def scalars(self, audio: np.ndarray, label: np.ndarray) -> dict[str, float]:
        """Judge generated sounds.

        Args:
            audio: float, shape (n, length) or (n, length, 1); some of every class, 32 or more each
                for steady figures.
            label: int, shape (n,), the labels that the sounds were asked for.

        Returns:
            Plain numbers by name. Figures are means over classes, except where said:

            - ``logmel_frechet``: Frechet distance to validation sounds on log-mel spectrograms
              reduced by PCA, in squared dB per cell; ``logmel_frechet_control`` the same for
              training sounds; ``logmel_frechet_ratio`` the mean of the classes' ratios; also
              ``logmel_frechet/<class>``.
            - ``low_frechet_ratio``: the same on levels under 300 Hz, of classes of kicks.
            - ``label_accuracy``: share of sounds whose five nearest real training sounds are
              mostly of the label asked for; ``label_accuracy_control`` the same for validation.
            - ``coverage``, ``recall`` and their ``_control``: see `prdc`.
            - ``faulty``: share of sounds with a fault, a wrong label among them;
              ``faulty_control`` the same for validation sounds.
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
        mean = mean_scalars(classes)
        for name, one in zip(self.labels, classes, strict=True):
            mean[f"logmel_frechet/{name}"] = one["logmel_frechet"]
        return mean | {"score": score(mean)}

    def _class_scalars(self, audio: np.ndarray, index: int) -> dict[str, float]:
        points = self._embed(audio)
        chunk = min(len(points), len(self._valid[index]))
        control, real = self._control(index, chunk)
        distance, neighbours = self._compared(points, self._valid[index], chunk)
        scalars = {
            "logmel_frechet": distance,
            "logmel_frechet_control": control,
            "logmel_frechet_ratio": distance / control,
            "label_accuracy": self._accuracy(points, index),
            "label_accuracy_control": self._accuracy(self._valid[index], index),
            "coverage": neighbours.coverage,
            "coverage_control": real.coverage,
            "recall": neighbours.recall,
            "recall_control": real.recall,
            "faulty": self._faulty(audio, points, index),
            "faulty_control": self._valid_faulty[index],
            "diversity": mean_distance(points) / mean_distance(self._train[index]),
            "image_peak_db": _image_peak(audio),
            "tail_gap_db": float(np.median(tail_db(audio, self.sample_rate)))
            - self._valid_tail[index],
            "dc": float(dc_offset(audio).mean()),
        }
        if index in self._low:
            scalars["low_frechet_ratio"] = self._low_ratio(audio, index, chunk)
        return scalars

    def _control_of_class(self, index: int, chunk: int) -> tuple[float, Prdc]:
        distance, neighbours = self._compared(self._train[index], self._valid[index], chunk)
        return max(distance, 1e-9), neighbours

    def _compared(self, points: np.ndarray, real: np.ndarray, chunk: int) -> tuple[float, Prdc]:
        """Return Frechet distance and neighbours, in chunks of one size on both sides."""
        rng = np.random.default_rng(self._seed)
        real = real[rng.permutation(len(real))[:chunk]]
        found: list[Prdc] = []

        def one(chosen: np.ndarray) -> float:
            found.append(prdc(real, points[chosen]))
            return self._distance(points[chosen], real)

        distance = in_chunks(one, np.arange(len(points)), chunk, rng)
        coverage, recall, precision, density = (
            float(np.mean([getattr(each, name) for each in found]))
            for name in ("coverage", "recall", "precision", "density")
        )
        return distance, Prdc(precision, recall, density, coverage)

    def _distance(self, points: np.ndarray, real: np.ndarray) -> float:
        kept = usable_dimensions(min(len(points), len(real)), real.shape[1])
        return frechet_distance(points[:, :kept], real[:, :kept])

    def _low_points(
        self, train: np.ndarray, valid: np.ndarray
    ) -> tuple[Pca, np.ndarray, np.ndarray]:
        spectrograms = [low_spectrogram(audio, self.sample_rate) for audio in (train, valid)]
        pca = fit_pca(spectrograms[0])
        return pca, pca(spectrograms[0]), pca(spectrograms[1])

    def _low_ratio(self, audio: np.ndarray, index: int, chunk: int) -> float:
        pca, train, valid = self._low[index]
        points = pca(low_spectrogram(audio, self.sample_rate))
        control, _ = self._compared(train, valid, chunk)
        return self._compared(points, valid, chunk)[0] / max(control, 1e-9)

    def _faulty(self, audio: np.ndarray, points: np.ndarray, index: int) -> float:
        right = self._heard(points, index) == index
        return float(np.mean(any_fault(audio, self.sample_rate) | ~right))

    def _accuracy(self, points: np.ndarray, index: int) -> float:
        return float(np.mean(self._heard(points, index) == index))

    def _heard(self, points: np.ndarray, index: int) -> np.ndarray:
        """Return the class that most neighbours of sounds asked for as ``index`` have, int (n,)."""
        neighbours = min(NEIGHBOURS, len(self._voters_label))
        _, found = self._voters.query(points, k=neighbours)
        votes = self._voters_label[np.asarray(found).reshape(len(points), -1)]
        votes = self._heard_as(votes, np.full(votes.shape, index))
        counts = np.stack([(votes == i).sum(axis=1) for i in self._classes()], axis=1)
        return counts.argmax(axis=1)

    def _choose_voters(self, families: Mapping[int, tuple[int, ...]]) -> tuple[cKDTree, np.ndarray]:
        # A family's kinds vote for it. Equal numbers of each class, or the largest class would win
        # votes by its size alone.
        voting = [i for i in self._classes() if i not in families]
        votes = min(len(self._train[i]) for i in voting)
        points = np.concatenate([self._train[i][:votes] for i in voting])
        return cKDTree(points), np.repeat(voting, votes)

    def _embed(self, audio: np.ndarray) -> np.ndarray:
        return self._pca(log_mel(audio, self.sample_rate))

    def _kicks(self) -> list[int]:
        return [i for i, name in enumerate(self.labels) if is_kick(name)]

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


def _image_peak(audio: np.ndarray) -> float:
    heights = [image_heights_db(power) for power in (spectra(audio), tail_spectra(audio))]
    return max((height for one in heights for height in one.values()), default=0.0)


def _at_most(audio: np.ndarray, most: int, seed: int) -> np.ndarray:
    if len(audio) <= most:
        return audio
    return audio[np.random.default_rng(seed).permutation(len(audio))[:most]]
