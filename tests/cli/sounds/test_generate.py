import subprocess
import sys
import wave

import numpy as np
import pytest

from drumsmith.cli.main import main
from drumsmith.serving.server.models.served_model import ModelConfig
from drumsmith.serving.server.options import ServerOptions
from drumsmith.serving.server.server import Server

from ...helpers.tiny_export import LENGTH, export_tiny


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generate") / "models"
    export_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def target(models):
    with Server([ModelConfig("drums", models)], ServerOptions(port=0)) as server:
        yield f"127.0.0.1:{server.port}"


def _samples(path):
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 44100)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def test_files_are_named_by_label_and_seed(models, tmp_path, capsys):
    out = tmp_path / "sounds"
    code = main(
        ["generate", "kick", "-n", "3", "--seed", "40", "--out", str(out), "--models", str(models)]
    )
    assert code == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "kick-40.wav",
        "kick-41.wav",
        "kick-42.wav",
    ]
    assert capsys.readouterr().out.splitlines()[0] == str(out / "kick-40.wav")
    assert len(_samples(out / "kick-40.wav")) == LENGTH


def test_server_and_models_give_the_same_files(models, target, tmp_path):
    for name, source in (("a", ["--models", str(models)]), ("b", ["--server", target])):
        out = ["--out", str(tmp_path / name)]
        assert main(["generate", "snare", "-n", "2", "--seed", "7", *out, *source]) == 0
    for seed in (7, 8):
        first, second = (_samples(tmp_path / f / f"snare-{seed}.wav") for f in "ab")
        assert np.abs(first.astype(int) - second).max() <= 1


def test_a_second_call_changes_nothing(models, tmp_path, capsys):
    command = ["generate", "kick", "--seed", "1", "--out", str(tmp_path), "--models", str(models)]
    assert main(command) == 0
    before = (tmp_path / "kick-1.wav").stat().st_mtime_ns
    assert main(command) == 0
    assert (tmp_path / "kick-1.wav").stat().st_mtime_ns == before
    assert "held this sound already" in capsys.readouterr().out


def test_another_file_of_that_name_is_kept_unless_told_otherwise(models, tmp_path, capsys):
    (tmp_path / "kick-1.wav").write_bytes(b"precious")
    command = ["generate", "kick", "-n", "2", "--seed", "1", "--out", str(tmp_path)]
    command += ["--models", str(models)]
    assert main(command) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["kick-1.wav"]
    assert main([*command, "--overwrite"]) == 0
    assert len(_samples(tmp_path / "kick-1.wav")) == LENGTH


@pytest.mark.parametrize("source", ["--models", "--server"])
def test_an_unknown_label_names_the_known_ones(models, target, tmp_path, capsys, source):
    where = str(models) if source == "--models" else target
    out = tmp_path / "sounds"
    assert main(["generate", "tom", "--out", str(out), source, where]) == 2
    assert capsys.readouterr().err == (
        "drumsmith: no label 'tom'; the model knows kick, snare, cymbal\n"
    )
    assert not out.exists()


def test_a_server_that_is_not_there_is_one_line(tmp_path, capsys):
    code = main(["generate", "kick", "--out", str(tmp_path), "--server", "127.0.0.1:1"])
    error = capsys.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert "no answer from 127.0.0.1:1" in error
    assert "drumsmith serve" in error


def test_models_that_are_not_there_are_one_line(tmp_path, capsys):
    assert main(["generate", "kick", "--models", str(tmp_path / "none")]) == 2
    assert "none: --models takes a folder of exported models" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["-n", "0"], ["--seed", str(2**63)], ["--seed", "-1"]])
def test_numbers_out_of_range_are_named(models, tmp_path, capsys, options):
    command = ["generate", "kick", "--out", str(tmp_path), "--models", str(models), *options]
    assert main(command) == 2
    assert options[1] in capsys.readouterr().err


