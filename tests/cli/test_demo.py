import os
import subprocess
import sys
from pathlib import Path

import pytest

CLASSES = ("cymbal", "kick", "snare")
PROGRAM = Path(__file__).parents[1] / "helpers" / "few_judged.py"


@pytest.fixture(scope="module")
def demo(small_drums, tmp_path_factory):
    """The demo, of one step, too few for good drums: its folder, exit code and words."""
    out = tmp_path_factory.mktemp("pipeline") / "demo"
    command = [sys.executable, str(PROGRAM), "demo", "--steps", "1", "--sounds", "24"]
    done = subprocess.run(
        [*command, "--out", str(out)],
        env=os.environ | {"PRETRAINED": str(small_drums)},
        capture_output=True,
        text=True,
        check=False,
    )
    return out, done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_the_demo_walks_the_whole_pipeline(demo):
    out, code, words = demo
    # 1 says that one step makes no good model.
    assert code in (0, 1), words
    assert [f"{n}/5" in words for n in range(1, 6)] == [True] * 5
    assert (out / "drums.png").stat().st_size > 10_000
    for label in CLASSES:
        assert len(list((out / "sounds" / label).glob("*.wav"))) == 8
    assert "here are 24 sounds" in words
    assert "distance to held-out sounds" in words


@pytest.mark.slow
def test_the_demo_begins_with_drums_of_the_pretrained_model(demo):
    out, _, words = demo
    before_the_pipeline = words.partition("2/5")[0]
    for label in CLASSES:
        made = sorted((out / "pretrained" / label).glob("*.wav"))
        assert len(made) == 2
        assert all(str(path) in before_the_pipeline for path in made)
    assert (out / "pretrained" / "drums.png").stat().st_size > 10_000
