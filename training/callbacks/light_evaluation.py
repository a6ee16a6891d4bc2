"""Judges the averaged generator while it trains, keeps the best checkpoint, and ends in time."""

import json
from pathlib import Path

import numpy as np

from ...common.progress import Meter
from ...common.publish import publish_file
from ...evaluation.copied_share import TrainingSounds
from ...evaluation.light_evaluation import LightEvaluation
from ...evaluation.sounds.real_sounds import load_real
from ..run.checkpoints import write_state
from ..run.run_folder import RunFolder
from ..run.run_log import RunLog
from ..run.state import state_of
from .previews import generate_averaged
from .step_callback import StepCallback

SOUNDS_PER_CLASS = 64
EVALUATION_SEED = 4127  # other z than the previews', the same in every run

LEAST_GAIN = 1e-3
"""Share by which an evaluation must be better than the best: a hair's breadth is rounding, and
would let a run that stands still go on."""

MOST_COPIED = 0.02
"""Share of copies of training sounds from which a model has begun to learn them by heart."""


class Evaluating(StepCallback):
    """Logs the light evaluation's scalars every ``every`` steps, as ``evaluation/<name>``.

    Args:
        run: the run.
        log: where scalars go.
        meter: where the score is said.
        records: real sounds to compare with.
        classes: number of labels.
        every: steps between evaluations.
        complete: samples of a complete sound; only complete sounds compete for the best.
        best_by: "score" or "distance"; the lowest is the best.
        patience: evaluations in a row without a better one after which the run ends, as it does
            when copies of training sounds appear; 0 for neither.

    """

    def __init__(
        self,
        run: RunFolder,
        log: RunLog,
        meter: Meter,
        *,
        records: Path,
        classes: int,
        every: int,
        complete: int,
        best_by: str = "score",
        patience: int = 0,
    ):
        super().__init__()
        self._run = run
        self._log = log
        self._meter = meter
        self._records = records
        self._classes = classes
        self._every = every
        self._complete = complete
        self._best_by = {"score": "score", "distance": "logmel_frechet_ratio"}[best_by]
        self._patience = patience
        self._evaluations: dict[int, LightEvaluation] = {}
        self._training_sounds: dict[int, TrainingSounds] = {}

    def on_step(self, step: int) -> None:
        """Evaluate if it is time."""
        if step % self._every:
            return
        audio, label = self._sounds(step)
        scalars = self._light().scalars(audio, label)
        if self._patience:
            scalars["copied"] = self._copied(audio)
        self._log.scalars(step, {f"evaluation/{name}": value for name, value in scalars.items()})
        self._meter.print(
            f"step {step}: score {scalars['score']:.3f}, log-mel Frechet distance "
            f"{scalars['logmel_frechet_ratio']:.1f} times the real control's"
        )
        if self.model.generator.length == self._complete:
            copied = scalars.get("copied", 0.0)
            if copied <= MOST_COPIED:
                self._keep_if_best(step, scalars[self._best_by])
            if self._patience:
                self._end_in_time(step, copied)

    def _sounds(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        label = np.repeat(np.arange(self._classes, dtype=np.int32), SOUNDS_PER_CLASS)
        return generate_averaged(self.model, EVALUATION_SEED, label, step), label

    def _light(self) -> LightEvaluation:
        length = self.model.generator.length
        if length not in self._evaluations:
            # Earlier stages are over for good; their real sounds need no memory any more.
            self._evaluations = {length: LightEvaluation(self._records, length=length)}
        return self._evaluations[length]

    def _copied(self, audio: np.ndarray) -> float:
        length = audio.shape[1]
        if length not in self._training_sounds:
            real = load_real(self._records, length=length)
            self._training_sounds = {length: TrainingSounds(real.train.audio, real.sample_rate)}
        return self._training_sounds[length].copied_share(audio)

    def _best(self) -> dict[str, float]:
        note = self._run.best_checkpoint.with_name("score.json")
        return json.loads(note.read_text()) if note.is_file() else {}

    def _keep_if_best(self, step: int, score: float) -> None:
        best = self._best().get("score")
        if best is not None and best - score <= LEAST_GAIN * abs(best):
            return
        write_state(self._run.best_checkpoint, state_of(self.model, scalars=False))
        with publish_file(self._run.best_checkpoint.with_name("score.json")) as partial:
            partial.write_text(json.dumps({"step": step, "score": score}) + "\n")

    def _end_in_time(self, step: int, copied: float) -> None:
        # By the best one's step, so that a run that was killed counts on.
        worse = (step - self._best().get("step", step)) // self._every
        if copied > MOST_COPIED:
            why = f"{copied:.0%} of its sounds are copies of training sounds"
        elif worse >= self._patience:
            why = f"{worse} evaluations in a row were no better than that of step "
            why += f"{self._best()['step']}, which is kept"
        else:
            return
        self._meter.print(f"step {step}: the run ends here: {why}")
        self._run.end(step, why)
        self.model.stop_training = True
