"""The card's derived commands, put into the command line that they are for."""

import argparse
import dataclasses
import json
import shlex

import pytest

from drumsmith.cli.training import prepare, train
from drumsmith.tfrecords.records.dataset_info import DatasetInfo
from drumsmith.tools.model_card import _origin, commands
from drumsmith.training.config.config import TrainingConfig
from drumsmith.training.config.presets import preset

REPORT = {"facts": {"count": 256, "seed": 0}}
NOTHING = DatasetInfo(("kick",), {}, 44100, 16384, {}, [], [], [])


def _parsed(line, module):
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return parser.parse_args(shlex.split(line)[2:])


@pytest.mark.parametrize(
    "config",
    [
        preset("small"),
        preset("paper-progressive").with_settings(["steps=4000", "width=16"]),
        preset("small-progressive").with_settings(["stage_steps=100,200,300,400", "steps=1000"]),
        dataclasses.replace(
            preset("small"), precision="bfloat16", balanced=True, gp_weight=5.5, seed=7
        ),
    ],
    ids=["preset", "grown", "stages", "many"],
)
def test_the_train_command_makes_the_configuration_of_the_run(config):
    restored = TrainingConfig.from_json(json.loads(json.dumps(config.to_json())))
    _, line, *_ = commands(restored, NOTHING, [], REPORT)
    args = _parsed(line, train)
    assert preset(args.preset).with_settings(args.set) == config


def test_the_prepare_command_makes_the_choice_of_the_records():
    preparation = {
        "sample_rate": 44100,
        "length": 16384,
        "fade_in_ms": 0.5,
        "fade_out_ms": 30.0,
        "where": {"licence_clear": ["yes"], "label": ["kick", "snare"]},
        "where_not": {"license_note": ["GPL*", "CC-BY-SA*"]},
        "group": "machine",
        "valid_share": 0.2,
    }
    info = dataclasses.replace(NOTHING, preparation=preparation)
    line, *_ = commands(preset("small"), info, [], REPORT)
    args = _parsed(line, prepare)
    assert args.where == ["licence_clear=yes", "label=kick", "label=snare"]
    assert args.where_not == ["license_note=GPL*", "license_note=CC-BY-SA*"]
    assert (args.group, args.valid_share, args.fade_out_ms) == ("machine", 0.2, 30.0)
    assert "--length" not in line


def test_the_export_and_the_evaluation_keep_their_options():
    *_, export, evaluate = commands(preset("small"), NOTHING, ["--best"], REPORT)
    assert export == "drumsmith export RUN MODELS --best"
    assert evaluate == "drumsmith evaluate MODELS RECORDS --out REPORT --count=256 --seed=0"


def test_a_model_that_started_from_another_run_says_so():
    first = {"preset": "small", "step": 2659, "hours": 0.43, "records": "abc"}
    second = {"preset": "small-fast", "step": 900, "hours": None, "records": "abc"}
    assert _origin({"digest": "abc"}) == ""
    assert _origin({"started_from": second | {"started_from": first}}) == (
        ", from the networks of step 900 of a run of `small-fast`"
        ", from the networks of step 2,659 of a run of `small` (0.4 processor hours)"
    )
