"""What a run says of its speed."""

from contextlib import contextmanager

import pytest

from drumsmith.common.progress import progress
from drumsmith.training.callbacks import pace as pace_module
from drumsmith.training.callbacks.pace import STEPS, PaceReport
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import RunLog, read_lines
from drumsmith.training.updates.registry import build_trainable


@contextmanager
def reporting(config, run):
    with progress("training", config.steps) as meter:
        report = PaceReport(config, RunLog(run), meter)
        report.set_model(build_trainable(config, 3, config.schedule.phases[-1]))
        yield report


def test_the_first_steps_tell_step_time_and_time_left(tiny, tmp_path, capsys):
    with reporting(tiny.with_settings(["steps=50"]), RunFolder(tmp_path)) as report:
        for step in range(1, 31):
            report.on_step(step)
    err = capsys.readouterr().err
    assert err.count(" a step") == 1
    assert f"step {STEPS}: " in err
    assert " to go" in err


def test_a_run_slower_than_its_machine_is_noted_for_the_doctor(tiny, tmp_path, monkeypatch):
    # Nothing so small is judged otherwise, and no step is so slow.
    monkeypatch.setattr(pace_module, "LEAST_EXPECTED_S", 0.0)
    run = RunFolder(tmp_path)
    with reporting(tiny.with_settings(["steps=50"]), run) as report:
        for step in range(1, STEPS + 1):
            report.on_step(step)
            if step == pace_module.SKIPPED:
                report._since = pace_module.dataclasses.replace(
                    report._since, clock=report._since.clock - 3600
                )
    (line,) = read_lines(run.diagnoses_file)
    assert (line["step"], line["name"]) == (STEPS, "slow")


@pytest.mark.parametrize(("step", "left"), [(6, 0), (4, 2)])
def test_steps_left_of_a_plain_run_are_counted(tiny, step, left):
    phase = tiny.schedule.phases[-1]
    assert pace_module._steps_left(tiny, phase, step) == pytest.approx(left)


def test_steps_left_of_a_growing_run_weigh_more_at_its_end(tiny):
    growing = tiny.with_settings(["progressive=1", "steps=8", "stage_steps=4,4", "fade_steps=0,0"])
    assert pace_module._steps_left(growing, growing.schedule.phases[0], 4) > 4
