"""A checkpoint and a configuration that do not belong together are told apart by name."""

import numpy as np
import pytest

from drumsmith.training.config.presets import preset
from drumsmith.training.run.config_stamp import STAMP, require_stamp, stamp
from drumsmith.training.run.run_folder import RunError

MADE_BY = preset("tiny").with_settings(["progressive=yes", "stage_steps=2,4,6,8"])


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("latent_prior=uniform", "latent_prior=uniform, but the checkpoint was made with .*normal"),
        ("learning_rate=0.1", r"learning_rate=0\.1, but"),
        ("stage_steps=5,5,5,5", r"stage_steps=\[5, 5, 5, 5\], but"),
    ],
)
def test_an_option_that_was_edited_is_named(option, words):
    with pytest.raises(RunError, match=words):
        require_stamp(stamp(MADE_BY), MADE_BY.with_settings([option]))


@pytest.mark.parametrize("option", ["keep=9", "precision=bfloat16", "log_every=3", "spread=1.2"])
def test_what_a_run_may_go_on_with_is_no_edit(option):
    require_stamp(stamp(MADE_BY), MADE_BY.with_settings([option]))


def test_a_checkpoint_without_a_stamp_belongs_to_any_configuration():
    require_stamp({}, MADE_BY)


def test_an_option_that_only_one_version_knows_is_not_compared():
    told = stamp(MADE_BY)[STAMP].tobytes().replace(b'"width"', b'"vanished"')
    state = {STAMP: np.frombuffer(told, np.uint8)}
    require_stamp(state, MADE_BY.with_settings(["width=7"]))
