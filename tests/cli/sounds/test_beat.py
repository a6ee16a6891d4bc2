import numpy as np
import pytest

from drumsmith.cli.main import main
from drumsmith.common.sounds.wav import read_wav

from ...helpers.tiny_export import export_tiny


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beat") / "models"
    export_tiny(folder)
    return ["--models", str(folder)]


def test_a_pattern_is_played_without_a_kit(source, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("kick: x.x.\nhat: xxxx\n")
    out = tmp_path / "mine.wav"
    words = ["beat", str(tmp_path / "mine.txt"), str(out), "--tempo", "150", "--loop"]
    assert main([*words, *source]) == 0
    assert "12 hits, 0.80 s" in capsys.readouterr().out
    audio = read_wav(out).audio[:, 0]
    assert len(audio) == round(0.8 * 44100)
    # Two hits of one velocity differ: another turn.
    first, second = (audio[round(at * 44100) :][:256] for at in (0.1, 0.3))
    assert np.abs(first - second).max() > 1e-3
    assert main([*words, *source]) == 2
    assert "is there" in capsys.readouterr().err


def test_a_kit_needs_no_model(source, tmp_path):
    small = ["--round-robins", "1", "--velocities", "1"]
    assert main(["kit", str(tmp_path / "kit"), *small, *source]) == 0
    words = ["beat", "rock", str(tmp_path / "rock.wav"), "--kit", str(tmp_path / "kit")]
    assert main([*words, "--models", str(tmp_path / "none")]) == 0


def test_a_beat_that_is_not_there_is_one_line(source, tmp_path, capsys):
    assert main(["beat", "rok", str(tmp_path / "a.wav"), *source]) == 2
    assert "rock, house, hiphop" in capsys.readouterr().err
    assert main(["beat", "a.mid", str(tmp_path / "a.wav"), *source]) == 2
    assert "no file a.mid" in capsys.readouterr().err
