"""Judges the averaged generator while it trains, and keeps the best checkpoint."""

import json
from pathlib import Path

import numpy as np

from ...common.progress import Meter
from ...common.publish import publish_file
from ...evaluation.light_evaluation import LightEvaluation
from ..run.checkpoints import write_state
from ..run.run_folder import RunFolder
from ..run.run_log import RunLog
from ..run.state import state_of
from .previews import generate_averaged
from .step_callback import StepCallback

SOUNDS_PER_CLASS = 64
EVALUATION_SEED = 4127  # other z than the previews', the same in every run


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
    ):
        super().__init__()
        self._run = run
        self._log = log
        self._meter = meter
        self._records = records
        self._classes = classes
        self._every = every
        self._complete = complete
        self._evaluations: dict[int, LightEvaluation] = {}

    def on_step(self, step: int) -> None:
        """Evaluate if it is time."""
        if step % self._every:
            return
        scalars = self._evaluate(step)
        self._log.scalars(step, {f"evaluation/{name}": value for name, value in scalars.items()})
        self._meter.print(
            f"step {step}: score {scalars['score']:.3f}, log-mel Frechet distance "
            f"{scalars['logmel_frechet_ratio']:.1f} times the real control's"
        )
        if self.model.generator.length == self._complete:
            self._keep_if_best(step, scalars["score"])

    def _evaluate(self, step: int) -> dict[str, float]:
        length = self.model.generator.length
        if length not in self._evaluations:
            # Earlier stages are over for good; their real sounds need no memory any more.
            self._evaluations = {length: LightEvaluation(self._records, length=length)}
        label = np.repeat(np.arange(self._classes, dtype=np.int32), SOUNDS_PER_CLASS)
        audio = generate_averaged(self.model, EVALUATION_SEED, label, step)
        return self._evaluations[length].scalars(audio, label)

    def _keep_if_best(self, step: int, score: float) -> None:
        note = self._run.best_checkpoint.with_name("score.json")
        best = json.loads(note.read_text())["score"] if note.is_file() else float("inf")
        if score >= best:
            return
        write_state(self._run.best_checkpoint, state_of(self.model, scalars=False))
        with publish_file(note) as partial:
            partial.write_text(json.dumps({"step": step, "score": score}) + "\n")
