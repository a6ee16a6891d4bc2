"""Configurations: the paper's values, parsing, refusals."""

import json

import pytest

from drumsmith.training.config.config import ConfigError, TrainingConfig, contradiction
from drumsmith.training.config.preset_descriptions import DESCRIPTIONS
from drumsmith.training.config.presets import preset

PAPER = {
    "latent_dim": 100,
    "width": 64,
    "blocks": 5,
    "kernel_size": 25,
    "embedding_dim": 50,
    "steps": 50_000,
    "batch_size": 64,
    "critic_updates": 5,
    "learning_rate": 2e-4,
    "beta_1": 0.5,
    "beta_2": 0.99,
    "gp_weight": 10.0,
    "phase_shift": 2,
}


@pytest.mark.parametrize(("name", "value"), PAPER.items())
def test_the_paper_preset_has_the_papers_values(name, value):
    assert getattr(preset("paper"), name) == value


def test_networks_that_learned_other_measures_of_tones_and_noise_are_refused():
    told = preset("drums").to_json()
    assert TrainingConfig.from_json(told) == preset("drums")
    del told["measures"]  # as it was before there were others
    with pytest.raises(ConfigError, match=r"measures cannot be 1: .*train anew"):
        TrainingConfig.from_json(told)
    told = preset("small").to_json()
    del told["measures"]  # of no matter where there are no tones and noise
    assert TrainingConfig.from_json(told) == preset("small")


def test_what_the_paper_does_not_have_is_off_in_its_preset():
    config = preset("paper")
    assert not config.progressive
    assert not config.balanced
    assert config.augment_gain_db == config.augment_shift_ms == config.augment_resample == 0
    assert config.learning_rate_end == 1


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_a_preset_survives_json(name):
    config = preset(name)
    assert TrainingConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


SETTINGS = [
    ("steps=12", "steps", 12),
    ("learning-rate=1e-3", "learning_rate", 1e-3),
    ("balanced=true", "balanced", True),
    ("critic_learning_rate=none", "critic_learning_rate", None),
    ("critic_learning_rate=4e-4", "critic_learning_rate", 4e-4),
    ("precision=bfloat16", "precision", "bfloat16"),
]


@pytest.mark.parametrize(("text", "name", "value"), SETTINGS)
def test_a_setting_is_parsed_by_its_options_type(text, name, value):
    assert getattr(preset("paper").with_settings([text]), name) == value


def test_stage_steps_are_numbers_with_commas():
    config = preset("tiny").with_settings(["progressive=yes", "stage_steps=2,4,6,8"])
    assert config.stage_steps == (2, 4, 6, 8)


REFUSED = [
    ("width", "--set takes key=value, not 'width'"),
    ("widht=3", "no option 'widht': did you mean width?"),
    ("width=wide", "width cannot be 'wide': it is int"),
    ("balanced=perhaps", "balanced cannot be 'perhaps'"),
    ("batch_size=0", "batch_size cannot be 0: it must be at least 1"),
    ("learning_rate=-1", "learning_rate cannot be -1.0: it must be above 0"),
    ("beta_1=1", r"beta_1 cannot be 1.0: it must be in \[0, 1\)"),
    ("seed=-1", "seed cannot be -1: it must be 0 to 2147483647"),
    ("generator=organ", "no generator 'organ'; known are upsampling"),
    ("update=hope", "no update 'hope'; known are wgan-gp"),
    ("precision=float8", "precision cannot be 'float8': it is one of auto, float32, bfloat16"),
    ("stage_steps=1,2,3,4", "stage_steps .* needs progressive"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_bad_setting_is_refused_by_name(text, message):
    with pytest.raises(ConfigError, match=message):
        preset("paper").with_settings([text])


def test_stages_must_add_up():
    with pytest.raises(ConfigError, match="they add up to 10, steps is 50000"):
        preset("paper").with_settings(["progressive=1", "stage_steps=1,2,3,4"])


def test_every_preset_says_what_it_is_for():
    with pytest.raises(ConfigError) as refusal:
        preset("big")
    assert str(refusal.value).partition("known are ")[2].split(", ") == list(DESCRIPTIONS)


def test_an_unknown_preset_names_the_known_ones():
    with pytest.raises(ConfigError, match="unknown preset 'big'; known are paper, "):
        preset("big")


GOING_ON = [
    (["checkpoint_every=7"], None),
    (["precision=bfloat16"], None),
    (["steps=30"], None),
    (["steps=10"], "steps"),
    (["width=3"], "width"),
    (["learning_rate=1e-3"], "learning_rate"),
    (["spread=1.1,0.9"], None),
]


def test_spread_takes_numbers_above_0():
    assert preset("drums").with_settings(["spread=1.1,0.9"]).spread == (1.1, 0.9)
    with pytest.raises(ConfigError, match="spread cannot be"):
        preset("drums").with_settings(["spread=1,0"])


@pytest.mark.parametrize(("settings", "name"), GOING_ON)
def test_a_run_goes_on_if_every_step_done_stays_as_it_was(settings, name):
    stored = preset("tiny")
    assert contradiction(stored, stored.with_settings(settings), step=15) == name


def test_a_growing_run_cannot_move_its_end_if_that_moves_its_stages():
    stored = preset("tiny").with_settings(["progressive=1"])
    assert contradiction(stored, stored.with_settings(["steps=200"]), step=15) == "steps"
