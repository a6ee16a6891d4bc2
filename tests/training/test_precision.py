"""float32 or bfloat16: what is measured, chosen, and remembered."""

import os
import subprocess
import sys

import pytest

from drumsmith.training import precision, settled_precision
from drumsmith.training.config.presets import preset
from drumsmith.training.precision import ConvolutionTimes, measure
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.settled_precision import settle, slow_here
from drumsmith.training.trainer import train

from ..helpers.processor import needs_bfloat16
from ..helpers.runs import copied

AUTO = ["precision=auto"]


@pytest.mark.parametrize(
    ("float32", "bfloat16", "faster"),
    [
        *((2.0, 1.0, "bfloat16"), (1.0, 9.0, "float32"), (1.0, None, "float32")),
        *((1.0, 0.94, "bfloat16"), (1.0, 0.96, "float32")),
    ],
)
def test_the_faster_type_is_taken_if_it_is_clearly_faster(float32, bfloat16, faster):
    assert ConvolutionTimes(1.0, float32, bfloat16).faster == faster


@pytest.mark.parametrize(
    ("float32", "bfloat16", "rounds", "more"),
    [(1.0, 0.5, 5, False), (1.0, 0.9, 5, True), (1.0, 0.9, 19, True), (1.0, 0.9, 20, False)],
)
def test_near_a_tie_the_turns_go_on(float32, bfloat16, rounds, more):
    taken = {"float32": [9.0, float32], "bfloat16": [bfloat16, 9.0]}
    assert precision._undecided(taken, rounds, seconds=100.0) == more
    assert precision._undecided({"float32": [1.0]}, rounds, seconds=100.0) is False


def test_a_convolution_is_measured_in_both_types():
    times = measure(preset("demo"))
    assert 0 < times.float32 < 10
    assert f"{1e3 * times.float32:.3g} ms of processor time in float32" in str(times)
    # 2 a multiply-add, 3 passes; 16 sounds of 256 steps, 7 taps, 64 channels to 32.
    assert times.operations == 2 * 3 * 16 * 256 * 7 * 64 * 32


def test_what_the_processor_cannot_do_is_not_chosen_and_refused():
    """Held to AVX2, oneDNN has no convolution in bfloat16, though TensorFlow expects one."""
    code = """
from drumsmith.common.errors import ConfigError
from drumsmith.training.config.presets import preset
from drumsmith.training.settled_precision import settle
print(settle(preset('tiny')).precision)
try:
    settle(preset('tiny').with_settings(['precision=bfloat16']))
except ConfigError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"ONEDNN_MAX_CPU_ISA": "AVX2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "float32",
        "precision cannot be 'bfloat16': this machine cannot train in it; auto takes what it can",
    ], done.stderr


def test_a_generator_that_computes_in_float32_alone_is_not_measured(monkeypatch):
    monkeypatch.setattr(settled_precision, "measure", None)
    assert settle(preset("drums")).precision == "float32"


def test_asking_for_what_is_slow_here_gets_a_warning():
    assert "bfloat16 takes 8.8 times as long as float32" in slow_here(
        ConvolutionTimes(1.0, 1.0, 8.8)
    )
    assert slow_here(ConvolutionTimes(1.0, 1.0, 0.6)) is None


def test_every_preset_but_that_for_tests_chooses_by_measurement():
    for name in ("paper", "small", "small-fast", "demo"):
        assert preset(name).precision == "auto"
    # Tests compare runs bit for bit.
    assert preset("tiny").precision == "float32"


def test_the_choice_is_kept_in_the_run_and_taken_again(tiny, records, tmp_path, capsys):
    run = RunFolder(tmp_path / "run")
    train(tiny.with_settings([*AUTO, "steps=1"]), records, run)
    assert "a convolution takes" in capsys.readouterr().out
    (first,) = run.history()
    assert (first["step"], first["asked"]) == (0, "auto")
    assert run.load()[0].precision == "auto"
    # Whatever the machine would choose now.
    run.note(first | {"precision": "bfloat16"})
    again = settle(run.load()[0], run)
    assert (again.precision, "before" in again.why) == ("bfloat16", True)


def test_another_machine_chooses_anew(tiny, tmp_path, monkeypatch):
    config, run = tiny.with_settings(AUTO), RunFolder(tmp_path / "run")
    run.describe(config, {})
    run.note({"asked": "auto", "precision": "bfloat16", "processor": "another"})
    monkeypatch.setattr(
        settled_precision, "measure", lambda config: ConvolutionTimes(1.0, 1.0, 9.0)
    )
    assert settle(config, run).precision == "float32"


@needs_bfloat16
def test_a_run_goes_on_in_another_precision_and_notes_it(whole, records, tmp_path):
    run = copied(whole, tmp_path / "run", until=4)
    changed = run.load()[0].with_settings(["precision=bfloat16"])
    assert train(changed, records, run) == 6
    assert train(changed, records, run) == 6
    noted = [(entry["step"], entry["precision"]) for entry in run.history()]
    assert noted == [(0, "float32"), (4, "bfloat16")]
