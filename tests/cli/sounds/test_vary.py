import numpy as np
import pytest

from drumsmith.cli.main import main
from drumsmith.common.sounds.recipe import read_recipe
from drumsmith.common.sounds.wav import read_wav

from ...helpers.tiny_export import export_tiny


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vary") / "models"
    export_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def kick(models, tmp_path_factory):
    out = tmp_path_factory.mktemp("kick")
    words = ["kick", "--seed", "5", "--out", str(out), "--bits", "24", "--models", str(models)]
    assert main(["generate", *words]) == 0
    return out / "kick-5.wav"


def _audio(path):
    return read_wav(path).audio[:, 0]


def test_variations_of_a_file_are_near_it_and_keep_its_format(models, kick, tmp_path):
    for amount in ("0.05", "0.5"):
        words = ["--amount", amount, "-n", "4", "--out", str(tmp_path / amount)]
        assert main(["vary", str(kick), *words, "--models", str(models)]) == 0
    near, far = (
        [np.std(_audio(path) - _audio(kick)) for path in sorted((tmp_path / a).iterdir())]
        for a in ("0.05", "0.5")
    )
    assert len(near) == 4
    assert 0 < max(near) < min(far)
    assert read_wav(tmp_path / "0.05" / "kick-5-v01.wav").encoding == "24"


def test_a_variation_is_recalled_and_varied_again(models, kick, tmp_path):
    source = ["--models", str(models), "--out", str(tmp_path)]
    assert main(["vary", str(kick), "-n", "1", *source]) == 0
    varied = tmp_path / "kick-5-v01.wav"
    assert main(["recall", str(varied), "--models", str(models)]) == 0
    assert main(["vary", str(varied), "-n", "1", *source]) == 0
    assert (tmp_path / "kick-5-v01-v01.wav").exists()


def test_a_seed_needs_its_label(models, kick, tmp_path, capsys):
    source = ["--models", str(models), "--out", str(tmp_path)]
    assert main(["vary", "5", *source]) == 2
    assert "say of what" in capsys.readouterr().err
    assert main(["vary", "5", "--label", "kick", "--amount", "0", "-n", "1", *source]) == 0
    # Without a step it is the sound itself, but for the file's depth.
    assert np.abs(_audio(tmp_path / "kick-5-v01.wav") - _audio(kick)).max() <= 1 / 32768


def test_a_path_leads_from_one_label_to_another(models, kick, tmp_path):
    source = ["--models", str(models), "--out", str(tmp_path)]
    assert main(["generate", "snare", "--seed", "6", "--bits", "24", *source]) == 0
    snare = tmp_path / "snare-6.wav"
    way = ["--steps", "5", "--spacing", "z"]
    assert main(["path", str(kick), str(snare), *way, *source]) == 0
    steps = sorted(tmp_path.glob("kick-5-to-snare-6-*.wav"))
    assert len(steps) == 5
    for end, file in ((0, kick), (-1, snare)):
        assert np.abs(_audio(steps[end]) - _audio(file)).max() < 1e-5
    assert read_recipe(steps[2]).class_weights == {"kick": 0.5, "snare": 0.5}


def test_a_seed_has_the_label_of_the_other_end(models, kick, tmp_path):
    source = ["--models", str(models), "--out", str(tmp_path)]
    assert main(["path", str(kick), "7", "--steps", "2", *source]) == 0
    assert read_recipe(tmp_path / "kick-5-to-kick-7-02.wav").label == "kick"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--amount", "2"], "--amount must be between 0 and 1, but is 2"),
        (["-n", "0"], "-n must be at least 1"),
    ],
)
def test_numbers_out_of_range_are_named(models, kick, tmp_path, capsys, words, message):
    source = ["--models", str(models), "--out", str(tmp_path / "out")]
    assert main(["vary", str(kick), *words, *source]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
