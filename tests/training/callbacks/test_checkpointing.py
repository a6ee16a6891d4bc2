"""A checkpoint that would replace a better one is not written, and that is said."""

import numpy as np

from drumsmith.training.callbacks.checkpointing import Checkpointing, Interruption
from drumsmith.training.run.checkpoints import save_checkpoint
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.state import state_of
from drumsmith.training.updates.registry import build_trainable

from ...helpers.runs import steps_saved


def test_a_state_that_is_not_finite_is_told_of_and_not_saved(tiny, tmp_path):
    model = build_trainable(tiny, 3, tiny.schedule.phases[-1])
    run, said = RunFolder(tmp_path / "run"), []
    save_checkpoint(run.checkpoints, 2, state_of(model), keep=3)
    model.critic.score.bias.assign([np.nan])
    saving = Checkpointing(
        run, every=1, keep=3, last=9, interruption=Interruption(), say=said.append
    )
    saving.set_model(model)
    saving.on_step(3)
    assert said == [
        "step 3: critic/score/bias is not finite, so no checkpoint was written; "
        "that of step 2 is kept"
    ]
    assert steps_saved(run) == [2]
