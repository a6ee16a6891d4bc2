"""Makes the same few sounds again and again, so that eye and ear see them change."""

import time
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ...common.latent_prior import draw_z
from ...common.publish import publish_folder
from ...common.sounds.wav import wav_bytes
from ...evaluation.report.figures import preview_figure
from ..run.run_folder import RunFolder
from ..run.run_log import RunLog
from ..updates.trainable import TrainableModel
from .step_callback import StepCallback

PREVIEWS_PER_CLASS = 8
WRITTEN_PER_CLASS = 4
FIRST_AFTER_S = 120.0
"""Time after which there are previews whatever the step; the next come after 4, 16, ... times it.

With many seconds a step, the first multiple of ``every`` is hours away."""

PREVIEW_SEED = 20200908  # the same z in every run, so that runs can be compared


class Previews(StepCallback):
    """Generates from fixed z: WAV files, a picture, TensorBoard.

    Every ``every`` steps, and besides 2, 8, 32, ... minutes after the first step of this call.

    Args:
        run: where to put files.
        log: where to log.
        labels: names of the classes.
        sample_rate: of complete sounds, in Hz.
        length: samples of complete sounds; an earlier stage's sounds are as much slower.
        every: steps between previews.
        clock: seconds that have passed since whenever.

    """

    def __init__(
        self,
        run: RunFolder,
        log: RunLog,
        *,
        labels: tuple[str, ...],
        sample_rate: int,
        length: int,
        every: int,
        clock: Callable[[], float] = time.monotonic,
    ):
        super().__init__()
        self._run = run
        self._labels = labels
        self._clock = clock
        self._began: float | None = None
        self._after = FIRST_AFTER_S
        self._sample_rate = sample_rate
        self._length = length
        self._every = every
        self._log = log
        # Called with (step, audio by label, sample_rate) after each preview.
        self.listeners: list[Callable[[int, dict[str, np.ndarray], int], None]] = []

    def on_step(self, step: int) -> None:
        """Make the previews if it is time."""
        if not self._due(step):
            return
        label = np.repeat(np.arange(len(self._labels), dtype=np.int32), PREVIEWS_PER_CLASS)
        audio = generate_averaged(self.model, PREVIEW_SEED, label, step)
        rate = self._sample_rate * audio.shape[1] // self._length
        sounds = dict(zip(self._labels, np.split(audio, len(self._labels)), strict=True))
        self._write(step, sounds, rate)
        for listener in self.listeners:
            listener(step, sounds, rate)

    def _due(self, step: int) -> bool:
        now = self._clock()
        if self._began is None:
            self._began = now  # what came before was tracing
        if late := now - self._began >= self._after:
            self._after *= 4
        return late or step % self._every == 0

    def _write(self, step: int, sounds: dict[str, np.ndarray], rate: int) -> None:
        folder = self._run.previews / f"step-{step:08d}"
        if folder.exists():
            return  # made before the run was interrupted; the same sounds
        with publish_folder(folder) as partial:
            for name, audio in sounds.items():
                for index, sound in enumerate(audio[:WRITTEN_PER_CLASS]):
                    (partial / f"{name}-{index}.wav").write_bytes(wav_bytes(sound, rate))
            shown = np.concatenate([audio[:WRITTEN_PER_CLASS] for audio in sounds.values()])
            titles = [f"{name} {i}" for name in sounds for i in range(WRITTEN_PER_CLASS)]
            preview_figure(shown, titles, rate, partial / "previews.png", columns=WRITTEN_PER_CLASS)
        self._log.sounds(
            step,
            {name: audio[:WRITTEN_PER_CLASS] for name, audio in sounds.items()},
            rate,
            folder / "previews.png",
        )


def generate_averaged(model: TrainableModel, seed: int, label: np.ndarray, step: int) -> np.ndarray:
    """Sounds of the averaged generator after ``step``, float32 (batch, length).

    Args:
        model: whose.
        seed: of z.
        label: int32 (batch,).
        step: says how far the newest block has faded in.

    """
    generator = model.averaged
    rng = np.random.default_rng(seed)
    z = draw_z(generator.latent_prior, rng, len(label), generator.latent_dim)
    fade = tf.constant(model.phase.fade(step), tf.float32)
    audio = [
        generator(z[start : start + 64], label[start : start + 64], fade=fade).numpy()
        for start in range(0, len(z), 64)
    ]
    return np.concatenate(audio)[..., 0]