def test_without_a_source_the_pretrained_model_makes_it(tmp_path, capsys):
    assert main(["generate", "kick", "--seed", "1", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'kick-1.wav'}\n"
    assert np.abs(_samples(tmp_path / "kick-1.wav")).max() > 1000


def test_two_sources_are_one_too_many(models, target):
    with pytest.raises(SystemExit) as end:
        main(["generate", "kick", "--models", str(models), "--server", target])
    assert end.value.code == 2


def test_without_tensorflow_it_says_what_to_install(models, tmp_path):
    code = (
        "import sys; sys.modules['tensorflow'] = None\n"
        "from drumsmith.cli.main import main\n"
        f"sys.exit(main(['generate', 'kick', '--models', {str(models)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr == (
        "drumsmith: this needs tensorflow, which is not installed: "
        "pip install 'drumsmith[serve]' brings it, "
        "or ask a server that has it: --server HOST:PORT\n"
    )


PROGRAM = """
import sys
from drumsmith.cli.main import main
code = main(["generate", "kick", "--seed", "1", "--out", sys.argv[1], "--server", sys.argv[2]])
print(code, sorted({"tensorflow", "keras"} & set(sys.modules)))
"""


def test_asking_a_server_loads_no_tensorflow(target, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), target], capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"


AFTER_GENERATING = """
import sys
from pathlib import Path
from drumsmith.serving.saved_model.local_model import LocalModel
LocalModel(Path(sys.argv[1])).seeded([1], [0])
print(sorted({"keras", "matplotlib", "tensorflow._api"} & set(sys.modules)))
import keras, tensorflow as tf
print(keras.layers.Dense(2)(tf.ones([1, 3])).shape, tf.keras.layers.Dense is keras.layers.Dense)
print(tf.__version__.split(".")[0], tf.executing_eagerly(), hasattr(tf, "no_such_name"))
double = tf.function(lambda x: tf.while_loop(lambda x: x < 8.0, lambda x: 2.0 * x, [x])[0])
print(float(double(tf.constant(1.0))))
"""


def test_generating_loads_little_of_tensorflow_and_leaves_it_usable(models):
    done = subprocess.run(
        [sys.executable, "-c", AFTER_GENERATING, str(models)], capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-4:] == [
        "[]",
        "(1, 2) True",
        "2 True False",
        "8.0",
    ], done.stderr


THREADS = """
import drumsmith.serving.saved_model.quick_tensorflow
import tensorflow as tf
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda name: getattr(tf, name) is not None, ["ones", "io", "nn", "data"])))
"""


def test_threads_that_ask_for_the_rest_of_tensorflow_at_once_all_get_it():
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["[True, True, True, True]"], done.stderr


def test_all_makes_every_label(models, tmp_path):
    command = ["generate", "all", "-n", "2", "--seed", "5", "--out", str(tmp_path)]
    assert main([*command, "--models", str(models)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{label}-{seed}.wav" for label in ("kick", "snare", "cymbal") for seed in (5, 6)
    }


def test_capitals_do_not_matter_and_a_slip_is_answered_with_the_likely_label(
    models, tmp_path, capsys
):
    source = ["--out", str(tmp_path), "--models", str(models)]
    assert main(["generate", "Kick", "--seed", "1", *source]) == 0
    assert (tmp_path / "kick-1.wav").exists()
    assert main(["generate", "kik", *source]) == 2
    assert capsys.readouterr().err == "drumsmith: no label 'kik': did you mean kick?\n"


def test_a_file_in_the_place_of_the_folder_is_named(models, tmp_path, capsys):
    (tmp_path / "sounds").write_text("mine")
    command = ["generate", "kick", "--models", str(models), "--out", str(tmp_path / "sounds" / "a")]
    assert main(command) == 2
    assert capsys.readouterr().err == (
        f"drumsmith: {tmp_path / 'sounds'} is a file: --out takes a folder\n"
    )


def test_sounds_are_written_as_they_come(models, tmp_path):
    # The 40th name is taken, so that the call fails there.
    (tmp_path / "kick-39.wav").write_bytes(b"precious")
    command = ["generate", "kick", "-n", "70", "--seed", "0", "--out", str(tmp_path)]
    assert main([*command, "--models", str(models)]) == 2
    assert len(list(tmp_path.glob("kick-*.wav"))) == 40
