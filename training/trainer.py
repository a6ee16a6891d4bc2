"""Trains a run from wherever it stands to its last step."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ..common.progress import Meter, progress
from ..evaluation.sounds.real_sounds import load_real
from ..model.growth import stage_length
from ..tfrecords.records.dataset_info import DatasetInfo
from .batches import distributed_batches
from .callbacks.checkpointing import Checkpointing
from .callbacks.health_checks import Checkup
from .callbacks.interruption import Interruption
from .callbacks.light_evaluation import Evaluating
from .callbacks.pace import PaceReport
from .callbacks.previews import Previews
from .callbacks.scalars import Scalars
from .callbacks.step_callback import StepCallback
from .config.config import ConfigError, TrainingConfig
from .config.schedule import Phase
from .run.checkpoints import newest_whole, save_checkpoint
from .run.run_folder import RunError, RunFolder
from .run.run_log import RunLog, forget_after
from .run.starting_point import STARTED_FROM, starting_point
from .run.state import load_state, state_of, step_in
from .settled_precision import Settled, settle_together
from .strategies import is_chief, make_strategy, rows_per_replica
from .updates.registry import build_trainable, update_class


def train(
    config: TrainingConfig,
    records: Path,
    run: RunFolder | Path,
    *,
    strategy: str = "auto",
    start_from: Path | None = None,
    start_as: Mapping[str, str] | None = None,
) -> int:
    """Start the run, or go on with it.

    Args:
        config: what to do. For an existing run it may differ as far as `contradiction` allows.
        records: the records to train on.
        run: the run's folder.
        strategy: see `make_strategy`.
        start_from: another run, whose networks a new run starts with.
        start_as: of labels that the other run does not know, the one that each starts as; None
            refuses other labels.

    Returns:
        The step at which training stopped: the last one, or earlier when interrupted.

    Raises:
        UserError: of any part: records, run, configuration or strategy do not go together, or
            training diverged.

    """
    run = run if isinstance(run, RunFolder) else RunFolder(run)
    devices = make_strategy(strategy)
    rows_per_replica(config.batch_size, devices)
    info = DatasetInfo.load(records)
    _check_length(config, info)
    if config.evaluate_every:
        load_real(records)  # says now, not in an hour, if there are too few sounds
    if is_chief(devices):
        _open(run, config, describe_data(info), start_from, start_as)
    settled = settle_together(config, run, devices)
    if is_chief(devices):
        _say(settled)
    config = dataclasses.replace(config, precision=settled.precision)
    return _Training(config, records, info, run, devices).run_to_end()


def _say(settled: Settled) -> None:
    print(settled)
    if settled.warning:
        print(settled.warning)


def describe_data(info: DatasetInfo) -> dict:
    """Return what a run keeps about its data: enough to export, and to notice other records."""
    return {
        "labels": list(info.labels),
        "sample_rate": info.sample_rate,
        "length": info.length,
        "preparation": dict(info.preparation),
        "sounds": info.counts,
        "digest": info.digest,
    }


def _open(
    run: RunFolder,
    config: TrainingConfig,
    data: dict,
    start_from: Path | None,
    start_as: Mapping[str, str] | None,
) -> None:
    if not run.exists():
        _create(run, config, data, start_from, start_as)
        return
    stored, stored_data = run.load()
    if stored_data["digest"] != data["digest"]:
        raise RunError(
            f"{run.path} was started on other records; give it those, or choose another folder"
        )
    if start_from and STARTED_FROM not in stored_data:
        raise RunError(
            f"{run.path} was started from nothing; leave --start-from out, or choose another folder"
        )
    if stored != config:
        run.describe(config, stored_data)


def _create(
    run: RunFolder,
    config: TrainingConfig,
    data: dict,
    start_from: Path | None,
    start_as: Mapping[str, str] | None,
) -> None:
    run.require_free()
    if start_from:
        state, origin = starting_point(config, data, RunFolder(start_from), start_as)
        data = data | {STARTED_FROM: origin}
        # Before the description, which makes the folder a run: it must not start without these.
        save_checkpoint(run.checkpoints, 0, state, config.keep)
    run.describe(config, data)


def _check_length(config: TrainingConfig, info: DatasetInfo) -> None:
    if info.length != config.length:
        raise ConfigError(
            f"the records hold sounds of {info.length} samples, {config.blocks} blocks make "
            f"{config.length}; prepare with --length {config.length}"
        )


class _Training:
    """One process's part of a run."""

    def __init__(
        self,
        config: TrainingConfig,
        records: Path,
        info: DatasetInfo,
        run: RunFolder,
        strategy: tf.distribute.Strategy,
    ):
        self.config = config
        self.records = records
        self.info = info
        self.run = run
        self.strategy = strategy
        self.interruption = Interruption(strategy, config.log_every)

    def run_to_end(self) -> int:
        state = self._restore()
        schedule = self.config.schedule
        with (
            progress("training", schedule.steps, done=step_in(state)) as meter,
            self.interruption.listening(meter.print),
        ):
            callbacks = self._callbacks(meter)
            while (step := step_in(state)) < schedule.steps and not self._over():
                state = self._run_phase(schedule.at(step), step, state, callbacks)
        return step_in(state)

    def _over(self) -> bool:
        """Whether somebody asked the run to stop, or it ended by itself."""
        return self.interruption.asked or (
            self.config.patience > 0 and self.run.ended() is not None
        )

    def _restore(self) -> dict[str, np.ndarray]:
        path, state, complaints = newest_whole(self.run.checkpoints)
        for complaint in complaints:
            print(f"{complaint}; going on from {path}")
        if is_chief(self.strategy):
            forget_after(self.run.scalars_file, step_in(state))
            forget_after(self.run.diagnoses_file, step_in(state))
        return state

    def _run_phase(
        self,
        phase: Phase,
        step: int,
        state: dict[str, np.ndarray],
        callbacks: Sequence[StepCallback],
    ) -> dict[str, np.ndarray]:
        with self.strategy.scope():
            model = build_trainable(self.config, len(self.info.labels), phase)
            load_state(model, state, grown=phase != self.config.schedule.before(step))
        batches = distributed_batches(
            self.strategy, self.records, self.config, step=step, length=stage_length(phase.stage)
        )
        for callback in callbacks:
            callback.start_at(step)
        model.fit(
            batches,
            epochs=1,
            steps_per_epoch=phase.end - step,
            verbose=0,
            shuffle=False,
            callbacks=list(callbacks),
        )
        state = state_of(model)
        keras.backend.clear_session()
        return state

    def _callbacks(self, meter: Meter) -> list[StepCallback]:
        config, chief = self.config, is_chief(self.strategy)
        checkpointing = Checkpointing(
            self.run,
            every=config.checkpoint_every,
            keep=config.keep,
            last=config.steps,
            interruption=self.interruption,
            writes=chief,
            say=meter.print,
        )
        scalars = Scalars(
            self.run,
            meter,
            every=config.log_every,
            examples_per_step=config.batch_size * update_class(config).batches_per_step(config),
        )
        if not chief:
            return [scalars, checkpointing]
        log = RunLog(self.run)
        previews = Previews(
            self.run,
            log,
            labels=self.info.labels,
            sample_rate=self.info.sample_rate,
            length=self.info.length,
            every=config.preview_every,
        )
        checkup = Checkup(log, meter)
        scalars.listeners += [log.scalars, checkup.read]
        previews.listeners.append(checkup.hear)
        # Scalars first: they stop the run before weights that are not finite are saved.
        pace = PaceReport(config, log, meter)
        return [scalars, pace, previews, *self._evaluating(log, meter), checkpointing]

    def _evaluating(self, log: RunLog, meter: Meter) -> list[StepCallback]:
        if not self.config.evaluate_every:
            return []
        return [
            Evaluating(
                self.run,
                log,
                meter,
                records=self.records,
                classes=len(self.info.labels),
                every=self.config.evaluate_every,
                complete=self.info.length,
                best_by=self.config.best_by,
                # Of several workers all would have to hear of it.
                patience=0 if self.strategy.cluster_resolver else self.config.patience,
            )
        ]
