"""When previews come."""

from drumsmith.training.callbacks.previews import Previews
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import RunLog
from drumsmith.training.updates.registry import build_trainable


def test_previews_come_after_the_first_minutes_whatever_the_step(tiny, tmp_path):
    run = RunFolder(tmp_path / "run")
    clock = iter([1000.0, 1121.0, 1180.0, 1420.0, 1481.0, 1600.0])
    previews = Previews(
        run,
        RunLog(run),
        labels=("kick",),
        sample_rate=44100,
        length=tiny.length,
        every=1000,
        clock=lambda: next(clock),
    )
    previews.set_model(build_trainable(tiny, 1, tiny.schedule.phases[-1]))
    for step in range(1, 7):
        previews.on_step(step)
    assert sorted(path.name for path in run.previews.iterdir()) == [
        "step-00000002",
        "step-00000005",
    ]
